# Made from the schemas and templates/modelstream/agents.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""Tools for language models: every parameter checked, nothing bought twice, no budget passed.

    from modelstream.agents import Tools

    tools = Tools(max_purchases=3, out="videos")
    definitions = tools.definitions("openai", strict=True)
    result = tools.run_tool_call("list_models", {})

A host of the Model Context Protocol runs ``modelstream mcp`` instead.
"""

from modelstream.catalog import CATALOG
from modelstream_runtime.agents.format_names import FORMATS, Format
from modelstream_runtime.agents.results import ToolResult
from modelstream_runtime.agents.toolbox import BaseTools

__all__ = ["FORMATS", "Format", "ToolResult", "Tools"]


class Tools(BaseTools):
    __doc__ = BaseTools.__doc__
    catalog = CATALOG
