"""``only``: a model that fetches every file itself takes URLs only, and one that fetches none takes no URL."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from modelstream import InvalidRequest
from tests.language.conftest import Make
from tests.support.made_up import MadeUp, reported

URL = "https://example.com/a.png"
PNG = b"\x89PNG\r\n\x1a\n"
BARE = base64.b64encode(PNG).decode()
DATA_URI = f"data:image/png;base64,{BARE}"

SCHEMA = """
fields:
  address: {type: image, only: url, target: address, doc: A picture.}
  inline: {type: image, only: data_uri, target: meta.inline, doc: A picture.}
  bare: {type: image, only: base64, formats: [png], target: 'meta.bare[]', many: {max: 2}, doc: Pictures.}
"""


@pytest.fixture(scope="module")
def ways(make: Make) -> MadeUp:
    return make(SCHEMA)


@pytest.mark.parametrize(
    ("field", "value", "accepted"),
    [
        ("address", URL, True),
        ("address", DATA_URI, False),
        ("address", BARE, False),
        ("inline", URL, False),
        ("inline", DATA_URI, True),
        ("inline", BARE, False),
        ("bare", URL, False),
        ("bare", [BARE, URL], False),
        ("bare", BARE, True),
    ],
)
def test_every_surface_takes_the_one_way_only(ways: MadeUp, field: str, value: object, accepted: bool) -> None:
    verdicts = ways.accepted({field: value})
    assert verdicts == dict.fromkeys(verdicts, accepted)


@pytest.mark.parametrize("value", [PNG, Path("picture.png"), DATA_URI])
def test_a_file_is_refused_before_it_is_read_where_only_a_url_can_go(ways: MadeUp, value: object) -> None:
    message = "the model takes a URL only, because it fetches the file itself; upload the file, and pass the address"
    assert ways.problems({"address": value}) == [("address", message)]


def test_a_url_is_never_sent_as_if_it_were_the_picture(ways: MadeUp) -> None:
    message = f"{URL!r} is a URL, which the model does not fetch; download the file, and pass it"
    assert ways.problems({"bare": URL}) == [("bare[0]", message)]
    with pytest.raises(InvalidRequest, match="which the model does not fetch"):
        ways.cls.from_payload({"model": "made-up", "meta": {"bare": [URL]}})
    [(field, told)] = ways.told({"model": "made-up", "meta": {"bare": [URL]}})
    assert (field, told) == ("bare", f"{URL!r} is not Base64 without a data URI's head")


def test_a_file_travels_in_the_only_encoding(ways: MadeUp) -> None:
    body = ways.request({"inline": PNG, "bare": [PNG, DATA_URI]}).to_payload()
    assert body == {"model": "made-up", "meta": {"inline": DATA_URI, "bare": [BARE, BARE]}}


def test_people_are_told_of_the_only_way(ways: MadeUp) -> None:
    fields = ways.cls.model_fields
    assert fields["address"].description == "A picture. Only as a URL."
    assert fields["inline"].description == "A picture. Not as a URL. The client sends a local file as a data URI."
    assert "| `bare` | image or list of them | at most 2 items; PNG; not as a URL |" in ways.page
    shown = ways.run("generate", "made-up", "--help")
    assert "--address URL" in shown
    assert "--inline FILE " in shown
    assert "only as a URL" in shown
    assert "not as a URL" in ways.run("models", "made-up")


def test_the_encoding_is_said_once(tmp_path: Path) -> None:
    field = "{type: image, only: url, encoding: base64, target: a, doc: A picture.}"
    assert reported(tmp_path, f"fields:\n  a: {field}\n") == [
        "2: bad-value: only: url says how a file travels; remove the encoding"
    ]
