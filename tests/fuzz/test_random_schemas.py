"""Thousands of schemas that nobody would write: each is refused with a place, or becomes a package that is right.

The sample is the same every time; ``nox -s fuzz`` looks for more. What it finds is pinned below with its YAML.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import note

from generator.diagnostics import ProblemsFound
from tests.fuzz.batch import assert_imports, assert_typed, write_package
from tests.fuzz.candidates import Candidate, candidates, pinned
from tests.fuzz.examine import examine
from tests.fuzz.sampling import Sample
from tests.fuzz.workshop import Workshop

HEAD = (
    "model: pinned\nclass: Pinned\ntitle: t\nvendor: v\nsummary: s\nsource: {page: p, checked: 2026-11-21}\nfields:\n"
)

PINS = [
    pinned(HEAD + "  a: {type: integer, min: 0, target: a}\nrules: [{ignores: [a], when: {a: present}}]"),
    pinned(HEAD.replace("Pinned", "ConfigDict") + "  a: {type: image, target: a}"),
    pinned(
        HEAD + "  a: {type: enum, options: [1, 9223372036854775808], target: a}\n"
        "examples: [{name: a, values: {a: 9223372036854775808}}]"
    ),
    pinned(HEAD + "  a: {type: number, wire: string, target: a}", {"a": 1e-05}, {"a": 1e23}, {"a": 2}),
    pinned(HEAD + "  a: {type: number, wire: string, default: 1, target: a}", {}),
    pinned(
        HEAD + "  a: {type: image, target: 'm[]', item: {u: $value}}\n"
        "  b: {type: audio, target: 'm[].b', attach_to: a}",
        {"b": "https://example.com/"},
    ),
    pinned(
        HEAD + "  a: {type: list, class: A, target: 'a[]', fields: {value: {type: string}}}\n",
        {"a": [{"value": "text"}]},
    ),
    pinned(HEAD + "  a: {type: list, class: A, target: 'a[]', fields: {b: {type: string, doc: '\"\"\"'}}}"),
    *(
        pinned(
            HEAD + f"  a: {{type: image, target: 'm[]', many: {many}, item: {{k: a, u: $value}}}}\n"
            f"  b: {{type: image, target: 'm[]', many: {{}}, item: {{k: b, u: $value}}}}",
            {"b": ["https://example.com/"]},
        )
        for many in ("{}", "{min: 1, max: 3}", "{min: 2}")
    ),
    pinned(
        HEAD + "  a: {type: image, many: {}, target: 'm[]', item: {k: a, u: $value}}\n"
        "  b: {type: list, class: B, target: 'm[]', item: {t: $c, n: $position}, fields: {c: {type: string}}}",
        {"a": ["https://example.com/"], "b": [{"c": "text"}]},
        {"a": ["https://example.com/"] * 2, "b": [{"c": "text"}, {"c": "again"}]},
    ),
    pinned(HEAD + "  a: {type: number, min: 1.0e+16, default: 1.0e+17, target: a}"),
    *(
        pinned(
            f"{HEAD}  a: {field}, many: {{min: 0}}, required: true, target: 'm[]'}}\n"
            "examples: [{name: a, values: {a: []}}]"
        )
        for field in ("{type: image", "{type: list, class: A, fields: {b: {type: string}}")
    ),
    pinned(
        HEAD + "  a: {type: image, many: {}, target: 'm[]', item: {u: $value}}\n"
        "  b: {type: audio, target: 'm[].b', attach_to: a}\n  c: {type: audio, target: 'm[].c', attach_to: a}\n"
        "rules: [{when: {b: present}, requires: [a]}, {when: {c: present}, requires: [a]}]",
        {"a": ["https://example.com/"] * 2, "b": "https://example.com/b", "c": "https://example.com/c"},
        {"a": ["https://example.com/"], "c": "https://example.com/c"},
    ),
    *(
        pinned(
            HEAD + f"  a: {{type: image, target: 'm[]', item: {{k: {'x' * length}, u: $value}}}}\n"
            "  b: {type: audio, target: 'm[].b', attach_to: a}\nrules: [{when: {b: present}, requires: [a]}]"
        )
        for length in (1, *range(20, 36), 80)
    ),
    *(
        pinned(HEAD + "  a: {type: number, target: a}\nrules: [{max: {a: 5}, because: " + "'" + "x" * length + "'}]")
        for length in (1, 48, 49, 60, 61, 120)
    ),
    # Whom a wrong body blames: the field that has to be in an array, the one with too many items, the empty position.
    pinned(
        HEAD + "  a: {type: image, target: 'm[]', item: {k: a, u: $value}}\n"
        "  b: {type: image, target: 'm[]', item: {k: b, u: $value}, required: true}"
    ),
    pinned(
        HEAD + "  a: {type: image, target: 'm[]', item: {k: a, u: $value}, required: true}\n"
        "  b: {type: image, target: 'm[]', many: {min: 2, max: 4}, item: {k: b, u: $value}}"
    ),
    pinned(HEAD + "".join(f"  a{n}: {{type: image, target: 'm[{n}]', required: true}}\n" for n in range(2))),
    pinned(
        HEAD + "  a: {type: image, target: 'm[]', item: {u: $value}, required: true}\n"
        "  b: {type: audio, target: 'm[].b', attach_to: a, required: true}"
    ),
    # A constant that depends on a field says nothing of a body in which that field is wrong.
    pinned(
        HEAD + "  a: {type: boolean, target: a, item: {k: x}}\n" "constants: [{target: c, value: 1, when: {a: true}}]"
    ),
    pinned(
        HEAD + "  a: {type: integer, min: -9, max: 8, target: a}\n"
        "constants: [{target: c, value: 1, when: {a: -9}}, {target: d, value: null, when: {a: present}}]"
    ),
    # No float is this number, so a rule about it would hold for some surfaces only.
    pinned(HEAD + "  a: {type: number, target: a}\nrules: [{max: {a: 3}, when: {a: 9999999999999999999998}}]"),
]
"""What was found, with the values that showed it."""

SHARDS = 2
"""As many as there are processors in CI."""


@pytest.mark.parametrize("shard", range(SHARDS))
def test_a_schema_is_refused_with_a_place_or_becomes_a_right_package(
    shard: int, tmp_path: Path, sample: Sample, seen: Counter[str]
) -> None:
    workshop = Workshop(tmp_path)
    accepted: set[str] = set()

    @sample.part(shard, SHARDS)(candidates(), *PINS[shard::SHARDS])
    def run(candidate: Candidate) -> None:
        note(f"{candidate.stem}.yaml:\n{candidate.text}")
        outcome = examine(candidate, workshop, seen)
        seen["schemas"] += 1
        seen["with hostile text"] += candidate.hostile
        if isinstance(outcome, ProblemsFound):
            seen["refused"] += 1
            seen.update(f"code {code}" for code in {problem.code for problem in outcome.problems})
        else:
            seen["accepted"] += 1
            accepted.add(candidate.text)

    run()
    chosen = sorted(accepted)[: sample.size // (2 * SHARDS)]
    modules = write_package(chosen, tmp_path / "batch")
    assert_imports(tmp_path / "batch")
    assert_typed(modules, tmp_path / "batch")
    seen["type-checked and imported in a fresh process"] += len(chosen)
