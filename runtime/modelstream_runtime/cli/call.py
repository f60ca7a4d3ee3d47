"""Reading a call of ``generate MODEL``: its options and its file of values become a request, or a list of problems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from modelstream_runtime.cli.exits import WRONG_CALL, Stop, UsageProblem
from modelstream_runtime.cli.options import PREFIX, shared_names
from modelstream_runtime.cli.settings import KEY_OPTIONS, Settings, key_advice, read_settings
from modelstream_runtime.cli.text import counted, with_options
from modelstream_runtime.cli.values import read_overrides, read_value
from modelstream_runtime.documents import UnreadableValue, read_params
from modelstream_runtime.errors import InvalidRequest
from modelstream_runtime.field_names import nearest_field, suggested_field
from modelstream_runtime.form import Form
from modelstream_runtime.form_values import with_media
from modelstream_runtime.payload import each, merged

if TYPE_CHECKING:
    from modelstream_runtime.request import Request


class Call:
    """A call of ``generate MODEL``.

    Args:
        form: the model's form.
        options: the values of all options, by parameter name.
        unexpected: the words that no option takes.

    Attributes:
        request: the request.
        overrides: the part of the JSON body that replaces what the request gives.
        settings: the shared options.

    Raises:
        Stop: something is wrong. It lists all problems.
    """

    def __init__(self, form: Form, options: Mapping[str, Any], unexpected: Sequence[str]) -> None:
        self._form = form
        self._problems = _unexpected_words(unexpected, form)
        self._unreadable: set[str] = set()
        """Fields whose values could not be read. Nothing else is said about them."""
        self._sources: dict[str, str] = {}
        """Field to the file that its value comes from."""
        self.settings: Settings = read_settings(options, self._problems, form.catalog)
        self._check_flags(options)
        from_file = self._from_file(options["params"])
        values = (from_file or {}) | self._from_options(options) | dict.fromkeys(self._omitted(options["omit"]))
        if from_file is None:  # The file may hold what seems to be missing.
            self._unreadable |= self._form.options.keys() - values.keys()
        self.overrides = self._overrides(options["overrides"])
        request = self._make(values)
        if self._problems or request is None:
            # A request of a misspelled model has already given a warning.
            raise self._stop(form.catalog.similar_model(form.model) if request is None else None)
        self.request: Request = request
        self._values = values

    @property
    def payload(self) -> dict[str, Any]:
        """The JSON body to send."""
        body = self.request.to_payload()
        return merged(body, self.overrides) if self.overrides else body

    @property
    def stored(self) -> str:
        """What a journal keeps of the request: the values, with the paths of files; the body if they do not say all."""
        from modelstream_runtime.purchases.content import Content, NotJson, paths_in

        # What came through a pipe cannot be read again.
        if not self.overrides and all(path.is_file() for _, path in paths_in(self._values)):
            with suppress(NotJson, OSError):
                return Content.of_values(self._form.model, self._values).stored()
        return Content.of_body(self._form.model, self.payload).stored()

    @property
    def encoded_media(self) -> set[str]:
        """As `encoded_media`."""
        return encoded_media(self._form, self.request)

    def _make(self, values: dict[str, Any]) -> Request | None:
        try:
            return self._form.request(values)
        except InvalidRequest as error:
            for problem in error.problems:
                field = problem.field.partition("[")[0].partition(".")[0]
                if field not in self._unreadable:
                    name = self._name(field, problem.field[len(field) :])
                    message = _as_of_a_call(problem.message, self._form)
                    self._problems.append(UsageProblem(name, message, problem.field, problem.path))
            return None

    def _name(self, field: str, part: str) -> str:
        """What the user wrote for a field, and the part of it that is meant, such as ``[0].duration``."""
        if field in self._sources:
            return f"{field}{part} in {self._sources[field]}"
        return self._form.options.get(field, field) + part

    def _from_file(self, name: str | None) -> dict[str, Any] | None:
        """The values in the file; ``None`` if it cannot be read."""
        if name is None:
            return {}
        try:
            values = read_params(name)
        except UnreadableValue as error:
            self._problems.append(UsageProblem("--params", f"{name}: {error}"))
            return None
        model = values.pop("model", self._form.model)
        if model != self._form.model:
            self._problems.append(UsageProblem(f"model in {name}", f"{model!r} is not {self._form.model!r}"))
        self._sources = dict.fromkeys(values, name)
        for field in self._form.fields:
            if field.kind in ("media", "objects") and field.name in values:
                values[field.name] = with_media(field, values[field.name])
        return values

    def _from_options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for field in self._form.fields:
            given = options[PREFIX + field.name]
            if given is None or given == ():
                continue
            self._sources.pop(field.name, None)
            try:
                values[field.name] = read_value(field, given)
            except UnreadableValue as error:
                self._unreadable.add(field.name)
                self._problems.append(UsageProblem(field.option, str(error), field.name, field.target))
        return values

    def _overrides(self, given: Sequence[str]) -> dict[str, Any]:
        try:
            return read_overrides(given)
        except UnreadableValue as error:
            self._problems.append(UsageProblem("--set", str(error)))
            return {}

    def _omitted(self, names: Sequence[str]) -> list[str]:
        known = self._form.options
        omitted = list(map(_as_field, names))
        for name in omitted:
            if name not in known:
                message = f"{name!r} is not a field{suggested_field(name, known)}"
                self._problems.append(UsageProblem("--omit", message))
        return [name for name in omitted if name in known]

    def _check_flags(self, options: Mapping[str, Any]) -> None:
        if options["curl"] and not options["dry_run"]:
            self._problems.append(UsageProblem("--curl", "needs --dry-run"))
        if options["no_wait"] and options["output"]:
            self._problems.append(UsageProblem("--no-wait", "saves no video, so it cannot be used with --output"))

    def _stop(self, similar_model: str | None) -> Stop:
        model = self._form.model
        message = f"{counted(len(self._problems), 'problem')} in a {model or 'video'} request; nothing was sent"
        hint = f"There is no request class for {model!r}; did you mean {similar_model!r}?" if similar_model else ""
        return Stop(WRONG_CALL, message, kind="InvalidRequest", problems=self._problems, hint=hint)


def encoded_media(form: Form, request: Request) -> set[str]:
    """The media that a request holds as data URIs or Base64, and not as addresses."""
    values = [getattr(request, field.name) for field in form.fields if field.kind == "media"]
    for field in form.fields:
        items = each(getattr(request, field.name)) if field.parts else ()
        values += [getattr(item, part) for item in items for part in field.parts]
    texts = (text for value in values for text in each(value))
    return {text for text in texts if "://" not in text}


def _unexpected_words(words: Sequence[str], form: Form) -> list[UsageProblem]:
    """The words that no option takes, as problems. Values are not repeated, because one may be a key."""
    problems: list[UsageProblem] = []
    after_option = False
    for word in words:
        if word.startswith("-") and len(word) > 1:
            name, equals, _ = word.partition("=")
            message = key_advice(form.catalog) if name in KEY_OPTIONS else _no_such_option(name, form)
            problems.append(UsageProblem(name, message))
            after_option = not equals
        elif after_option:
            after_option = False
        else:
            advice = "; put the prompt after --prompt, in quotes" if "prompt" in form.options else ""
            problems.append(UsageProblem(repr(word), f"unexpected argument{advice}"))
    return problems


def _no_such_option(option: str, form: Form) -> str:
    known = {field.option: field.name for field in form.fields}
    known |= {f"--no-{field.option[2:]}": f"no_{field.name}" for field in form.fields if field.kind == "boolean"}
    known |= {name: _as_field(name) for name in shared_names(form.catalog) if name.startswith("--")}
    nearest = nearest_field(_as_field(option), known.values())
    return "no such option" + next((f"; did you mean {name!r}?" for name in known if known[name] == nearest), "")


def _as_field(option: str) -> str:
    return option.lstrip("-").replace("-", "_")


def _as_of_a_call(message: str, form: Form) -> str:
    """The message of a request in the terms of a command line."""
    message = message.replace("; for a local file, pass pathlib.Path(...)", "")
    message = message.replace("is required and cannot be None", "is required and cannot be left out")
    return with_options(message, form.options)
