"""What becomes of a call by one tree of schemas: rejected, or sent with a body. No generated code runs for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.emit.body import body_of
from generator.emit.json_schema.form import form_schema
from generator.emit.json_schema.values import Schema
from generator.ir import Media, Model, Rule
from modelstream_runtime import rules
from modelstream_runtime.limits import size
from modelstream_runtime.mock.strict import StrictValidator

Values = Mapping[str, Any]

_DATA_URI = ";base64,"


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What becomes of a call."""

    body: dict[str, Any] | None = None
    refusals: tuple[str, ...] = ()
    """Why it is rejected."""
    warnings: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the request is made."""
        return not self.refusals

    @property
    def wire(self) -> str:
        """The body as it travels: order counts, and 5 is not 5.0."""
        return json.dumps(self.body, ensure_ascii=False)

    @property
    def text(self) -> str:
        """The body, or why there is none."""
        if self.refusals:
            return f"rejected: {'; '.join(self.refusals)}"
        return "; ".join([f"sends {self.wire}", *(f"warns: {warning}" for warning in self.warnings)])


@dataclass(slots=True)
class Judge:
    """Judges calls of a model. Its fields are those of the JSON Schema of the form, its rules those of the runtime."""

    model: Model
    _form: Any = field(init=False)
    _rules: tuple[rules.Rule, ...] = field(init=False)

    def __post_init__(self) -> None:
        form: Schema = form_schema(self.model)
        self._form = StrictValidator({key: value for key, value in form.items() if key not in ("allOf", "x-rules")})
        self._rules = tuple(runtime_rule(rule) for rule in self.model.rules)

    def verdict(self, values: Values) -> Verdict:
        """What becomes of the call with these values."""
        refusals = list(dict.fromkeys(self._refusals(values)))
        complete = {name: value for name, value in self.model.complete(values).items() if value is not None}
        warnings: list[str] = []
        blamed = {refusal.partition(":")[0].partition("[")[0] for refusal in refusals}
        for rule in self._rules:
            if not rule.fields.isdisjoint(blamed):
                continue
            for name, message in rule.findings(complete):
                if not rule.warns:
                    refusals.append(f"{name}: {message}")
                elif name in values:
                    warnings.append(f"{name}: {message}")
        if refusals:
            return Verdict(refusals=tuple(refusals))
        return Verdict(body=body_of(self.model, self._as_sent(values)), warnings=tuple(warnings))

    def _refusals(self, values: Values) -> Iterator[str]:
        for error in self._form.iter_errors(dict(values)):
            yield from _worded(error)
        for name, text in self._media_texts(values):
            most = self._media(name).max_bytes
            if most is not None and _DATA_URI in text and _decoded(text) > most:
                yield f"{name}: the file is larger than {size(most)}"

    def _media_texts(self, values: Values) -> Iterator[tuple[str, str]]:
        media = {f.name for f in self.model.fields if isinstance(f, Media)}
        for name in media & values.keys():
            each = values[name] if isinstance(values[name], list) else [values[name]]
            yield from ((name, text) for text in each if isinstance(text, str))

    def _media(self, name: str) -> Media:
        found = self.model.field(name)
        assert isinstance(found, Media)
        return found

    def _as_sent(self, values: Values) -> Values:
        """The values with data URIs as the fields send them, and without empty lists, which count as not given."""
        sent = {name: None if value in ([], {}) else value for name, value in values.items()}
        for name in {name for name, _ in self._media_texts(values)}:
            if self._media(name).encoding == "base64":
                value = sent[name]
                sent[name] = [_bare(text) for text in value] if isinstance(value, list) else _bare(value)
        return sent


def runtime_rule(rule: Rule) -> rules.Rule:
    """The rule as requests check it."""
    name, arguments, keywords = rule.constructor
    made: rules.Rule = getattr(rules, name)(*arguments, **keywords)
    return made


def _worded(error: Any) -> Iterator[str]:
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path).lstrip(".")
    inside = f"{place}." if place else ""
    match error.validator:
        case "additionalProperties":
            known = error.schema.get("properties", {})
            yield from (f"{inside}{name}: no such field" for name in error.instance if name not in known)
        case "required":
            yield from (f"{inside}{name}: is needed" for name in error.validator_value if name not in error.instance)
        case "enum":
            options = ", ".join(repr(option) for option in error.validator_value if option is not None)
            yield f"{place}: {_shortened(error.instance)} is not one of {options}"
        case "pattern" | "anyOf":
            yield f"{place}: {_shortened(error.instance)} is not valid there"
        case _:
            yield f"{place}: {_shortened(error.message)}"


def _shortened(value: Any) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 80 else f"{text[:60]}... ({len(text)} characters)"


def _bare(text: Any) -> Any:
    return text.partition(_DATA_URI)[2] if isinstance(text, str) and text.startswith("data:") else text


def _decoded(text: str) -> int:
    content: str = _bare(text)
    return len(content) // 4 * 3 - content[-2:].count("=")
