# Made from the schemas and templates/modelstream/models/__init__.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""The request classes: one module per model, imported when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modelstream.request import Request

_CLASSES: dict[str, tuple[str, str]] = {
    "kling-v3": ("kling_v3", "KlingV3"),
    "viduq2-pro-fast": ("viduq2_pro_fast", "ViduQ2ProFast"),
    "wan2.6-i2v-flash": ("wan2_6_i2v_flash", "Wan26I2VFlash"),
    "wan2.7-r2v": ("wan2_7_r2v", "Wan27R2V"),
}
"""Model id to module and class."""

_GENERIC = "generic"


class Models(Mapping[str, "type[Request]"]):
    """Model id to request class. A class is imported when it is looked up."""

    def __getitem__(self, model: str) -> type[Request]:
        module, name = _CLASSES[model]
        found: type[Request] = getattr(import_module(f"modelstream.models.{module}"), name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(_CLASSES)

    def __len__(self) -> int:
        return len(_CLASSES)

    def __contains__(self, model: object) -> bool:
        return model in _CLASSES

    def __repr__(self) -> str:
        return f"<Models: {', '.join(_CLASSES)}>"


MODELS = Models()
"""All models that have a request class of their own, by id."""


def module_of(model: str) -> str:
    """The module with a model's request class; ``generic`` is the one of the request that takes any id.

    Raises:
        KeyError: there is none.
    """
    return _GENERIC if model == "generic" else _CLASSES[model][0]


def request_for(model: str, /, **values: Any) -> Request:
    """A request for a model by its id.

    Args:
        model: the id, as the gateway lists it.
        values: the fields of the model's request class.

    Returns:
        A request of the model's class; for an id that has none, a `VideoRequest`.

    Raises:
        InvalidRequest: some values break the model's documented limits, or a field is unknown.
    """
    if model in _CLASSES:
        return MODELS[model](**values)
    from modelstream.models.generic import VideoRequest

    return VideoRequest(model=model, **values)
