"""What a schema says about its model as a whole."""

from __future__ import annotations

from typing import Literal

from generator.emit.json_schema.values import DRAFT, Schema, given
from generator.ir import Model


def about_model(model: Model, kind: Literal["form", "wire"]) -> Schema:
    """The keywords at the top of a model's schema."""
    return given(
        **{
            "$schema": DRAFT,
            "$id": f"urn:modelstream:{kind}:{model.name}",
            "title": model.title,
            "description": model.summary,
            "x-model": model.id,
            "x-class": model.class_name,
            "x-vendor": model.vendor,
            "x-source": {"page": model.page, "checked": model.checked},
        }
    )
