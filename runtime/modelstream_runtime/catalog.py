"""What a generated package passes to the runtime: its gateway, its models, their schemas, and the generated classes.

Names have the form ``module:name``. The catalog imports what they name when it is first used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modelstream_runtime.blocking import BlockingClient
    from modelstream_runtime.gateway import Gateway
    from modelstream_runtime.request import Request
    from modelstream_runtime.schemas import Schemas


class Models(Mapping[str, "type[Request]"]):
    """Model id to request class. Looking up a class imports it."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = places

    def __getitem__(self, model: str) -> type[Request]:
        found: type[Request] = _load(self._places[model])
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, model: object) -> bool:
        return model in self._places

    def __repr__(self) -> str:
        return f"<Models: {', '.join(self._places)}>"


class Catalog:
    """A gateway and its models.

    Args:
        package: import name of the generated package, which users see in messages.
        gateway: the facts about the gateway.
        models: model id to request class.
        generic: the request class that accepts any model id, if there is one.
        schemas: the package that contains the JSON files.
        client: the class of the synchronous client.
        async_client: the class of the asynchronous client.
        mock: the class of the mock gateway.

    Attributes:
        package: import name of the generated package.
        gateway: the facts about the gateway.
        models: model id to request class. Looking up a class imports it.
    """

    def __init__(
        self,
        *,
        package: str,
        gateway: Gateway,
        models: Mapping[str, str],
        generic: str | None,
        schemas: str,
        client: str,
        async_client: str,
        mock: str,
    ) -> None:
        self.package = package
        self.gateway = gateway
        self.models = Models(models)
        self._models = models
        self._generic = generic
        self._schemas = schemas
        self._client = client
        self._async_client = async_client
        self._mock = mock

    def __repr__(self) -> str:
        return f"<Catalog of {self.package}: {self.gateway.title}, {len(self.models)} models>"

    @property
    def generic(self) -> type[Request] | None:
        """The request class that accepts any model id, if there is one."""
        return None if self._generic is None else _load(self._generic)

    @property
    def schemas(self) -> Schemas:
        """The JSON Schemas of the models and the OpenAPI document of the gateway."""
        from modelstream_runtime.schemas import Schemas

        places = dict(self._models) | ({"generic": self._generic} if self._generic else {})
        return Schemas(self._schemas, {model: _stem(place) for model, place in places.items()})

    @property
    def client(self) -> Callable[..., BlockingClient]:
        """The class of the synchronous client."""
        found: Callable[..., BlockingClient] = _load(self._client)
        return found

    @property
    def async_client(self) -> type[Any]:
        """The class of the asynchronous client, an `AsyncClient`, whose module imports this one."""
        found: type[Any] = _load(self._async_client)
        return found

    @property
    def mock(self) -> type[Any]:
        """The class of the mock gateway, a `MockGateway`. It needs the extra ``mock``."""
        found: type[Any] = _load(self._mock)
        return found

    def request_class(self, model: str) -> type[Request]:
        """The request class for a model id: the class of the model, or else the generic one.

        Raises:
            InvalidRequest: there is no class for the model, and no generic one.
        """
        if model in self.models:
            return self.models[model]
        if self.generic is not None:
            return self.generic
        from modelstream_runtime.errors import InvalidRequest, Problem

        raise InvalidRequest(str(model), [Problem("model", self.no_such_model(model), value=model)])

    def no_such_model(self, model: object) -> str:
        """Why something is not the id of a model here, and which id it probably misspells."""
        from modelstream_runtime._text import shown

        similar = self.similar_model(model) if isinstance(model, str) else None
        hint = f"; did you mean {similar!r}?" if similar else ""
        return f"{shown(model)} is not one of {', '.join(self.models)}{hint}"

    def similar_model(self, model: str) -> str | None:
        """The known id that an unknown one probably misspells, if there is one."""
        from modelstream_runtime.model_ids import similar_id

        return None if model in self.models else similar_id(model, tuple(self.models))

    def request_for(self, model: str, /, **values: Any) -> Request:
        """Make a request for a model by its id.

        Args:
            model: the id of the model, as the gateway lists it.
            values: the fields of the model's request class.

        Returns:
            An instance of the model's request class, or of the generic one if the model has none.

        Raises:
            InvalidRequest: some values break the model's documented limits, or a field is unknown.
        """
        cls = self.request_class(model)
        return cls(**values) if model in self.models else cls(model=model, **values)


def _load(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def _stem(place: str) -> str:
    """The last part of the module's name, after which the files of a model are named."""
    return place.partition(":")[0].rpartition(".")[2]
