"""A media field takes a URL, a data URI or a file in any form, checks the file before anything is sent, and sends it
the way its model reads it."""

from __future__ import annotations

import base64
import gc
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, BinaryIO, NamedTuple

import pytest
from pydantic import TypeAdapter, ValidationError

from modelstream import InvalidRequest, KlingV3, Request, VideoRequest, ViduQ2ProFast, Wan26I2VFlash, Wan27R2V
from modelstream_runtime.media import Accepts

MB = 1024 * 1024
URL = "https://example.com/a.png"

CONTENTS = {
    "jpeg": b"\xff\xd8\xff\xe0\x00\x10JFIF",
    "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "bmp": b"BM\x46\x00\x00\x00",
    "webp": b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "gif": b"GIF89a\x01\x00\x01\x00",
    "mp4": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00",
    "mov": b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00",
    "webm": b"\x1aE\xdf\xa3\x9fB\x86\x81",
    "wav": b"RIFF\x24\x00\x00\x00WAVEfmt ",
    "mp3": b"ID3\x04\x00\x00\x00\x00\x00\x00",
}
VARIANTS = {
    "gif": b"GIF87a\x01\x00\x01\x00",
    "mp4": b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00",
    "mov": b"\x00\x00\x00\x08wide\x00\x00\x00\x00mdat",
    "mp3": b"\xff\xfb\x90\x64\x00\x00\x00\x00",
}
OTHERS = {
    "a text": b"not a picture at all",
    "an AVIF picture": b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00",
    "a HEIC picture": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
    "an AVI video": b"RIFF\x24\x00\x00\x00AVI LIST",
    "an AAC sound": b"\xff\xf1\x50\x80\x00\x1f\xfc\x00",
    "one byte": b"\xff",
}
MIME_TYPES = {
    "jpeg": "image/jpeg", "png": "image/png", "bmp": "image/bmp", "webp": "image/webp", "gif": "image/gif",
    "mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm", "wav": "audio/wav", "mp3": "audio/mpeg",
}  # fmt: skip
PNG = CONTENTS["png"]


class Place(NamedTuple):
    """A media field, by the pages."""

    cls: type[Request]
    field: str
    others: dict[str, Any]
    formats: set[str]
    megabytes: int | None
    bare: bool = False
    """Whether a file travels as Base64 without the head of a data URI."""

    def __str__(self) -> str:
        return f"{self.cls.__name__}-{self.field}"

    def sent(self, value: Any) -> Any:
        """What the field makes of the value."""
        return getattr(self.cls(**self.others | {self.field: value}), self.field)

    def problem(self, value: Any) -> str:
        """Why the field does not take the value."""
        with pytest.raises(InvalidRequest) as refused:
            self.sent(value)
        assert [problem.field.partition("[")[0] for problem in refused.value.problems] == [self.field]
        return refused.value.problems[0].message

    def encoded(self, content: bytes, kind: str) -> str:
        text = base64.b64encode(content).decode()
        return text if self.bare else f"data:{MIME_TYPES[kind]};base64,{text}"

    def taken(self, text: str) -> Any:
        """How the request keeps a single value."""
        return (text,) if self.field in ("reference_images", "reference_image", "reference_video") else text


P: dict[str, Any] = {"prompt": "p"}
IMAGES = {"jpeg", "png", "bmp", "webp"}
PLACES = [
    Place(KlingV3, "image", P, {"jpeg", "png"}, 10, bare=True),
    Place(KlingV3, "image_tail", P | {"image": URL}, {"jpeg", "png"}, 10, bare=True),
    Place(KlingV3, "reference_images", P, {"jpeg", "png"}, 10, bare=True),
    Place(ViduQ2ProFast, "image", P, {"jpeg", "png", "webp"}, 50),
    Place(Wan26I2VFlash, "img_url", P, IMAGES, 20),
    Place(Wan26I2VFlash, "audio_url", P | {"img_url": URL}, {"wav", "mp3"}, 15),
    Place(Wan27R2V, "reference_image", P, IMAGES, 20),
    Place(Wan27R2V, "reference_video", P | {"reference_image": URL}, {"mp4", "mov"}, 100),
    Place(Wan27R2V, "first_frame", P | {"reference_image": URL}, {*IMAGES, "gif"}, None),
    Place(Wan27R2V, "reference_voice", P | {"reference_image": URL}, {"wav", "mp3"}, 15),
    Place(VideoRequest, "image", P | {"model": "m"}, {*IMAGES, "gif"}, None),
]
KLING, VIDU, FRAME, GENERIC = PLACES[0], PLACES[3], PLACES[8], PLACES[10]
every_place = pytest.mark.parametrize("place", PLACES, ids=str)
checked_place = pytest.mark.parametrize("place", [place for place in PLACES if place is not GENERIC], ids=str)


@every_place
@pytest.mark.parametrize("kind", CONTENTS)
def test_the_content_decides_the_format(place: Place, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "misleading.txt"
    for content in (CONTENTS[kind], VARIANTS.get(kind, CONTENTS[kind])):
        path.write_bytes(content)
        if kind in place.formats:
            assert place.sent(path) == place.taken(place.encoded(content, kind))
        else:
            message = place.problem(path)
            assert message.startswith(f"{str(path)!r} is {kind}, not ")
            assert set(message.partition(", not ")[2].split(" or ")) == place.formats


@every_place
@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS)
def test_unknown_formats_are_refused(place: Place, content: bytes) -> None:
    assert place.problem(content).startswith("the data has an unknown format, not ")


class Entry(os.PathLike[str]):
    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)


class BytesEntry(os.PathLike[bytes]):
    def __init__(self, path: Path) -> None:
        self.path = path

    def __fspath__(self) -> bytes:
        return os.fsencode(self.path)


class Dripping(io.RawIOBase):
    """A stream that gives a byte at a time, as a pipe or a socket may."""

    def __init__(self, content: bytes) -> None:
        self.content = io.BytesIO(content)
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        byte = self.content.read(1)
        buffer[: len(byte)] = byte
        self.given += len(byte)
        return len(byte)


WAYS: dict[str, Callable[[Path], Any]] = {
    "path": lambda path: path,
    "path-like": Entry,
    "path-like of bytes": BytesEntry,
    "bytes": lambda path: path.read_bytes(),
    "bytearray": lambda path: bytearray(path.read_bytes()),
    "memoryview": lambda path: memoryview(path.read_bytes()),
    "BytesIO": lambda path: io.BytesIO(path.read_bytes()),
    "dripping stream": lambda path: Dripping(path.read_bytes()),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_file_can_be_given_in_many_ways(way: str, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG + bytes(100))
    encoded = base64.b64encode(PNG + bytes(100)).decode()
    assert KLING.sent(WAYS[way](path)) == encoded
    assert VIDU.sent(WAYS[way](path)) == f"data:image/png;base64,{encoded}"
    assert GENERIC.sent(WAYS[way](path)) == f"data:image/png;base64,{encoded}"
    assert FRAME.sent(WAYS[way](path)) == f"data:image/png;base64,{encoded}"


@pytest.mark.parametrize("buffering", [-1, 0])
def test_an_open_file_is_read_from_where_it_is_and_stays_open(tmp_path: Path, buffering: int) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"a head" + PNG)
    with path.open("rb", buffering=buffering) as file:
        file.seek(6)
        assert KLING.sent(file) == base64.b64encode(PNG).decode()
        assert not file.closed
        assert KLING.problem(file) == "the file is empty"


@pytest.mark.parametrize("url", ["https://example.com/a.png", "http://localhost:8000/a?b=c#d", "HTTPS://EXAMPLE.COM/A",
                                 "https://例え.jp/猫.png", "https://user:pw@example.com/a'b\"c"])  # fmt: skip
@every_place
def test_a_url_is_sent_as_it_is(place: Place, url: str) -> None:
    assert place.sent(url) == place.taken(url)


@pytest.mark.parametrize("text", ["hero.png", "/home/hero.png", "C:\\hero.png", "hero", "ftp://example.com/a", "https://",
                                  "https:///a", "https://example.com/a b", "https://example.com/a\n", " https://a.b/c",
                                  "file:///tmp/a.png", "oss://bucket/a.png", "{0}"])  # fmt: skip
@checked_place
def test_other_texts_are_refused(place: Place, text: str) -> None:
    message = place.problem(text)
    assert message.startswith(f"{text!r} is not an http(s) URL")
    assert message.endswith("; for a local file, pass pathlib.Path(...)")


def test_long_texts_are_shortened_in_the_message() -> None:
    assert len(KLING.problem("x" * 100_000)) < 200


@pytest.mark.parametrize("text", ["hero.png", "iVBOR", "oss://bucket/a.png", "data:image/heic;base64,AAAA", "{0}"])
def test_the_generic_request_sends_any_text(text: str) -> None:
    assert GENERIC.sent(text) == text


@every_place
def test_an_empty_text_is_refused(place: Place) -> None:
    place.problem("")


# Data URIs and Base64.


@checked_place
def test_a_data_uri_is_checked_and_sent_as_the_model_reads_it(place: Place) -> None:
    for kind, content in CONTENTS.items():
        text = base64.b64encode(content).decode()
        for uri in (f"data:{MIME_TYPES[kind]};base64,{text}", f"DATA:{MIME_TYPES[kind]};name=a.png;base64,{text}"):
            if kind in place.formats:
                assert place.sent(uri) == place.taken(text if place.bare else uri)
            else:
                assert place.problem(uri).startswith(f"the data URI is {kind}, not ")


@pytest.mark.parametrize(
    "content", ["", "iVBOR", "iVBORw0KGgo", "iVBO Rw0K", "iVBORw0KGgo=\n", "_-__", "%89PNG", "=AAA"]
)
def test_a_broken_data_uri_is_refused(content: str) -> None:
    for place in (KLING, VIDU):
        assert place.problem(f"data:image/png;base64,{content}") == "the data URI contains no valid Base64"


@pytest.mark.parametrize(
    "text", ["data:image/png,abc", "data:,abc", "data:image/png;base64", "data:;base64,iVBORw0KGgo="]
)
def test_a_data_uri_without_base64_is_no_data_uri(text: str) -> None:
    for place in (KLING, VIDU):
        assert place.problem(text).startswith(f"{text!r} is not an http(s) URL")


def test_bare_base64_is_for_models_that_read_it() -> None:
    text = base64.b64encode(PNG).decode()
    assert KLING.sent(text) == text
    assert VIDU.problem(text).startswith(f"{text!r} is not an http(s) URL or a data URI; ")
    assert KLING.problem(base64.b64encode(CONTENTS["gif"]).decode()) == "the data is gif, not jpeg or png"
    unknown = base64.b64encode(b"no picture!!").decode()
    assert KLING.problem(unknown).startswith(f"{unknown!r} is not an http(s) URL, a data URI or Base64; ")


# Sizes.


@pytest.mark.parametrize("place", [place for place in PLACES if place.megabytes], ids=str)
def test_a_large_file_is_refused_unread(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert place.megabytes
    path = tmp_path / "large.bin"
    path.touch()
    os.truncate(path, place.megabytes * MB + 1)  # It has holes and takes no room on the disk.
    monkeypatch.setattr(Path, "read_bytes", refuse)
    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(io, "open", refuse)
    message = f"{str(path)!r} has {place.megabytes * MB + 1:,} bytes, more than {place.megabytes} MB"
    assert place.problem(path) == message


def refuse(*arguments: object, **options: object) -> None:
    raise AssertionError("the file was read")


def test_the_largest_file_is_taken_in_every_form(tmp_path: Path) -> None:
    """Three bytes are four characters of Base64, so a size computed from the text is easily one or two bytes wrong."""
    for size in (10 * MB - 1, 10 * MB):
        content = PNG + bytes(size - len(PNG))
        path = tmp_path / "a.png"
        path.write_bytes(content)
        text = base64.b64encode(content).decode()
        request = KlingV3(prompt="p", image=path)
        assert request.image == text
        assert KlingV3.from_payload(request.to_payload()) == request
        for form in (content, io.BytesIO(content), text, f"data:image/png;base64,{text}"):
            assert KLING.sent(form) == text


def test_one_byte_more_is_refused_in_every_form(tmp_path: Path) -> None:
    content = PNG + bytes(10 * MB + 1 - len(PNG))
    path = tmp_path / "a.png"
    path.write_bytes(content)
    text = base64.b64encode(content).decode()
    assert KLING.problem(path) == f"{str(path)!r} has 10,485,761 bytes, more than 10 MB"
    assert KLING.problem(content) == KLING.problem(text) == "the data has 10,485,761 bytes, more than 10 MB"
    assert KLING.problem(f"data:image/png;base64,{text}") == "the data URI has 10,485,761 bytes, more than 10 MB"
    assert KLING.problem(io.BytesIO(content)) == "the file is larger than 10 MB"


@pytest.mark.parametrize(
    ("limit", "words"), [(1024 * MB, "1024 MB"), (MB // 2, "0.5 MB"), (1001 * MB, "1001 MB")], ids=str
)
def test_the_message_names_the_limit_exactly(limit: int, words: str, tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.touch()
    os.truncate(path, limit + 1)
    picture: TypeAdapter[str] = TypeAdapter(Annotated[str, Accepts("image", max_bytes=limit)])
    with pytest.raises(ValidationError, match=f"has {limit + 1:,} bytes, more than {words}"):
        picture.validate_python(path)


class Endless(io.RawIOBase):
    def __init__(self) -> None:
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        buffer[:] = bytes(len(buffer))
        self.given += len(buffer)
        return len(buffer)


def test_a_stream_without_end_is_left_soon() -> None:
    stream = Endless()
    assert KLING.problem(stream) == "the file is larger than 10 MB"
    assert stream.given == 10 * MB + 1


@every_place
def test_an_empty_file_is_refused(place: Place, tmp_path: Path) -> None:
    path = tmp_path / "empty.png"
    path.touch()
    assert place.problem(path) == f"{str(path)!r} is empty"
    assert place.problem(b"") == "the data is empty"
    assert place.problem(io.BytesIO()) == "the file is empty"


# What cannot be read.


def test_a_missing_file_is_reported_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "missing.png"
    assert KLING.problem(path) == f"there is no file {str(path)!r}"
    assert KLING.problem(Path()) == "'.' is a folder"
    assert KLING.problem(tmp_path) == f"{str(tmp_path)!r} is a folder"
    assert KLING.problem(Path("a\0b.png")) == "there is no file 'a\\x00b.png'"


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # Opening it would wait for a writer for ever.
    assert KLING.problem(tmp_path / "pipe") == f"there is no file {str(tmp_path / 'pipe')!r}"


def test_a_file_that_cannot_be_read_is_reported_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("n" * 300)
    assert KLING.problem(long) == f"{str(long)!r} cannot be read: File name too long"

    def deny(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    path = tmp_path / "secret.png"
    path.write_bytes(PNG)
    monkeypatch.setattr(Path, "read_bytes", deny)
    assert KLING.problem(path) == f"{str(path)!r} cannot be read: Permission denied"


@pytest.mark.parametrize("name", ["{0}.png", "{message}.png", "{", "%s %(a)s.png", "a'b\".png", "a\nb.png", "猫🎬.png"])
def test_odd_file_names_are_only_names(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    assert KLING.problem(path) == f"there is no file {str(path)!r}"
    path.write_bytes(CONTENTS["gif"])
    assert KLING.problem(path) == f"{str(path)!r} is gif, not jpeg or png"
    path.write_bytes(PNG)
    assert KLING.sent(path) == base64.b64encode(PNG).decode()


def test_a_file_open_as_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    with path.open(encoding="latin-1") as file:
        assert KLING.problem(file) == "the file is open as text; open it with mode 'rb'"
        assert file.tell() == 0
    assert KLING.problem(io.StringIO("a")) == "the file is open as text; open it with mode 'rb'"


def test_a_file_that_is_closed_or_open_for_writing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    with path.open("wb") as file:
        assert KLING.problem(file) == "the file is not open for reading; open it with mode 'rb'"
    with path.open("rb") as closed:
        pass
    assert KLING.problem(closed) == "the file cannot be read: read of closed file"


class Failing(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        raise OSError(5, "Input/output error")


class Texts:
    def read(self, size: int = -1) -> str:
        return "text"


class NotReady(io.RawIOBase):
    def read(self, size: int = -1) -> None:
        return None


def test_a_stream_that_fails_is_reported_with_the_reason() -> None:
    assert KLING.problem(Failing()) == "the file cannot be read: [Errno 5] Input/output error"
    for stream in (Texts(), NotReady()):
        assert KLING.problem(stream) == "the file is not open for reading; open it with mode 'rb'"


@pytest.mark.parametrize(
    "value", [5, 1.5, True, {"url": URL}, {URL}, object(), iter([URL])], ids=lambda v: type(v).__name__
)
@every_place
def test_other_kinds_of_value_are_refused(place: Place, value: Any) -> None:
    message = f"a value of type {type(value).__name__} is neither a URL nor a path, bytes or an open file"
    assert place.problem(value) == message


# Lists.


def test_several_values_keep_their_order(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    text = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"
    mixed: list[Any] = [path, URL, PNG, io.BytesIO(PNG), "https://example.com/last"]
    for values in (mixed, (*mixed[:3], io.BytesIO(PNG), *mixed[4:])):
        request = Wan27R2V(prompt="p", reference_image=values)
        assert request.reference_image == (text, URL, text, text, "https://example.com/last")
    media = request.to_payload()["metadata"]["input"]["media"]
    assert [item["url"] for item in media] == [text, URL, text, text, "https://example.com/last"]


def test_every_wrong_item_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest) as refused:
        KlingV3(prompt="p", reference_images=["a.png", URL, b"", tmp_path])
    assert [problem.field for problem in refused.value.problems] == [
        "reference_images[0]",
        "reference_images[2]",
        "reference_images[3]",
    ]


# How often, and how long.


class CountingFile(io.BytesIO):
    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.given = 0

    def read(self, size: int | None = -1) -> bytes:
        content = super().read(size)
        self.given += len(content)
        return content


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The paths that were read."""
    read = Path.read_bytes
    found: list[Path] = []

    def counted(path: Path) -> bytes:
        found.append(path)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    return found


def test_a_file_is_read_once(tmp_path: Path, reads: list[Path]) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    stream = CountingFile(PNG)
    request = Wan27R2V(prompt="p", reference_image=[path, stream], first_frame=path)
    path.unlink()
    request.to_payload()
    request.to_curl()
    again = request.replace(prompt="q")
    assert again.to_payload()["metadata"]["input"] == request.to_payload()["metadata"]["input"]
    assert repr(request) != repr(again)
    assert reads == [path, path]
    assert stream.given == len(PNG)


def test_a_refused_request_reads_no_file_twice(tmp_path: Path, reads: list[Path]) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    with pytest.raises(InvalidRequest):
        KlingV3(prompt="p", image=path, reference_images=[path], mode="x")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert reads == [path, path]


def test_no_file_is_kept_open(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(PNG)
    before = open_files()
    requests = [Wan27R2V(prompt="p", reference_image=[path] * 5) for _ in range(20)]
    with pytest.raises(InvalidRequest):
        KlingV3(prompt="p", image=path, duration=1)
    assert len(requests) == 20
    assert open_files() == before
    gc.collect()


def open_files() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def test_a_payload_with_a_file_is_json(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(CONTENTS["wav"])
    file: BinaryIO = io.BytesIO(PNG)
    request = Wan26I2VFlash(prompt="p", img_url=file, audio_url=path)
    assert json.loads(json.dumps(request.to_payload()))["metadata"]["input"] == {
        "img_url": f"data:image/png;base64,{base64.b64encode(PNG).decode()}",
        "audio_url": f"data:audio/wav;base64,{base64.b64encode(CONTENTS['wav']).decode()}",
    }
