"""Conditions, limits and rules in the words of a page."""

from __future__ import annotations

import json
from typing import Any

from generator.emit.pages.markdown import code, text
from generator.emit.wording import Wording


def value_in_words(value: Any) -> str:
    """A value as code: a text as it is, anything else as in JSON."""
    return code(value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False))


WORDING = Wording(name=code, value=value_in_words, text=text)
