"""``tools``: the definitions of the tools for language models, for hosts without the Model Context Protocol."""

from __future__ import annotations

import json

import click

from modelstream_runtime.agents.format_names import FORMATS, Format
from modelstream_runtime.catalog import Catalog
from modelstream_runtime.cli.exits import WRONG_CALL, Stop
from modelstream_runtime.cli.output import Output
from modelstream_runtime.cli.settings import add_options, models_option


def tools_command(catalog: Catalog) -> click.Command:
    """The command for a catalog."""

    @add_options(models_option("Add"))
    @click.command(
        "tools",
        short_help="Print definitions of tools for language models.",
        help="Print the definitions of the tools for language models as JSON, as a host without the Model Context "
        f"Protocol wants them. {catalog.package}.agents.Tools carries out the calls; hosts with the protocol run "
        f"{catalog.package} mcp instead.",
    )
    @click.option(
        "--format",
        type=click.Choice(FORMATS),
        required=True,
        help="The host that they are for: openai is OpenAI's Responses API, openai-chat is Chat Completions.",
    )
    @click.option("--strict", is_flag=True, help="For hosts that make their language model obey the schemas.")
    @click.pass_obj
    def tools(output: Output, /, format: Format, strict: bool, models: list[str]) -> None:
        from modelstream_runtime.agents.formats import tool_definitions
        from modelstream_runtime.agents.tools import tools_of

        try:
            found = tool_definitions(tools_of(catalog, models), format, strict=strict)
        except ValueError as error:
            raise Stop(WRONG_CALL, str(error), kind="UsageError") from None
        output.result(json.dumps(found, indent=2, ensure_ascii=False))

    return tools
