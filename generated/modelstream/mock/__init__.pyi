# Made from the schemas and templates/modelstream/mock/__init__.pyi.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
from modelstream.mock.core import MockGateway as MockGateway
from modelstream.mock.server import serve as serve
from modelstream_runtime.mock.application import Application as Application
from modelstream_runtime.mock.extra import MissingExtra as MissingExtra
from modelstream_runtime.mock.journal import Entry as Entry
from modelstream_runtime.mock.journal import Journal as Journal
from modelstream_runtime.mock.scenarios import SCENARIOS as SCENARIOS
from modelstream_runtime.mock.scenarios import Scenario as Scenario
from modelstream_runtime.mock.server import PortTaken as PortTaken
from modelstream_runtime.mock.server import running as running
from modelstream_runtime.mock.transport import URL as URL
from modelstream_runtime.mock.transport import MockTransport as MockTransport

__all__ = [
    "SCENARIOS",
    "URL",
    "Application",
    "Entry",
    "Journal",
    "MissingExtra",
    "MockGateway",
    "MockTransport",
    "PortTaken",
    "Scenario",
    "running",
    "serve",
]
