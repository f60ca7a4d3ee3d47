"""``modelstream generate MODEL``: a command for each model, made from its form when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from modelstream.cli.exits import WRONG_CALL, Stop, Wrong, interrupted
from modelstream.cli.follow import resume_command, wait_and_save
from modelstream.cli.form import Form, form_of
from modelstream.cli.options import PREFIX, options_of
from modelstream.cli.output import Output
from modelstream.cli.params import read_params
from modelstream.cli.settings import (
    ACCOUNT,
    KEY_ON_THE_COMMAND_LINE,
    KEY_OPTIONS,
    TALK,
    WAITING,
    Settings,
    listen,
    make_client,
    read_shared,
)
from modelstream.cli.values import Refused, read_settings, read_value
from modelstream.cli.words import did_you_mean, in_options, one_line
from modelstream.errors import InvalidRequest
from modelstream.models import MODELS

if TYPE_CHECKING:
    from modelstream import ModelStream, Request, Task

_OWN = (
    click.Option(
        ["--params"],
        metavar="FILE",
        type=click.Path(),
        help="YAML (1.2) or JSON file with values by field name; - is standard input. Options go before it.",
    ),
    click.Option(
        ["--set", "settings"],
        metavar="KEY.KEY=VALUE",
        multiple=True,
        help="Put a value over the JSON body, for parameters that have no option. JSON, or else a text; not checked.",
    ),
    click.Option(
        ["--omit"],
        metavar="FIELD",
        multiple=True,
        help="Leave a field out of the request, even its default; the gateway then takes its own.",
    ),
    click.Option(["--dry-run"], is_flag=True, help="Show the JSON body; send nothing. Needs no key."),
    click.Option(["--curl"], is_flag=True, help="With --dry-run: show the curl command instead."),
    click.Option(["--no-wait"], is_flag=True, help="Submit only, and tell the id of the task."),
)
_SHARED = (*_OWN, *WAITING, *ACCOUNT, *TALK)
SHARED_NAMES = {name for option in _SHARED for name in (*option.opts, *option.secondary_opts)} | {"--help"}
"""The options that are the same for all models."""


class Generate(click.Group):
    """The models as commands. Any other id is a command, too, with the fields that all models have."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(MODELS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name.startswith("-"):
            return None
        form = form_of(cmd_name, taken=SHARED_NAMES)
        return _ModelCommand(form)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from modelstream import schemas

        # Without the commands themselves, which would load all models.
        with formatter.section("Models"):
            formatter.write_dl([(model, schemas.form(model)["description"]) for model in MODELS])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [CompletionItem(model) for model in MODELS if model.startswith(incomplete)]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            message = f"the model comes first: modelstream generate MODEL {error.option_name} ..."
            raise click.UsageError(message, ctx) from None


class _ModelCommand(click.Command):
    """Makes a video with one model."""

    def __init__(self, form: Form) -> None:
        note = "" if form.known else " It is not known here: its own parameters go into --metadata, unchecked."
        super().__init__(
            form.model,
            callback=partial(_generate, form),
            params=[*options_of(form), *_SHARED],
            help=f"{form.summary}{note}",
            # What no option takes is told together with everything else that is wrong.
            context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        )

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = {True: f"Values of {one_line(self.name or '')}", False: "Options"}
        for of_form, title in own.items():
            with formatter.section(title):
                formatter.write_dl(
                    [
                        record
                        for param in self.get_params(ctx)
                        if (param.name or "").startswith(PREFIX) is of_form
                        and (record := param.get_help_record(ctx)) is not None
                    ]
                )


def _generate(form: Form, /, **options: Any) -> None:
    context = click.get_current_context()
    output: Output = context.obj
    listen(output, options)
    call = _Call(form, options, context.args)
    if options["dry_run"]:
        _show(call, options["curl"], output)
        return
    with make_client(call.settings) as client:
        task = _submit(client, call, output)
        output.event("submitted", model=form.model, task_id=task.id, status=task.status)
        if options["no_wait"]:
            output.talk("submitted; go on with:")
            output.talk(f"  {resume_command(task.id, call.settings)}")
            output.result(one_line(task.id))
        else:
            output.talk(f"submitted {form.model} as task {task.id}")
            wait_and_save(task, call.settings, output)


def _submit(client: ModelStream, call: _Call, output: Output) -> Task:
    if output.is_terminal and not output.quiet:
        output.draw("submitting ...")  # A large picture takes its time.
    try:
        return client.submit(call.request, extra_body=call.extra)
    except KeyboardInterrupt as interruption:
        raise interrupted(interruption) from None
    finally:
        output.draw("")


class _Call:
    """A command line, read: the request, what goes over it, and the shared options.

    Raises:
        Stop: with everything that is wrong.
    """

    def __init__(self, form: Form, options: Mapping[str, Any], strangers: Sequence[str]) -> None:
        self._form = form
        self._wrongs: list[Wrong] = _unknown(strangers, form)
        self._refused: set[str] = set()
        """Fields whose values could not be read, so that there is nothing more to say about them."""
        self._sources: dict[str, str] = {}
        """Fields from a file, and where they are from."""
        self.settings: Settings = read_shared(dict(options), self._wrongs)
        self._check_flags(options)
        values = self._from_file(options["params"]) | self._from_options(options)
        values |= dict.fromkeys(self._omitted(options["omit"]))
        self.extra: dict[str, Any] = {}
        try:
            self.extra = read_settings(options["settings"])
        except Refused as refused:
            self._wrongs.append(Wrong("--set", str(refused)))
        request = self._make(values)
        if self._wrongs or request is None:
            raise self._stop()
        self.request: Request = request

    @property
    def payload(self) -> dict[str, Any]:
        """The body that is sent."""
        body = self.request.to_payload()
        if not self.extra:
            return body
        from modelstream.payload import merged

        return merged(body, self.extra)

    def _make(self, values: dict[str, Any]) -> Request | None:
        try:
            return self._form.request(values)
        except InvalidRequest as error:
            for problem in error.problems:
                field = problem.field.partition("[")[0].partition(".")[0]
                if field not in self._refused:
                    message = _in_words_of_a_call(problem.message, self._form)
                    name = self._name(field, problem.field[len(field) :])
                    self._wrongs.append(Wrong(name, message, problem.field, problem.path))
            return None

    def _name(self, field: str, part: str) -> str:
        """What the user wrote for a field, and the part of it that is meant, such as ``[0].duration``."""
        source = self._sources.get(field)
        if source is not None:
            return f"{field}{part} in {source}"
        return self._form.options.get(field, field) + part

    def _from_file(self, name: str | None) -> dict[str, Any]:
        if name is None:
            return {}
        try:
            values = read_params(name)
        except Refused as refused:
            self._wrongs.append(Wrong("--params", f"{name}: {refused}"))
            # Nobody knows what it would have given, so nothing is said about what is missing.
            self._refused |= {field.name for field in self._form.fields if field.required}
            return {}
        model = values.pop("model", self._form.model)
        if model != self._form.model:
            self._wrongs.append(Wrong(f"model in {name}", f"{model!r} is not {self._form.model!r}"))
        self._sources = dict.fromkeys(values, name)
        media = {field.name: field for field in self._form.fields if field.kind == "media"}
        for field_name in values.keys() & media.keys():
            values[field_name] = _as_files(media[field_name], values[field_name])
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
            except Refused as refused:
                self._refused.add(field.name)
                self._wrongs.append(Wrong(field.option, str(refused), field.name, field.target))
        return values

    def _omitted(self, names: Sequence[str]) -> list[str]:
        known = self._form.options
        omitted = [name.removeprefix("--").replace("-", "_") for name in names]
        for name in omitted:
            if name not in known:
                self._wrongs.append(Wrong("--omit", f"{name!r} is no field{did_you_mean(name, known)}"))
        return [name for name in omitted if name in known]

    def _check_flags(self, options: Mapping[str, Any]) -> None:
        if options["curl"] and not options["dry_run"]:
            self._wrongs.append(Wrong("--curl", "goes with --dry-run"))
        if options["no_wait"] and options["output"]:
            self._wrongs.append(Wrong("--no-wait", "saves nothing, so that it does not go with --output"))

    def _stop(self) -> Stop:
        count = len(self._wrongs)
        message = f"{count} problem{'s' if count != 1 else ''} in a {self._form.model} call; nothing was sent"
        near = "" if self._form.known else did_you_mean(self._form.model, MODELS)
        hint = f"{self._form.model!r} is not known here{near}" if near else ""
        return Stop(WRONG_CALL, message, kind="InvalidRequest", wrongs=self._wrongs, hint=hint)


def _as_files(field: Any, value: Any) -> Any:
    from modelstream.cli.values import read_media

    if isinstance(value, list):
        return [_as_files(field, item) for item in value]
    return read_media(field, value) if isinstance(value, str) else value


def _unknown(strangers: Sequence[str], form: Form) -> list[Wrong]:
    """What stands in the command and no option takes. Values are not repeated: one may be a key."""
    known = {*form.options.values(), *SHARED_NAMES}
    known |= {f"--no-{field.option[2:]}" for field in form.fields if field.kind == "boolean"}
    wrongs: list[Wrong] = []
    after_option = False
    for word in strangers:
        if word.startswith("-") and len(word) > 1:
            name, equals, _ = word.partition("=")
            message = KEY_ON_THE_COMMAND_LINE if name in KEY_OPTIONS else f"no such option{did_you_mean(name, known)}"
            wrongs.append(Wrong(name, message))
            after_option = not equals
        elif after_option:
            after_option = False
        else:
            advice = "; the text goes behind --prompt, in quotes" if "prompt" in form.options else ""
            wrongs.append(Wrong(repr(word), f"belongs to no option{advice}"))
    return wrongs


def _in_words_of_a_call(message: str, form: Form) -> str:
    message = message.replace("; for a local file give pathlib.Path(...)", "")
    message = message.replace("is required and cannot be None", "is required and cannot be left out")
    return in_options(message, form.options)


def _show(call: _Call, curl: bool, output: Output) -> None:
    """What would be sent."""
    if not curl:
        output.event("dry_run", payload=call.payload)
        output.result(json.dumps(call.payload, indent=2, ensure_ascii=False))
        return
    from modelstream import gateway
    from modelstream.curl import curl_command

    url = (call.settings.base_url or gateway.BASE_URL) + gateway.SUBMIT_PATH
    command = curl_command(call.payload, url=url, api_key="<token>")
    output.event("dry_run", curl=command)
    output.result(command)


generate = Generate(
    "generate",
    help="Make a video: submit a request, wait, save the file. Each model has options of its own: "
    "modelstream generate MODEL --help. Any other model id works, too, with the fields that all models have.",
    short_help="Make a video.",
    subcommand_metavar="MODEL [OPTIONS]...",
)
