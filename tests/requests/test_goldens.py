"""A request prints the curl text of its golden byte for byte, and the body of a golden gives its form values back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from modelstream import MODELS, Request
from tests.support.golden import SCHEMAS, Golden, documented, goldens, model_of

# A complete form has fields, left as the page has them, that other fields make the model ignore.
pytestmark = pytest.mark.filterwarnings("ignore::modelstream.ModelStreamWarning")

every_golden = pytest.mark.parametrize("golden", goldens(), ids=str)


@every_golden
def test_values_give_the_curl_text(golden: Golden) -> None:
    assert golden.cls(**golden.values).to_curl() == golden.to_curl


@every_golden
def test_only_what_is_no_default_gives_the_curl_text(golden: Golden) -> None:
    fields = golden.cls.model_fields
    minimal = {name: value for name, value in golden.values.items() if not same(value, fields[name].default)}
    assert golden.cls(**minimal).to_curl() == golden.to_curl


def same(value: Any, default: Any) -> bool:
    """Equal, and of one type: 1 is not True."""
    return type(value) is type(default) and bool(value == default)


@every_golden
def test_the_body_gives_the_values_back(golden: Golden) -> None:
    request = golden.cls.from_payload(golden.body)
    absent = [name for name in golden.cls.model_fields if getattr(request, name) is None]
    assert sorted([*golden.values, *absent]) == sorted(golden.cls.model_fields)
    assert request == golden.cls(**golden.values | dict.fromkeys(absent))
    assert request.to_curl() == golden.to_curl


@every_golden
def test_the_example_of_that_name_gives_the_body(golden: Golden) -> None:
    examples = {example.name: example.values for example in model_of(golden).examples}
    assert (golden.name == "documented") <= (golden.name in examples)
    for values in [examples[golden.name]] if golden.name in examples else []:
        assert golden.cls(**values).to_payload() == golden.body


@pytest.mark.parametrize("golden", documented(), ids=str)
def test_a_page_that_escapes_only_what_it_has_to_is_printed_as_it_stands(golden: Golden) -> None:
    bare = re.search(r"\w'\w", golden.curl.replace("'\\''", ""))
    assert golden.to_curl == golden.curl or "\\u" in golden.curl or bare


def test_every_schema_has_a_documented_golden() -> None:
    assert [golden.model for golden in documented()] == [path.stem for path in SCHEMAS]
    assert {golden.model for golden in goldens()} == {path.stem for path in SCHEMAS}


def test_every_model_has_a_golden() -> None:
    assert {golden.model for golden in goldens()} == {*MODELS, "generic"}


@every_golden
def test_every_place_of_the_body_belongs_to_a_field_or_a_constant(golden: Golden) -> None:
    model = model_of(golden)
    targets = [target for field in model.fields for target in (field.target, *field.also)]
    places = {str(target).partition("[")[0] for target in (*targets, *(each.target for each in model.constants))}
    if golden.model != "generic":
        assert golden.body["model"] == golden.model
        places.add("model")
    assert set(leaves(golden.body, places)) <= places


def leaves(node: Any, places: set[str], path: str = "") -> Iterator[str]:
    """The paths of everything in the body that is no object around other fields."""
    if isinstance(node, dict) and path not in places:
        for key, value in node.items():
            yield from leaves(value, places, f"{path}.{key}" if path else key)
    else:
        yield path


@pytest.mark.parametrize("golden", documented(), ids=str)
def test_a_documented_value_is_sent_as_it_stands(golden: Golden) -> None:
    """5 and 5.0 are equal to Python, and the gateway makes another video of each."""
    assert repr(golden.cls(**golden.values).to_payload()) == repr(golden.body)


@every_golden
def test_the_key_and_the_gateway_can_be_others(golden: Golden) -> None:
    request: Request = golden.cls.from_payload(golden.body)
    curl = request.to_curl("sk-1", base_url="http://localhost:8080/")
    expected = golden.to_curl.replace("https://api.modelstream.ai/", "http://localhost:8080/", 1)
    assert curl == expected.replace("<token>", "sk-1", 1)
