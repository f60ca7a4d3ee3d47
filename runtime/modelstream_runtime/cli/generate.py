"""``generate MODEL``: a command for each model, made from the model's form when somebody asks for it."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.call import Call
from modelstream_runtime.cli.durations import Durations
from modelstream_runtime.cli.exits import interrupted, rejected_submission, stop_for
from modelstream_runtime.cli.follow import resumable, resume_command, wait_and_save
from modelstream_runtime.cli.options import PREFIX, field_options, generate_form, shared_options
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.record import Record, recording
from modelstream_runtime.cli.settings import configure, gateway_address, make_client
from modelstream_runtime.cli.text import one_line, with_short_media
from modelstream_runtime.curl import curl_command
from modelstream_runtime.errors import APIError, ModelStreamError
from modelstream_runtime.form import Form
from modelstream_runtime.limits import listed

if TYPE_CHECKING:
    from modelstream_runtime.blocking import BlockingClient, BlockingTask


def generate_command(catalog: Catalog) -> click.Command:
    """The command for a catalog."""
    return _Generate(catalog)


class _Generate(click.Group):
    """The models as commands. Any other id is a command too, with the fields that all models share."""

    def __init__(self, catalog: Catalog) -> None:
        super().__init__(
            "generate",
            help="Make a video: submit a request, wait, and save the file. Each model has its own options: "
            f"{catalog.package} generate MODEL --help. Any other model id works, too, with the fields that all models "
            "share.",
            short_help="Make a video.",
            subcommand_metavar="MODEL [OPTIONS]...",
        )
        self._catalog = catalog

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._catalog.models)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name.startswith("-"):
            return None
        return _ModelCommand(generate_form(self._catalog, cmd_name))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # click would make each command for its help, and so load every model.
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
        self._form = form
        note = (
            "" if form.known else " This model has no schema here: put its own parameters into --metadata, unchecked."
        )
        super().__init__(
            form.model,
            callback=partial(_generate, form),
            params=[*field_options(form), *shared_options(form.catalog)],
            help=f"{form.summary}{note}",
            # The call reports unexpected words along with all other problems.
            context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        )

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # click would take "-output" for "-o utput".
        options = [param for param in self.params if isinstance(param, click.Option)]
        names = {name for option in options for name in (*option.opts, *option.secondary_opts)}
        with_value = {name for option in options if not option.is_flag for name in option.opts}
        for before, word in zip(["", *args], args, strict=False):
            if word.startswith("-") and f"-{word}" in names and before not in with_value:
                raise click.NoSuchOption(word, possibilities=[f"-{word}"], ctx=ctx)
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = {param.name: record for param in self.get_params(ctx) if (record := param.get_help_record(ctx))}
        model = one_line(self.name or "")
        if self._form.modes:
            with formatter.section(f"Modes of {model}, of which a request uses one"):
                formatter.write_dl(self._form.modes_explained(self._form.options))
        for modes, fields in self._form.fields_by_modes.items():
            with formatter.section(f"Fields of {model}" + (f" only for {listed(modes)}" if modes else "")):
                formatter.write_dl([records.pop(PREFIX + field.name) for field in fields])
        with formatter.section("Options"):
            formatter.write_dl(list(records.values()))


def _generate(form: Form, /, **options: Any) -> None:
    context = click.get_current_context()
    output: Output = context.obj
    configure(output, options)
    call = Call(form, options, context.args)
    if options["curl"]:
        _print_curl(call, output)
    elif options["dry_run"]:
        _print_payload(call, output)
    else:
        with make_client(call.settings) as client, recording(call.settings, output, buys=True) as record:
            # This looks for the user's home, which may take long, so it comes before the purchase.
            durations = Durations(form.catalog.package, gateway_address(call.settings), form.model)
            task = _submit(client, call, output, record)
            with resumable(task, call.settings, record):
                record.submitted(task.id)
                output.event("submitted", model=form.model, task_id=task.id, status=task.status)
                if options["no_wait"]:
                    output.result(one_line(task.id))
                output.inform(f"submitted {form.model} as task {task.id}")
                if options["no_wait"]:
                    output.inform("Resume with:")
                    output.inform(f"  {resume_command(task.id, call.settings)}")
            if not options["no_wait"]:
                wait_and_save(task, call.settings, output, record, durations=durations)


def _submit(client: BlockingClient, call: Call, output: Output, record: Record) -> BlockingTask:
    if output.is_terminal and not output.quiet:
        output.draw("submitting ...")  # A large picture takes some time.
    catalog = call.settings.catalog
    try:
        record.begin(call, client.account)
        return client.submit(call.request, extra_body=call.overrides, extra_headers=record.headers)
    except APIError as error:
        stop = rejected_submission(error, str(call.payload["model"]), catalog)
    except KeyboardInterrupt as interruption:
        stop = interrupted(interruption, catalog)
    except (ModelStreamError, OSError) as error:
        stop = stop_for(error, catalog)
    finally:
        output.draw("")
    record.not_submitted(stop)
    raise stop


def _print_payload(call: Call, output: Output) -> None:
    payload = call.payload
    short = with_short_media(payload, call.encoded_media)
    output.event("dry_run", payload=payload)
    if short != payload and not output.json:
        output.inform("Media are shortened here; --json prints them completely.")
    output.result(json.dumps(short, indent=2, ensure_ascii=False))


def _print_curl(call: Call, output: Output) -> None:
    url = gateway_address(call.settings) + call.settings.catalog.gateway.submit_path
    command = curl_command(call.payload, url=url, api_key="<token>")
    output.event("dry_run", curl=command)
    output.result(command)
