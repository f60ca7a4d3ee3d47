"""``generate MODEL``: a command for each model, made from its form when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from modelstream_runtime._text import did_you_mean
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.exits import WRONG_CALL, Stop, UsageProblem, interrupted
from modelstream_runtime.cli.follow import resume_command, wait_and_save
from modelstream_runtime.cli.form import Form, form_of
from modelstream_runtime.cli.options import PREFIX, options_of
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.settings import (
    KEY_OPTIONS,
    TALK,
    WAITING,
    Settings,
    account,
    key_advice,
    listen,
    make_client,
    read_shared,
)
from modelstream_runtime.cli.values import read_media, read_settings, read_value
from modelstream_runtime.cli.words import in_options, one_line
from modelstream_runtime.curl import curl_command
from modelstream_runtime.documents import Refused, read_params
from modelstream_runtime.errors import InvalidRequest
from modelstream_runtime.payload import merged

if TYPE_CHECKING:
    from modelstream_runtime.blocking import BlockingClient, BlockingTask
    from modelstream_runtime.request import Request

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


def _shared(catalog: Catalog) -> tuple[click.Option, ...]:
    """The options that are the same for all models."""
    return (*_OWN, *WAITING, *account(catalog), *TALK)


def shared_names(catalog: Catalog) -> set[str]:
    """Their names, which no field's option may take."""
    return {name for option in _shared(catalog) for name in (*option.opts, *option.secondary_opts)} | {"--help"}


class _Generate(click.Group):
    """The models as commands. Any other id is a command, too, with the fields that all models have."""

    def __init__(self, catalog: Catalog) -> None:
        super().__init__(
            "generate",
            help="Make a video: submit a request, wait, save the file. Each model has options of its own: "
            f"{catalog.package} generate MODEL --help. Any other model id works, too, with the fields that all models "
            "have.",
            short_help="Make a video.",
            subcommand_metavar="MODEL [OPTIONS]...",
        )
        self._catalog = catalog

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._catalog.models)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name.startswith("-"):
            return None
        return _ModelCommand(form_of(self._catalog, cmd_name, taken=shared_names(self._catalog)))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # Without the commands themselves, which would load all models.
        form = self._catalog.schemas.form
        with formatter.section("Models"):
            formatter.write_dl([(model, form(model)["description"]) for model in self._catalog.models])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        return [CompletionItem(model) for model in self._catalog.models if model.startswith(incomplete)]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            message = f"the model comes first: {self._catalog.package} generate MODEL {error.option_name} ..."
            raise click.UsageError(message, ctx) from None


class _ModelCommand(click.Command):
    """Makes a video with one model."""

    def __init__(self, form: Form) -> None:
        note = "" if form.known else " It is not known here: its own parameters go into --metadata, unchecked."
        super().__init__(
            form.model,
            callback=partial(_generate, form),
            params=[*options_of(form), *_shared(form.catalog)],
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


def _submit(client: BlockingClient, call: _Call, output: Output) -> BlockingTask:
    if output.is_terminal and not output.quiet:
        output.draw("submitting ...")  # A large picture takes its time.
    try:
        return client.submit(call.request, extra_body=call.extra)
    except KeyboardInterrupt as interruption:
        raise interrupted(interruption, call.settings.catalog) from None
    finally:
        output.draw("")


class _Call:
    """A command line, read: the request, what goes over it, and the shared options.

    Raises:
        Stop: with everything that is wrong.
    """

    def __init__(self, form: Form, options: Mapping[str, Any], unexpected: Sequence[str]) -> None:
        self._form = form
        self._problems: list[UsageProblem] = _unknown(unexpected, form)
        self._refused: set[str] = set()
        """Fields whose values could not be read, so that there is nothing more to say about them."""
        self._sources: dict[str, str] = {}
        """Fields from a file, and where they are from."""
        self.settings: Settings = read_shared(dict(options), self._problems, form.catalog)
        self._check_flags(options)
        values = self._from_file(options["params"]) | self._from_options(options)
        values |= dict.fromkeys(self._omitted(options["omit"]))
        self.extra: dict[str, Any] = {}
        try:
            self.extra = read_settings(options["settings"])
        except Refused as refused:
            self._problems.append(UsageProblem("--set", str(refused)))
        request = self._make(values)
        if self._problems or request is None:
            raise self._stop()
        self.request: Request = request

    @property
    def payload(self) -> dict[str, Any]:
        """The body that is sent."""
        body = self.request.to_payload()
        if not self.extra:
            return body
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
                    self._problems.append(UsageProblem(name, message, problem.field, problem.path))
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
            self._problems.append(UsageProblem("--params", f"{name}: {refused}"))
            # Nobody knows what it would have given, so nothing is said about what is missing.
            self._refused |= {field.name for field in self._form.fields if field.required}
            return {}
        model = values.pop("model", self._form.model)
        if model != self._form.model:
            self._problems.append(UsageProblem(f"model in {name}", f"{model!r} is not {self._form.model!r}"))
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
                self._problems.append(UsageProblem(field.option, str(refused), field.name, field.target))
        return values

    def _omitted(self, names: Sequence[str]) -> list[str]:
        known = self._form.options
        omitted = [name.removeprefix("--").replace("-", "_") for name in names]
        for name in omitted:
            if name not in known:
                self._problems.append(UsageProblem("--omit", f"{name!r} is no field{did_you_mean(name, known)}"))
        return [name for name in omitted if name in known]

    def _check_flags(self, options: Mapping[str, Any]) -> None:
        if options["curl"] and not options["dry_run"]:
            self._problems.append(UsageProblem("--curl", "goes with --dry-run"))
        if options["no_wait"] and options["output"]:
            self._problems.append(UsageProblem("--no-wait", "saves nothing, so that it does not go with --output"))

    def _stop(self) -> Stop:
        count = len(self._problems)
        message = f"{count} problem{'s' if count != 1 else ''} in a {self._form.model} call; nothing was sent"
        near = "" if self._form.known else did_you_mean(self._form.model, self._form.catalog.models)
        hint = f"{self._form.model!r} is not known here{near}" if near else ""
        return Stop(WRONG_CALL, message, kind="InvalidRequest", problems=self._problems, hint=hint)


def _as_files(field: Any, value: Any) -> Any:
    if isinstance(value, list):
        return [_as_files(field, item) for item in value]
    return read_media(field, value) if isinstance(value, str) else value


def _unknown(unexpected: Sequence[str], form: Form) -> list[UsageProblem]:
    """What stands in the command and no option takes. Values are not repeated: one may be a key."""
    known = {*form.options.values(), *shared_names(form.catalog)}
    known |= {f"--no-{field.option[2:]}" for field in form.fields if field.kind == "boolean"}
    problems: list[UsageProblem] = []
    after_option = False
    for word in unexpected:
        if word.startswith("-") and len(word) > 1:
            name, equals, _ = word.partition("=")
            message = key_advice(form.catalog) if name in KEY_OPTIONS else f"no such option{did_you_mean(name, known)}"
            problems.append(UsageProblem(name, message))
            after_option = not equals
        elif after_option:
            after_option = False
        else:
            advice = "; the text goes behind --prompt, in quotes" if "prompt" in form.options else ""
            problems.append(UsageProblem(repr(word), f"belongs to no option{advice}"))
    return problems


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
    gateway = call.settings.catalog.gateway
    url = (call.settings.base_url or gateway.base_url) + gateway.submit_path
    command = curl_command(call.payload, url=url, api_key="<token>")
    output.event("dry_run", curl=command)
    output.result(command)


def generate_command(catalog: Catalog) -> click.Command:
    """The command for a catalog."""
    return _Generate(catalog)
