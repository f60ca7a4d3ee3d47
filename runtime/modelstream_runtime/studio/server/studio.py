"""What a studio is made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.purchases.place import Place

if TYPE_CHECKING:
    from modelstream_runtime._async.client import AsyncClient


@dataclass(frozen=True, kw_only=True)
class Studio:
    """What to serve.

    Attributes:
        catalog: the models.
        client: buys, waits and saves.
        address: of the gateway.
        mock: whether the gateway is a mock in this process, which costs nothing and forgets its tasks at the end.
        place: where the journal is.
        videos: where new videos go; by default the folder beside the journal.
    """

    catalog: Catalog
    client: AsyncClient
    address: str
    place: Place
    mock: bool = False
    videos: Path | None = None

    @property
    def folder(self) -> Path:
        """Where new videos go."""
        return self.videos or self.place.videos
