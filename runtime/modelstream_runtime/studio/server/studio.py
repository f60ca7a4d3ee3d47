"""What a studio is made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modelstream_runtime.catalog import Catalog

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
        has_key: whether there is a key for the real gateway.
        folder: where new videos go; by default the folder for all videos of this user.
        home: the folder of the journal, by default that of this user.
    """

    catalog: Catalog
    client: AsyncClient
    address: str
    mock: bool = False
    has_key: bool = True
    folder: Path | None = None
    home: Path | None = None
