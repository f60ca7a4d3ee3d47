"""Files of jobs: what they may look like, and what is said about every mistake in them."""

from __future__ import annotations

import io
import json
import shutil
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modelstream.batch import Batch, InvalidBatch
from modelstream.catalog import CATALOG
from modelstream_runtime.batch.jobs import Job
from modelstream_runtime.batch.read import JobsFile

PNG = b"\x89PNG\r\n\x1a\n"
BOM = b"\xef\xbb\xbf"
LINE = b'{"id": "a", "model": "kling-v3", "values": {"prompt": "Caf\xc3\xa9", "duration": 5}}'
TABLE = "id,model,prompt,duration\na,kling-v3,Café,5\n".encode()


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def bodies(content: bytes | str, name: str = "jobs.csv", model: str | None = None, **values: Any) -> list[Any]:
    """The bodies of the jobs in a file."""
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return [body for _, body in Batch("videos", name, model=model, values=values).preview(100).bodies]


def complaints(content: bytes | str, name: str = "jobs.csv", model: str | None = None, **options: Any) -> list[str]:
    """What is wrong with the jobs in a file."""
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InvalidBatch) as caught:
        Batch("videos", name, model=model).preview(**options)
    assert not Path("videos").exists()
    return [line for wrong in caught.value.wrong for line in str(wrong).splitlines()] or [str(caught.value)]


@pytest.mark.parametrize("name", ["jobs.jsonl", "jobs.ndjson", "jobs", "jobs.txt"])
@pytest.mark.parametrize("content", [LINE, LINE + b"\n", BOM + LINE + b"\r\n\r\n", b"\n \n" + LINE, BOM + b"\n" + LINE])
def test_json_lines(name: str, content: bytes) -> None:
    [body] = bodies(content, name)
    assert (body["prompt"], body["duration"]) == ("Café", 5)


@pytest.mark.parametrize("name", ["jobs.csv", "jobs.CSV", "jobs.tsv", "jobs", "jobs.txt"])
@pytest.mark.parametrize(
    "content",
    [
        TABLE,
        BOM + TABLE,
        TABLE.replace(b"\n", b"\r\n"),
        TABLE.rstrip(),
        b"\n" + TABLE + b"\n\n",
        TABLE.replace(b",", b";"),
        TABLE.replace(b",", b"\t"),
        TABLE.replace(b"\n", b",,\n"),
        b'"id","model","prompt","duration"\r\n"a","kling-v3","Caf\xc3\xa9","5"\r\n',
    ],
)
def test_tables(name: str, content: bytes) -> None:
    [body] = bodies(content, name)
    assert (body["prompt"], body["duration"]) == ("Café", 5)


def test_cells_have_the_types_of_the_form() -> None:
    shots = json.dumps([{"prompt": "Rain", "duration": 5}]).replace('"', '""')
    [body] = bodies(
        "prompt,duration,mode,cfg_scale,multi_shot,shot_type,multi_prompt,negative_prompt\n"
        f'"A day, in\na ""harbour""",5,pro,0.3,TRUE,customize,"{shots}",\n',
        model="kling-v3",
    )
    assert body["prompt"] == 'A day, in\na "harbour"'
    assert (body["duration"], body["mode"], body["metadata"]["cfg_scale"]) == (5, "pro", 0.3)
    assert body["metadata"]["multi_shot"] is True
    assert body["metadata"]["multi_prompt"][0]["prompt"] == "Rain"
    assert "negative_prompt" not in json.dumps(body)


def test_an_empty_cell_is_not_given_and_values_for_all_jobs_fill_it() -> None:
    table = "prompt,mode\nA,\nB,std\n"
    assert [body["mode"] for body in bodies(table, model="kling-v3", mode="pro")] == ["pro", "std"]


def test_media_are_files_beside_the_jobs_or_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "input").mkdir()
    (tmp_path / "input/hero.png").write_bytes(PNG)
    table = "prompt,reference_image\nA,hero.png\nB,https://example.com/a.png\n" + (
        'C,"[""hero.png"", ""https://example.com/a.png""]"\n'
    )
    encoded = "data:image/png;base64,iVBORw0KGgo="
    media = [body["metadata"]["input"]["media"] for body in bodies(table, "input/jobs.csv", model="wan2.7-r2v")]
    urls = [[item.get("url") or item.get("image") for item in each] for each in media]
    assert urls == [[encoded], ["https://example.com/a.png"], [encoded, "https://example.com/a.png"]]
    line = {"model": "viduq2-pro-fast", "values": {"prompt": "A", "image": "hero.png"}}
    [body] = bodies(json.dumps(line), "input/jobs.jsonl")
    assert body["images"] == [encoded]


def test_a_missing_picture_is_named_with_line_and_column() -> None:
    table = "id,prompt,image\na,A,nowhere.png\n"
    [complaint] = complaints(table, model="viduq2-pro-fast")
    assert complaint.startswith("jobs.csv:2, column 3 (a): image: there is no file ")
    line = {"id": "a", "model": "viduq2-pro-fast", "values": {"prompt": "A", "image": "nowhere.png"}}
    [complaint] = complaints(json.dumps(line), "jobs.jsonl")
    assert complaint.startswith("jobs.jsonl:1 (a): image: there is no file ")


def test_bodies_and_lines_of_another_service() -> None:
    body = {"model": "kling-v3", "prompt": "A"}
    lines = [
        {"id": "a", "body": body},
        {"custom_id": "b", "method": "POST", "url": "/v1/videos", "body": body},
        {"id": "c", "body": {"prompt": "A"}},
    ]
    found = bodies("\n".join(map(json.dumps, lines)), "jobs.jsonl", model="kling-v3")
    assert [each["prompt"] for each in found] == ["A"] * 3
    assert found[0] == found[1] == found[2]


def test_all_mistakes_in_all_rows_at_once() -> None:
    lines = [
        '{"id": "a", "model": "kling-v3", "values": {"promt": "A"}}',
        '{"id": "b", "model": "kling-v3", "values": {"prompt": "A", "duration": 99, "mode": "prro"}}',
        '{"id": "b", "model": "kling-v3", "values": {"prompt": "A", "duration": 2}}',
        '{"id": "B", "model": "kling-v3", "values": {"prompt": "A"}}',
        '{"id": "c", "values": {"prompt": "A"}}',
        '{"id": "d", "modle": "kling-v3", "values": {"prompt": "A"}}',
        '{"id": "e", "model": "kling-v3", "prompt": "A"}',
        '{"id": "f", "model": "kling-v3", "values": ["A"]}',
        '{"id": "g", "model": "kling-v3", "values": {"prompt": "A"}, "id": "h"}',
        '{"id": "i", "model": "kling-v3", "values": {"prompt": NaN}}',
        '{"id": "i", ',
        '["i"]',
        '{"id": "a\\u001b[2J", "model": "kling-v3", "values": {"prompt": "A"}}',
        '{"id": "", "model": "kling-v3", "values": {"prompt": "A"}}',
        '{"id": 7, "model": "kling-v3", "values": {"prompt": "\\ud800"}}',
        '{"id": "j", "body": {"model": "some-model", "prompt": "A", "metadata": {"x": "\\ud800"}}}',
        '{"id": "k", "model": "a\\u0000b", "values": {"prompt": "A"}}',
        "[" * 100_000,
    ]
    assert complaints("\n".join(lines), "jobs.jsonl") == [
        "jobs.jsonl:1 (a): prompt: is required",
        "jobs.jsonl:1 (a): promt: no such field; did you mean 'prompt'?",
        "jobs.jsonl:2 (b): duration: 99 is more than 15 (3 to 15 seconds)",
        "jobs.jsonl:2 (b): mode: 'prro' is not one of 'std', 'pro'; did you mean 'pro'?",
        "jobs.jsonl:3 (b): id: 'b' is the id of jobs.jsonl:2, too; give each job an id of its own",
        "jobs.jsonl:3 (b): duration: 2 is less than 3 (3 to 15 seconds)",
        "jobs.jsonl:4 (B): id: 'B' and 'b', the id of jobs.jsonl:2, differ only in case, so that some disks would mix "
        "up their files",
        "jobs.jsonl:5 (c): model: the job names no model; add one, or pass --model",
        "jobs.jsonl:6 (d): modle: no such key; did you mean 'model'?",
        "jobs.jsonl:7 (e): prompt: no such key; the fields of the model belong into values",
        "jobs.jsonl:7 (e): values: a job has either values or a body",
        "jobs.jsonl:8 (f): values: ['A'] is not a mapping",
        "jobs.jsonl:9: line: invalid JSON: the key 'id' appears twice",
        "jobs.jsonl:10: line: invalid JSON: NaN is not a JSON number",
        "jobs.jsonl:11: line: invalid JSON: Expecting property name enclosed in double quotes in column 12",
        "jobs.jsonl:12: line: is not a JSON object",
        r"jobs.jsonl:13: id: 'a\x1b[2J' is not a text that can be printed",
        "jobs.jsonl:14 (): id: the id is empty",
        "jobs.jsonl:15 (7): prompt: contains characters that UTF-8 cannot encode",
        "jobs.jsonl:16 (j): metadata: contains characters that UTF-8 cannot encode",
        r"jobs.jsonl:17 (k): model: 'a\x00b' is not a text that can be printed",
        "jobs.jsonl:18: line: invalid JSON: maximum recursion depth exceeded while decoding a JSON array from a "
        "unicode string",
    ]


def test_mistakes_in_a_table_name_the_column() -> None:
    table = 'id,prompt,duration,multi_prompt\na,A,99,\nb,"A\nB",5,[\nc,C,,,,x\nd,D,five,\ne\n'
    assert complaints(table, model="kling-v3") == [
        "jobs.csv:2, column 3 (a): duration: 99 is more than 15 (3 to 15 seconds)",
        "jobs.csv:3, column 4 (b): multi_prompt: invalid JSON: Expecting value in line 1, column 2",
        "jobs.csv:5: line: the line has 6 cells, and the header 4; put quotes around cells with separators",
        "jobs.csv:6, column 3 (d): duration: 'five' is not an integer (3 to 15 seconds)",
        "jobs.csv:7: line: the line has 1 cells, and the header 4; put quotes around cells with separators",
    ]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (
            "promt,idd\nA,b\n",
            ["promt: no such column; did you mean 'prompt'?", "idd: no such column; did you mean 'id'?"],
        ),
        ("prompt,seconds\nA,5\n", ["seconds: no such column; did you mean 'duration'?"]),
        ("prompt,mode,prompt\nA,pro,B\n", ["prompt: is the name of columns 1 and 3"]),
        ("prompt,,mode\nA,x,pro\n", ["column 2: has no name"]),
    ],
)
def test_columns_that_nobody_knows_stop_everything(table: str, expected: list[str]) -> None:
    for skip_invalid in (False, True):
        assert complaints(table, model="kling-v3", skip_invalid=skip_invalid) == [
            f"jobs.csv:1: {each}" for each in expected
        ]


def test_a_table_without_models() -> None:
    assert complaints("prompt\nA\n") == ["jobs.csv:1: model: there is no such column; add it, or pass --model"]


def test_columns_of_several_models() -> None:
    table = "model,prompt,image,aspect_ratio\nkling-v3,A,,1:1\nviduq2-pro-fast,B,https://a/b.png,\n"
    assert [body["model"] for body in bodies(table)] == ["kling-v3", "viduq2-pro-fast"]
    [complaint] = complaints(table.replace("b.png,", "b.png,1:1"))
    assert complaint.startswith("jobs.csv:3, column 4: aspect_ratio: no such field")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"prompt\nCaf\xe9", "jobs.csv:2: line: is not UTF-8 (0xe9 after 3 characters); save it as UTF-8"),
        ("prompt\nCafé\n".encode("utf-16"), "jobs.csv:1: line: the file is UTF-16; save it as UTF-8"),
        ('prompt\nA\n"B\nC\n', "jobs.csv:3: line: the quotes of a cell are never closed"),
        ('prompt\n"B"C\n', "jobs.csv:2: line: ',' expected after '\"'"),
    ],
)
def test_what_cannot_be_read_stops_everything(content: bytes | str, expected: str) -> None:
    assert complaints(content, model="kling-v3", skip_invalid=True)[-1] == expected


@pytest.mark.parametrize("content", [b"", BOM, b"\n\n", b"prompt,mode\n", b"prompt,mode\n\n,\n"])
@pytest.mark.parametrize("name", ["jobs.csv", "jobs.jsonl"])
def test_files_without_jobs(content: bytes, name: str) -> None:
    if name == "jobs.jsonl" and b"prompt" in content:
        content = b""
    assert complaints(content, name, model="kling-v3") == ["there are no jobs; nothing was bought"]


@pytest.mark.parametrize("content", ['[\n  {"id": "a"}\n]', '{\n  "id": "a"\n}', '[{"id": "a"}]'])
def test_json_that_is_not_in_lines(content: str) -> None:
    [complaint] = complaints(content, "jobs.jsonl", skip_invalid=True)
    assert complaint.startswith("jobs.jsonl:1: line: each line holds one whole job")


def test_a_line_that_is_not_utf_8_leaves_the_others_readable() -> None:
    content = LINE + b"\n" + b'{"id": "\xe9"}\n' + LINE
    assert [complaint[:40] for complaint in complaints(content, "jobs.jsonl")] == [
        "jobs.jsonl:2: line: is not UTF-8 (0xe9 a",
        "jobs.jsonl:3 (a): id: 'a' is the id of j",
    ]


@pytest.mark.parametrize("name", ["jobs.csv", "jobs.jsonl"])
def test_a_line_of_five_megabytes(name: str) -> None:
    uri = "data:image/png;base64," + "iVBORw0KGgoA" + "AAAA" * 1_250_000
    line = json.dumps({"model": "viduq2-pro-fast", "values": {"prompt": "A", "image": uri}})
    content = line if name == "jobs.jsonl" else f'model,prompt,image\nviduq2-pro-fast,A,"{uri}"\n'
    [body] = bodies(content, name)
    assert body["images"] == [uri]


def test_a_line_without_end_is_not_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modelstream_runtime.batch.read._LONGEST", 2**20)
    [complaint] = complaints(b"x" * 5_000_000, "jobs.jsonl")
    assert complaint.startswith("jobs.jsonl:1: line: the line is longer than 1 MB")


def test_files_are_read_lazily() -> None:
    class Endless(io.RawIOBase):
        lines = 0

        def readline(self, size: int | None = -1, /) -> bytes:
            self.lines += 1
            return b"id,prompt\n" if self.lines == 1 else b"%d,A cup\n" % self.lines

    stream = Endless()
    jobs: Iterator[Job] = iter(JobsFile("stdin", CATALOG, model="kling-v3", stream=stream))  # type: ignore[arg-type]
    tracemalloc.start()
    try:
        for _ in range(19_999):
            next(jobs)
        job = next(jobs)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert (job.place, stream.lines) == ("stdin:20001", 20_001)


def test_moving_everything_changes_no_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def digest() -> str:
        [job] = JobsFile("jobs.csv", CATALOG, model="viduq2-pro-fast")
        from modelstream_runtime.batch.drafts import Draft

        return Draft(job, model="viduq2-pro-fast", values={}).digest

    (tmp_path / "old").mkdir()
    monkeypatch.chdir(tmp_path / "old")
    Path("hero.png").write_bytes(PNG)
    Path("jobs.csv").write_text("prompt,image\nA,hero.png\n")
    before = digest()
    shutil.move(tmp_path / "old", tmp_path / "new")
    monkeypatch.chdir(tmp_path / "new")
    assert digest() == before
