"""One good value for every kind of field, and the schemas themselves."""

from __future__ import annotations

import base64
import json
from typing import Any

from generator.ir import Choice, Field, Media, Model, Number, ObjectList, Switch, Text
from tests.support.golden import package

UNKNOWN_MODEL = "brand-new-model"
"""An id without a schema."""

URL = "https://example.com/a"

CONTENT = {
    "jpeg": b"\xff\xd8\xff\xe0",
    "png": b"\x89PNG\r\n\x1a\n",
    "gif": b"GIF89a",
    "bmp": b"BM",
    "webp": b"RIFF\0\0\0\0WEBP",
    "mp4": b"\0\0\0\x18ftypmp42",
    "mov": b"\0\0\0\x14ftypqt  ",
    "webm": b"\x1aE\xdf\xa3",
    "wav": b"RIFF\0\0\0\0WAVE",
    "mp3": b"ID3\x04",
}
"""Format to the first bytes of a file."""

KINDS = {"image": "png", "audio": "wav", "video": "mp4"}
"""Kind of media to a format of it that every model takes."""


def models() -> tuple[Model, ...]:
    """The models and the generic request."""
    return package().all_models


class Same:
    """A model as a key: two are the same if they are one object."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.model is self.model

    def __hash__(self) -> int:
        return id(self.model)


def options_of(model: Model) -> tuple[str | int, ...]:
    """The options of all choices of a model."""
    choices = (field for field in model.fields if isinstance(field, Choice))
    return tuple(dict.fromkeys(option.value for field in choices for option in field.options))


def sample(field: Field) -> Any:
    """A good value."""
    match field:
        case Text(name="model"):
            return UNKNOWN_MODEL
        case Text(min_length=least, is_json=True):
            return json_of(max(least or 1, 1))
        case Text(min_length=least):
            return "a" * max(least or 1, 1)
        case Number(default=default, minimum=low, maximum=high):
            return next((value for value in (default, low) if value is not None), _without_minimum(high, field.step))
        case Switch():
            return True
        case Choice(options=options):
            return options[0].value
        case Media():
            return media(field)
        case ObjectList(many=many):
            return [item(field)] * max(many.minimum or 1, 1)
        case _:
            return {"a": 1}


def _without_minimum(high: float | None, step: float | None) -> float:
    """A number that is not too large. Its steps are counted from 0."""
    if not step:
        return 1 if high is None else high
    return 0 if high is None else min(0, high // step * step)


def is_json(value: Any) -> bool:
    """Whether a value can stand in a JSON text: not NaN, and not infinite."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


def json_of(length: int, character: str = "a") -> str:
    """JSON of so many characters; nothing is none."""
    return f'"{character * (length - 2)}"' if length > 1 else "1" * length


def media(field: Media) -> Any:
    """The address of a picture, sound or video; the fewest that will do."""
    least = (field.many.minimum if field.many else None) or 1
    one = medium(field)
    return one if least == 1 else [one] * least


def medium(field: Media) -> str:
    """One picture, sound or video: an address, unless the field takes none."""
    form = field.formats[0] if field.formats else KINDS[field.kind]
    return data_uri(field.kind, form) if field.only == "inline" else URL


def item(field: ObjectList) -> dict[str, Any]:
    """A good item, with what it must have."""
    return {inner.name: sample(inner) for inner in field.fields if inner.required}


def data_uri(kind: str, form: str) -> str:
    """A data URI that holds the beginning of a file."""
    return f"data:{kind}/{form};base64,{base64.b64encode(CONTENT[form]).decode()}"
