"""Checking submissions."""

from __future__ import annotations

from functools import cache

from modelstream_runtime._text import did_you_mean
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.mock.bodies import read_json
from modelstream_runtime.mock.checking import checker_of, in_one_text
from modelstream_runtime.mock.exchange import Exchange, reject
from modelstream_runtime.mock.order import Order, read_order


def check(exchange: Exchange, catalog: Catalog, *, any_model: bool) -> tuple[str, Order]:
    """Check a submission and record in the exchange what it says.

    Args:
        any_model: accept model ids without a schema, too.

    Returns:
        The model id and what the submission asks for.

    Raises:
        Rejected: the gateway does not accept the body.
    """
    exchange.body = body = read_json(exchange.request)
    model = body.get("model") if isinstance(body, dict) else None
    if isinstance(body, dict) and model in (None, ""):
        reject("model_missing")
    exchange.model = model = model if isinstance(model, str) else None
    served = {*catalog.models, *_documented_without_schema(catalog)}
    if model is not None and model not in served and not any_model:
        model = model[:100]
        hint = did_you_mean(model, served) or f"; this mock serves {', '.join(sorted(served))}"
        reject("channel", f"no channel serves the model {model!r}{hint}", "model")
    checker = checker_of(catalog, model if model is not None and model in catalog.models else "generic")
    problems = checker.problems(body, lenient=exchange.choice.scenario.lenient)
    if problems:
        exchange.problems = tuple(map(str, problems))
        reject("parameter", in_one_text(problems), problems[0].path)
    return body["model"], read_order(checker.schema, body)


@cache
def _documented_without_schema(catalog: Catalog) -> frozenset[str]:
    """Model ids of the documentation that have no schema of their own."""
    if catalog.generic is None:
        return frozenset()
    return frozenset(example["model"] for example in catalog.schemas.form("generic").get("examples", ()))
