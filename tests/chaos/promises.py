"""What a batch promises, compared with what the gateway counted."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from modelstream_runtime.journal.records import Purchase
from modelstream_runtime.mock.video import make_video
from tests.chaos.gateway import ChaosGateway
from tests.chaos.runners import length_of, name_of


def check_money(gateway: ChaosGateway, budget: int | None = None) -> None:
    """Nothing was bought twice, and not more than allowed."""
    assert {name: count for name, count in gateway.sold.items() if count > 1} == {}
    assert {reference: count for reference, count in gateway.references.items() if count > 1} == {}
    if budget is not None:
        assert gateway.sold.total() <= budget


def check_end(gateway: ChaosGateway, purchases: list[Purchase], folder: Path, rows: int) -> None:
    """Every row has ended, as the gateway and the disk say, too."""
    assert [purchase.id for purchase in purchases] == [name_of(number) for number in range(rows)]
    for number, purchase in enumerate(purchases):
        assert purchase.state in ("saved", "in doubt", "refused"), purchase
        if purchase.state == "refused":
            assert not gateway.sold[purchase.id], purchase
        if purchase.state == "saved":
            assert purchase.task_id == gateway.tasks[purchase.id], purchase
            check_file(purchase, number, folder)
    # What is in doubt may be bought or not, but whatever is bought is there.
    assert set(gateway.sold) <= {purchase.id for purchase in purchases}
    videos = {path.name for path in folder.iterdir() if path.suffix in (".mp4", ".part")}
    assert videos == {purchase.file for purchase in purchases if purchase.state == "saved"}


def check_file(purchase: Purchase, number: int, folder: Path) -> None:
    """The file is the video of this row, and whole."""
    content = (folder / str(purchase.file)).read_bytes()
    assert content == make_video(length_of(number), "16:9").content, purchase
    assert (purchase.sha256, purchase.bytes) == (hashlib.sha256(content).hexdigest(), len(content))


def check_results(folder: Path, purchases: list[Purchase]) -> None:
    """The file of results says what the journal says."""
    lines = [json.loads(line) for line in (folder / "results.jsonl").read_text("utf-8").splitlines()]
    assert [(line["id"], line["state"], line["paid"]) for line in lines] == [
        (purchase.id, purchase.state, purchase.paid) for purchase in purchases
    ]
