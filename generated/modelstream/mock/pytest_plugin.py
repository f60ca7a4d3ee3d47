# Made from the schemas and templates/modelstream/mock/pytest_plugin.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""The fixtures for tests of programs that use this package; pytest finds them once the package is installed.

    def test_coffee(modelstream_client, modelstream_mock, tmp_path):
        request = KlingV3(prompt="A cup of coffee")
        modelstream_client.generate(request).save(tmp_path / "coffee.mp4")
        assert modelstream_mock.journal.bought == 1

They need the extra ``mock``. Nothing of it is imported unless a test asks for a fixture.
"""

from typing import TYPE_CHECKING

import pytest

from modelstream_runtime.mock.fixtures import (
    async_modelstream_client,
    modelstream_client,
    modelstream_environment,
    modelstream_mock,
    modelstream_without_pauses,
)

if TYPE_CHECKING:
    from modelstream_runtime.catalog import Catalog

__all__ = [
    "async_modelstream_client",
    "modelstream_catalog",
    "modelstream_client",
    "modelstream_environment",
    "modelstream_mock",
    "modelstream_without_pauses",
]


@pytest.fixture(scope="session")
def modelstream_catalog() -> "Catalog":
    """The gateway and the models that the other fixtures use."""
    from modelstream.catalog import CATALOG

    return CATALOG
