"""Sentences of the page: their numbers, their words of rules, and what they state in words plain enough to rely on.

A limit counts as stated only if nothing in its sentence narrows it: no condition, no total, no recommendation. Else the
sentence only speaks of it (``unsure``), and a person has to decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from generator.saved_page.facts import Scalar, Sentence, digest

_TO = r"(?:-|\u2013|\u2014|~|\bto\b)"
_N = r"(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)"
_AT_MOST = (
    r"(?:max(?:imum)?(?:\s+(?:length|size|of|is))*:?|at most|up to|no (?:more|longer|larger|bigger|greater) than|"
    r"(?:not|never) exceed(?:ing)?|limited to|≤|<=)\s*"
)

RULE_WORDS = (
    "at least one", "cannot", "combined", "conflict", "depend", "depends", "effective", "either", "except", "exclusive",
    "if", "ignore", "ignored", "ignores", "incompatible", "instead", "must", "mutually", "need", "needs", "neither",
    "not supported", "not support", "only", "otherwise", "override", "overrides", "precedence", "require", "required",
    "requires", "together", "total", "unavailable", "unless", "unsupported", "when", "whenever", "while", "without",
)  # fmt: skip
"""Words that a condition between fields has."""

_LONGEST = 1_000
_UNREAD = ("default", "formats", "many", "max", "max_bytes", "max_length", "min")

_OF_ITSELF = re.compile(r"\A(?:when|if) (?:on|off|enabled|disabled|true|false)\b", re.IGNORECASE)
"""The beginning of a sentence about a switch, which says what the switch does."""

_MEDIUM = r"(?:text|image|picture|video|film|audio|reference|frame)s?"
_TIED_TO_A_MODE = re.compile(
    rf"\b(?:only|for|in|required)\b.*\b{_MEDIUM}[- ]to[- ]{_MEDIUM}\b|"
    rf"\b{_MEDIUM}[- ]to[- ]{_MEDIUM}\b.*\b(?:only|mode|required)\b",
    re.IGNORECASE,
)
"""A sentence about a generation mode, such as ``Required in Image to Video``."""

_DEFAULT = re.compile(r"\b(defaults?|initially)\b", re.IGNORECASE)
_NARROWED = re.compile(
    r"\b(if|when|whenever|unless|otherwise|except|only|depend\w*|without|while|for|per|total|combined|together|sum|"
    r"all|recommend\w*|prefer\w*|ideal\w*|suggest\w*|typical\w*|usual\w*|about|around|approximately|roughly|not|"
    r"no longer|don't|doesn't|isn't|cannot|can't|unsupported|excluding|output|e\.g|such as|or more|at once|"
    r"in the|request|body)\b",
    re.IGNORECASE,
)
_OF_VALUES = re.compile(r"\b(ranges?|values?|valid|allowed|integer|number|between|seconds?)\b|\d\s?s\b", re.IGNORECASE)
"""Words that make two numbers the bounds of a value."""
_OTHER_CHARACTERS = re.compile(r"\b(chinese|english|cjk|latin|tokens?|words?|bytes?|lines?)\b", re.IGNORECASE)

_FORMATS = {
    "jpg": "jpeg", "jpeg": "jpeg", "png": "png", "bmp": "bmp", "webp": "webp", "gif": "gif",
    "mp4": "mp4", "mov": "mov", "webm": "webm", "wav": "wav", "mp3": "mp3",
}  # fmt: skip
_FORMAT = re.compile(rf"\b({'|'.join(_FORMATS)})\b", re.IGNORECASE)
_OTHER_FORMAT = re.compile(
    r"\b(heic|heif|tiff?|avif|svg|ico|avi|mkv|flv|wmv|m4v|mpe?g|3gp|m4a|aac|flac|ogg|opus|wma|amr|raw|psd|pdf)\b",
    re.IGNORECASE,
)
_THINGS = r"(?:images?|pictures?|photos?|frames?|videos?|clips?|audios?|files?|items?|elements?|references?|subjects?)"

_MODE_BRACKET = re.compile(r"\s*\[([^\[\]]{1,80})\]\s*")
_A_MODE = re.compile(r"\b(to|2|mode|generation|only)\b|\b[A-Z]{1,2}2[A-Z]\b|2(?=[a-z])", re.IGNORECASE)
_NO_MODE = re.compile(r"\s*(optional|required|deprecated|beta|new|experimental|advanced|[-\d.,\s]+)\s*", re.IGNORECASE)

_ENDS = re.compile(r"(?<=[.!?])\s+(?=\S)|(?<=[。！？])\s*(?=\S)")
_ABBREVIATIONS = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|approx|max|min|no)|\b[A-Z])\.\Z", re.IGNORECASE)


class Context(NamedTuple):
    """What is known of a field before its prose is read."""

    name: str = ""
    type: str = ""
    options: tuple[Scalar, ...] | None = None
    """``None`` without a list of options; empty if it is undecided."""
    example: Scalar | None = None
    """The initial value of the form."""

    @property
    def is_number(self) -> bool:
        """Whether the value is a number."""
        return self.type in ("number", "integer", "int", "float")

    @property
    def is_text(self) -> bool:
        """Whether the value may be any text."""
        return self.type == "string" and self.options is None


NO_FIELD = Context()


def modes_of(text: str) -> tuple[tuple[str, ...], str]:
    """The modes in brackets before the prose, and the rest of it."""
    modes: list[str] = []
    while found := _MODE_BRACKET.match(text):
        inner = [part.strip() for part in re.split(r"\s*[/,|&+]\s*|\s+(?:and|or)\s+", found[1]) if part.strip()]
        if _NO_MODE.fullmatch(found[1]) or not inner:
            break
        modes += inner
        text = text[found.end() :]
    return tuple(dict.fromkeys(modes)), text


def looks_like_a_mode(text: str) -> bool:
    """Whether a text in brackets is the name of a mode rather than a remark."""
    return bool(_A_MODE.search(text))


def sentences(lines: Sequence[tuple[int, str]], context: Context = NO_FIELD) -> tuple[Sentence, ...]:
    """The sentences of a paragraph, given as numbered lines."""
    found = []
    for number, line in lines:
        parts = _ENDS.split(line.strip())
        whole: list[str] = []
        for part in parts:
            if whole and _ABBREVIATIONS.search(whole[-1]):
                whole[-1] += f" {part}"
            else:
                whole.append(part)
        found += [_sentence(text, number, context) for text in whole if text]
    return tuple(found)


def _sentence(text: str, line: int, context: Context) -> Sentence:
    if len(text) > _LONGEST:
        # Nobody writes such a sentence, and nobody should trust what patterns find in it.
        return Sentence(digest=digest(text), words=("if",), unsure=_UNREAD, text=text, line=line)
    says: dict[str, Any] = {}
    unsure: list[str] = []
    for key, value in _statements(text, context):
        if value is None or (key in says and says[key] != value):
            unsure.append(key)
        else:
            says[key] = value
    narrowing = "" if "required" in says else _OF_ITSELF.sub("", text)
    words = [word for word in RULE_WORDS if re.search(rf"\b{word}\b", narrowing, re.IGNORECASE)]
    words += ["mode"] if _TIED_TO_A_MODE.search(text) else []
    words += ["default"] if _DEFAULT.search(text) else []
    return Sentence(
        digest=digest(text),
        numbers=tuple(_number(found) for found in re.findall(rf"(?<![\w.])(-?{_N})", text) if len(found[0]) < 20),
        words=tuple(words),
        says={key: value for key, value in says.items() if key not in unsure},
        unsure=tuple(sorted(set(unsure))),
        text=text,
        line=line,
    )


def _statements(text: str, context: Context) -> Iterator[tuple[str, Any]]:
    """Keys of a schema with what the sentence states for them, ``None`` if it does not state it plainly."""
    if not context.type:
        return
    yield from _required(text)
    yield from _default(text, context)
    if context.is_number:
        yield from _range(text, context)
    if context.is_text or context.type.startswith("array") or context.type in ("file", "object"):
        yield from _lengths(text)
        yield from _media(text)


def _required(text: str) -> Iterator[tuple[str, Any]]:
    if re.fullmatch(r"(this (field|parameter) is )?(required|mandatory)[.!;]?", text, re.IGNORECASE):
        yield "required", True
    elif re.fullmatch(r"(this (field|parameter) is )?(optional|not required)[.!;]?", text, re.IGNORECASE):
        yield "required", False
    elif re.match(r"(required|mandatory)\b(?!\s*[.!;]?$)", text, re.IGNORECASE):
        yield "required", None


# Defaults


def _default(text: str, context: Context) -> Iterator[tuple[str, Any]]:
    if not _DEFAULT.search(text):
        return
    if not (context.is_number or context.type in ("boolean", "bool") or context.options is not None):
        return  # Texts and media have no default.
    values = [*_default_values(text, context)]
    rest = _NARROWED.search(re.sub(r"\bby default\b|\bdefaults?( value)?( is| to)?\b", "", text, flags=re.IGNORECASE))
    plain = len(_DEFAULT.findall(text)) == 1 and len(set(values)) == 1 and not rest
    if plain or (values and set(values) == {context.example}):
        yield "default", values[0]
    else:
        yield "default", None


def _default_values(text: str, context: Context) -> Iterator[Scalar]:
    pattern = r"\bdefaults?(?:\s+value)?(?:\s+(?:is|to|of))?\s*[:=]?\s*[`'\"“‘]?([^\s`'\"”’;,)（）]+)"
    words = [found.rstrip(".。!") for found in re.findall(pattern, text, re.IGNORECASE)]
    if context.is_number and not context.options:
        for word in words:
            if found := re.fullmatch(r"(-?\d+(?:\.\d+)?)(?:s|sec|px|fps)?", word):
                yield _number(found[1])
    elif context.type in ("boolean", "bool"):
        if found := re.search(r"\b(enabled|on|true|disabled|off|false) by default\b", text, re.IGNORECASE):
            yield found[1].lower() in ("enabled", "on", "true")
        for word in words:
            if word.lower() in ("true", "enabled", "on", "false", "disabled", "off"):
                yield word.lower() in ("true", "enabled", "on")
    else:
        known = {str(option): option for option in context.options or ()}
        yield from (known[word] for word in words if word in known)


# Numbers


def _range(text: str, context: Context) -> Iterator[tuple[str, Any]]:
    plain = not _NARROWED.search(re.sub(r"\brange for\b", "", text, flags=re.IGNORECASE))
    brackets = re.findall(r"[\[(（]\s*(-?[\d.]+)\s*[,，]\s*(-?[\d.]+)\s*[\])）]", text)
    between_words = r"\bbetween\s+(-?\d+(?:\.\d+)?)\s+and\s+(-?\d+(?:\.\d+)?)(?![\w.:]*:)"
    closed = re.findall(r"\[\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*\]", text)
    between = re.findall(rf"(?<![\w.:-])(-?\d+(?:\.\d+)?)\s*{_TO}\s*(-?\d+(?:\.\d+)?)(?![\w.:]*:)", text)
    ranges = [*closed, *between, *re.findall(between_words, text, re.IGNORECASE)]
    if len(ranges) == 1 and len(brackets) == len(closed) and plain and _OF_VALUES.search(text):
        low, high = (_number(bound) for bound in ranges[0])
        yield "min", low if low < high else None
        yield "max", high if low < high else None
    elif ranges or brackets or re.search(rf"{_AT_MOST}{_N}|\bat least\s*{_N}|\bmin(imum)?\b|≥|>=|<|>", text, re.I):
        yield "min", None
        yield "max", None
    if re.search(r"(?<![\w.-])-1\b|\b0\s*(?:=|means|for|takes)\s*\w+", text) and re.search(
        r"-1|\b(auto|random|automatic\w*|unlimited|adaptive|smart)\b", text, re.IGNORECASE
    ):
        yield "special", None
    if re.search(r"\bsteps? of\b|\bmultiples? of\b|\bincrements? of\b|\b(even|odd)\b", text, re.IGNORECASE):
        yield "step", None
    length = "duration" in context.name or "duration" in text.lower() or "length" in text.lower()
    if length and re.search(r"\bseconds?\b|\d\s?s\b", text) and not re.search(r"per second|millisecond|\bms\b", text):
        yield "unit", "s"


# Texts and media


def _lengths(text: str) -> Iterator[tuple[str, Any]]:
    if not re.search(r"\d\w*(?:\s+\w+)?\s*(?:char|chars|character|characters|letters)\b", text, re.IGNORECASE):
        return
    characters = r"\s*(?:char|chars|character|characters)\b"
    between = re.findall(rf"{_N}\s*{_TO}\s*{_N}{characters}", text, re.IGNORECASE)
    most = re.findall(rf"{_AT_MOST}{_N}{characters}", text, re.IGNORECASE)
    most += re.findall(rf"{_N}{characters}(?:\s+(?:max(?:imum)?|or (?:less|fewer))\b)", text, re.IGNORECASE)
    mentioned = re.findall(rf"{_N}(?={characters})", text, re.IGNORECASE)
    whole = all(re.fullmatch(r"[\d,]+", number) for number in mentioned)
    about = re.sub(r"\bsupports (both )?chinese and english\b", "", _without_subject(text), flags=re.IGNORECASE)
    if not whole or _OTHER_CHARACTERS.search(about) or _NARROWED.search(about) or len(mentioned) != 1:
        yield "max_length", None
    elif len(between) == 1 and not most:
        yield "min_length", int(_number(between[0][0]))
        yield "max_length", int(_number(between[0][1]))
    elif len(most) == 1 and not between:
        yield "max_length", int(_number(most[0]))
    else:
        yield "max_length", None


def _media(text: str) -> Iterator[tuple[str, Any]]:
    narrowed = _NARROWED.search(_without_subject(text))
    if _OTHER_FORMAT.search(text):
        yield "formats", None
    elif formats := list(dict.fromkeys(_FORMATS[found.lower()] for found in _FORMAT.findall(text))):
        yield "formats", None if narrowed else tuple(formats)
    if sizes := re.findall(r"\d+(?:[.,]\d+)?\s*(?:[KMGT]i?B|megabytes?|kilobytes?|bytes?)\b", text, re.IGNORECASE):
        plain = re.findall(rf"{_AT_MOST}([1-9]\d{{0,5}})\s*(KB|MB)\b", text, re.IGNORECASE)
        sure = len(plain) == len(sizes) == 1 and not narrowed
        yield "max_bytes", f"{plain[0][0]} {plain[0][1].upper()}" if sure else None
    between = re.findall(rf"(?<![\d.:])(\d{{1,3}})\s*{_TO}\s*(\d{{1,3}})\s+(?:\w+\s+)?{_THINGS}\b", text, re.I)
    most = re.findall(rf"{_AT_MOST}(\d{{1,3}})\s+(?:\w+\s+)?{_THINGS}\b", text, re.IGNORECASE)
    several = re.search(
        rf"\b(?:multiple|several|two|three|four|five|six|seven|eight|nine|ten)\s+(?:\w+\s+)?{_THINGS}\b", text, re.I
    )
    if (
        narrowed
        or several
        or len(between) + len(most) > 1
        or re.search(rf"{_THINGS}\s*(?:\+|and)\s*{_THINGS}", text, re.I)
    ):
        if between or most or several or re.search(r"≤\s*\d+\b(?!\s*[KMG]B)", text):
            yield "many", None
    elif between:
        yield "many", {"min": int(between[0][0]), "max": int(between[0][1])}
    elif most:
        yield "many", {"max": int(most[0])}
    if re.search(r"\bbase ?64\b|\bdata ur[il]\b|\burls?\b|\bpublic(ly)?\b", text, re.IGNORECASE):
        yield "only", None


def _without_subject(text: str) -> str:
    """The sentence without phrases that narrow nothing."""
    return re.sub(
        r"\b(in|for) the (generated )?(video|prompt|image)\b|\bnot exceed\w*|\bno \w+ than\b", "", text, flags=re.I
    )


def _number(text: str | tuple[str, ...]) -> int | float:
    digits = (text if isinstance(text, str) else text[0]).replace(",", "")
    return float(digits) if "." in digits else int(digits)
