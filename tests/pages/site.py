"""Pages in the layout of the documentation site, and what the import makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from generator.draft.schema import draft_schema
from generator.draft.writing import write_draft
from generator.load import load_bytes
from generator.saved_page.facts import Page
from generator.saved_page.layout import read_page
from generator.saved_page.text import read_text

FIVE = Path(__file__).parent / "five"
"""Pages of made-up models in the layouts of real ones, each with the schema that a person would write from it."""


def page_text(
    form: str,
    body: dict[str, Any],
    *,
    model: str = "demo-1",
    title: str = "Demo 1",
    summary: str = "A model for tests, developed by Northlight.",
    before: str = "",
) -> str:
    """A page with that form and that documented request."""
    sent = json.dumps({"model": model, **body}, indent=2, ensure_ascii=False).replace("'", "'\\''")
    return f"""\
Site Logo
Menu

Video API

  • Some Model 2.0

API Documentation

Loading models...
D
{title} ({model})
{model}0 models support this endpoint

{summary}

Generate video

https://api.example.com
POST/v1/video/generations

Authentication

BearerAuth

Request Body

application/json

These parameters come from the selected model form_schema.

{before}{form.strip()}

Response Parameters

application/json
200
task_id?string

Description of Task Id

curl -X POST "https://api.example.com/v1/video/generations" \\
  -H "Authorization: Bearer <token>" \\
  -H "Content-Type: application/json" \\
  -d '{sent}'
{{
  "task_id": "abcd"
}}
"""


def read(text: str | bytes, name: str = "page.txt") -> Page:
    """The facts of a page."""
    return read_page(read_text(text.encode() if isinstance(text, str) else text, name))


def drafted(text: str | bytes, name: str = "page.txt") -> str:
    """The draft as YAML."""
    return write_draft(draft_schema(read(text, name), "2026-11-21"))


def draft_of(text: str | bytes, name: str = "page.txt") -> dict[str, Any]:
    """The draft as data."""
    document = load_bytes(drafted(text, name).encode(), "draft.yaml")
    assert not document.problems
    data: dict[str, Any] = document.data
    return data
