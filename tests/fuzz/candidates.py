"""Schema files to be tried, with form values to try on what is made of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from tests.fuzz.schemas import mutated, sound
from tests.fuzz.texts import is_hostile, texts_in
from tests.fuzz.values import values_of
from tests.fuzz.yaml_text import yaml_texts

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A schema file, and values to try on its request class."""

    text: str
    stem: str
    values: tuple[dict[str, Any], ...] = ()
    hostile: bool = False


@st.composite
def candidates(draw: st.DrawFn) -> Candidate:
    """Schemas of which a good part is accepted."""
    if draw(st.integers(0, 2)) == 0:
        schema, values = draw(mutated()), []
    else:
        schema = draw(sound())
        values = [draw(values_of(schema["fields"])) for _ in range(2)]
    model = schema.get("model")
    stem = model if isinstance(model, str) and _FILE_NAME.fullmatch(model) else "schema"
    hostile = any(isinstance(text, str) and is_hostile(text) for text in texts_in(schema))
    return Candidate(draw(yaml_texts(schema)), stem, tuple(values), hostile)


def pinned(text: str, *values: dict[str, Any]) -> Candidate:
    """A candidate that was found; its model id is ``pinned``."""
    return Candidate(text, "pinned", values)
