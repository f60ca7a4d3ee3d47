# Made from the schemas and templates/modelstream/catalog.py.jinja.
# Do not edit it here: change its source, then run "nox -s generate".
"""The gateway and the models of this package, as the runtime is given them."""

from typing import Final

from modelstream.gateway import GATEWAY
from modelstream_runtime.catalog import Catalog

CATALOG: Final = Catalog(
    package="modelstream",
    gateway=GATEWAY,
    models={
        "kling-v3": "modelstream.models.kling_v3:KlingV3",
        "viduq2-pro-fast": "modelstream.models.viduq2_pro_fast:ViduQ2ProFast",
        "wan2.6-i2v-flash": "modelstream.models.wan2_6_i2v_flash:Wan26I2VFlash",
        "wan2.7-r2v": "modelstream.models.wan2_7_r2v:Wan27R2V",
    },
    generic="modelstream.models.generic:VideoRequest",
    schemas="modelstream.schemas",
    client="modelstream._sync.dispatch:ModelStream",
    async_client="modelstream._async.dispatch:AsyncModelStream",
    mock="modelstream.mock.core:MockGateway",
)
"""Names of the form ``module:name`` are imported when they are first used."""
