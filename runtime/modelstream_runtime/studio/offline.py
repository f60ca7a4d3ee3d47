"""The judge in a browser: what the worker of an exported page calls. Every answer is JSON."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.studio.preview import preview
from modelstream_runtime.studio.switching import switched
from modelstream_runtime.studio.uploads import Uploads


class Offline:
    """A catalog, and the files that a person picked.

    Args:
        package: the generated package with the catalog.
    """

    def __init__(self, package: str) -> None:
        self._catalog: Catalog = import_module(f"{package}.catalog").CATALOG
        self._uploads = Uploads()

    def preview(self, text: str, whole: bool) -> str:
        """As the server answers ``/api/preview``."""
        return json.dumps(preview(self._catalog, text, self._uploads, whole=whole).as_json())

    def switched(self, text: str, model: str) -> str:
        """As the server answers ``/api/switch``."""
        return json.dumps(switched(self._catalog, text, model, self._uploads).as_json())

    def add(self, name: str, content: Any) -> str:
        """Keep a file, and return its placeholder. ``content`` is a buffer of JavaScript."""
        return self._uploads.add(name, content.to_bytes())
