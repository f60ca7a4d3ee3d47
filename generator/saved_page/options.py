"""The list of options, which the page glues together: ``Standard: stdProfessional: pro``, ``16:99:161:1``.

A list is decided only if one way of cutting it has a reason that no other way has. A reason is that each value is in
its label (``720P HD: 720p``), or abbreviates it (``Standard Mode: std``); that the parts are aspect ratios, or numbers
each with a letter behind. Words without labels have no such reason: ``autolowmediumhigh`` is for a person to decide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from generator.saved_page.facts import Options

_RATIOS = frozenset("1:1 16:9 9:16 4:3 3:4 3:2 2:3 21:9 9:21 5:4 4:5 2:1 1:2".split())
_WITH_UNIT = re.compile(r"(?:\d+(?:\.\d+)?[A-Za-z])+")
_VALUE = re.compile(r"[A-Za-z0-9](?:[!-~]*[A-Za-z0-9+])?\Z")
"""A value that can be cut out of a run: no blanks, no marks at its ends."""

_LONGEST = 2_000
_MOST = 60
_MOST_CUTS = 20_000

_Pair = tuple[str, str]
"""A label and its value."""


def read_options(lines: Sequence[str], line: int, known: Sequence[str], *, whole_numbers: bool) -> Options:
    """Read the lines below ``Enum/Options:``.

    Args:
        lines: the lines; several are one option each.
        line: the number of the first.
        known: values that must be among the options, such as the example.
        whole_numbers: whether the options are integers.
    """
    run = "\n".join(lines).strip()
    pairs, candidates = _cut(run, [text.strip() for text in lines if text.strip()], known)
    if pairs and whole_numbers and not all(re.fullmatch(r"-?\d{1,15}", value) for _, value in pairs):
        pairs = []
    typed: Callable[[str], str | int] = int if whole_numbers else str
    if not pairs:
        readable = [way for way in candidates if not whole_numbers or all(re.fullmatch(r"-?\d{1,15}", v) for v in way)]
        return Options(run=run, candidates=tuple(tuple(map(typed, way)) for way in readable[:3]), line=line)
    labels = tuple(label for label, _ in pairs) if any(label for label, _ in pairs) else ()
    return Options(values=tuple(typed(value) for _, value in pairs), labels=labels, line=line)


def _cut(run: str, lines: list[str], known: Sequence[str]) -> tuple[list[_Pair], list[tuple[str, ...]]]:
    """The options if they are decided, and else ways to cut the run."""
    if not run or len(run) > _LONGEST:
        return [], []
    if len(lines) > 1:
        # Without a value to go by, a line may as well be the heading of what follows.
        ways = [_of_lines(lines)] if known else []
    elif ": " in run:
        ways = _labelled(run)
    else:
        return _unlabelled(run, known)
    fitting = [way for way in ways if way and _is_sound([value for _, value in way], known)]
    if len(fitting) == 1:
        return fitting[0], []
    return [], [tuple(value for _, value in way) for way in fitting]


def _is_sound(values: Sequence[str], known: Sequence[str]) -> bool:
    return bool(values) and len(values) == len(set(values)) <= _MOST and set(known) <= set(values)


def _of_lines(lines: list[str]) -> list[_Pair]:
    """One option in each line, all with labels or all without."""
    pairs = [(label.strip(), value.strip()) for label, _, value in (text.rpartition(": ") for text in lines)]
    labelled = [bool(label) for label, _ in pairs]
    if any(labelled) and not all(labelled):
        return []
    return pairs if all(_VALUE.match(value) for _, value in pairs) else []


# Without labels


def _unlabelled(run: str, known: Sequence[str]) -> tuple[list[_Pair], list[tuple[str, ...]]]:
    if known and all(value == run for value in known):
        return [("", run)], []
    if re.fullmatch(r"[^\s,|/]+(?:(?:\s*[,|]\s*|\s+/\s+)[^\s,|/]+)+", run):
        values = re.split(r"\s*[,|]\s*|\s+/\s+", run)
        if _is_sound(values, known) and all(map(_VALUE.match, values)):
            return [("", value) for value in values], []
    if _WITH_UNIT.fullmatch(run):
        values = re.findall(r"\d+(?:\.\d+)?[A-Za-z]", run)
        if _is_sound(values, known):
            return [("", value) for value in values], []
    ways = [way for way in _ratios(run) if _is_sound(way, known)]
    if len(ways) == 1:
        return [("", value) for value in ways[0]], []
    return [], [tuple(way) for way in ways] or [way for way in [_at_known_ends(run, known)] if way]


def _ratios(run: str) -> Iterator[list[str]]:
    """All ways to cut the run into aspect ratios that are in use."""
    ways: list[tuple[int, list[str]]] = [(0, [])]
    while ways:
        start, way = ways.pop()
        if start == len(run):
            yield way
        elif len(way) < _MOST:
            ways += [
                (start + n, [*way, run[start : start + n]]) for n in (3, 4, 5) if run[start : start + n] in _RATIOS
            ]


def _at_known_ends(run: str, known: Sequence[str]) -> tuple[str, ...]:
    """A proposal: a quoted list at its quotes, others where a known value ends and where cases or scripts change."""
    if quoted := re.fullmatch(r'(?:"[^"]+")+', run):
        return tuple(re.findall(r'"([^"]+)"', quoted[0]))
    parts = [run]
    for value in known:
        parts = [part for text in parts for part in re.split(f"({re.escape(value)})", text) if part]
    cut = [
        part for text in parts for part in re.split(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[!-~])(?=[^\x00-\x7f])", text) if part
    ]
    return tuple(cut) if len(cut) > 1 and len(cut) == len(set(cut)) else ()


# With labels


def _labelled(run: str) -> list[list[_Pair]]:
    """The ways to cut ``LABEL: VALUELABEL: VALUE`` that have the best reason."""
    all_ways = list(_ways(run.split(": ")))
    if not all_ways or len(all_ways) >= _MOST_CUTS:
        return []
    related = [way for way in all_ways if all(_names(label, value) for label, value in way)]
    if related:
        return related
    alike = [way for way in all_ways if _look_alike([label for label, _ in way])]
    abbreviated = [way for way in alike if all(_names(*pair) or _abbreviates(*pair) for pair in way)]
    if abbreviated:
        return abbreviated
    # Some other value could be named by its label: then that way has a reason, and this one has none.
    if any(_names(label, value) for way in all_ways for label, value in way):
        return []
    return [way for way in alike if _values_look_alike([value for _, value in way])]


def _ways(segments: list[str]) -> Iterator[list[_Pair]]:
    """All ways to cut each middle segment into the value before it and the label of the next option."""
    first, *middle, last = segments
    if not first.strip() or not _VALUE.match(last):
        return
    ways: list[tuple[list[_Pair], str]] = [([], first.strip())]
    for segment in middle:
        cuts = [
            (segment[:end], segment[end:])
            for end in range(1, len(segment))
            if _VALUE.match(segment[:end]) and (segment[end].isalnum() or segment[end] in "([【（")
        ]
        ways = [([*pairs, (label, value)], following) for pairs, label in ways for value, following in cuts]
        if len(ways) >= _MOST_CUTS:
            # With more ways than that, only those are pursued in which each label names its value.
            ways = [(pairs, label) for pairs, label in ways if _names(*pairs[-1])]
        if not ways or len(ways) >= _MOST_CUTS:
            return
    yield from ([*pairs, (label, last)] for pairs, label in ways)


def _names(label: str, value: str) -> bool:
    """Whether the label is the value in other letters, begins with it, or has it as a word."""
    folded, wanted = label.casefold(), value.casefold()
    if _letters(folded) and _letters(folded) == _letters(wanted):
        return True
    if wanted in re.split(r"[\s()\[\]（）【】,;/]+", folded):
        return True
    if not folded.startswith(wanted):
        return False
    following = folded[len(wanted) :][:1]
    return not following.isalnum() or (value[-1].isdigit() and following.isalpha())


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _abbreviates(label: str, value: str) -> bool:
    """Whether the value has letters of the label's first word, in order, from the first on."""
    word = re.split(r"[\s(]", label.casefold())[0]
    wanted = value.casefold()
    if not word or not wanted.isalpha() or word[0] != wanted[0]:
        return False
    rest = iter(word)
    return all(letter in rest for letter in wanted)


def _look_alike(labels: Sequence[str]) -> bool:
    """Whether all labels begin with a capitalized word, or all in Chinese characters."""
    return all(re.match(r"[A-Z][a-z]{2,}", label) for label in labels) or all(
        ord(label[0]) > 0x2E7F for label in labels
    )


def _values_look_alike(values: Sequence[str]) -> bool:
    """Whether all values are made alike, such as ``16:9`` and ``9:16``, or ``std`` and ``pro``."""
    return len({re.sub(r"[a-z]+", "a", re.sub(r"\d+", "0", value)) for value in values}) == 1
