"""What finished runs have taught, in the lines, the bars and the head."""

import json

from PySide6.QtCore import Qt

from tests.panes.memory.pages import CARD, key
from workbench.bridge.gpu_watch import GpuWatch
from workbench.core.memory import corrections
from workbench.panes.memory.page import MemoryPage


def test_that_a_figure_says_on_how_many_runs_it_rests_and_can_be_reset(page: MemoryPage, gpu: GpuWatch) -> None:
    gpu.cards = (CARD,)
    gpu.changed.emit()
    assert "no run of a Llama model on this card has finished" in page.lines.detail.text()
    plain = page.model.row
    assert plain is not None
    rows = [
        {
            "run": f"run-{number}",
            "formula": corrections.FORMULA,
            "card": CARD.name,
            "family": "Llama",
            "predicted_bytes": 1000,
            "measured_bytes": 1100,
        }
        for number in range(7)
    ]
    corrections.path().parent.mkdir(parents=True, exist_ok=True)
    corrections.path().write_text(json.dumps({"format": corrections.FORMAT, "runs": rows}))
    page.shown_first()
    row = page.model.row
    assert row is not None
    assert row.corrected.peak_bytes > plain.corrected.peak_bytes
    assert "7 runs" in page.lines.detail.text()
    assert page.lines.table.lines.rows[-2][0] == "Learned"
    assert page.ways.bars.bars[3].blocks[-1].part == "learned"
    assert page.tag.text.startswith(f"QLoRA fits: {row.corrected.peak_bytes / 1e9:.1f}")
    assert page.lines.forget.isVisible()
    key(page.lines.forget, Qt.Key.Key_Space)
    assert "Press again" in page.lines.detail.text()
    assert page.model.correction.runs == 7
    key(page.lines.forget, Qt.Key.Key_Space)
    assert page.model.correction.runs == 0
    assert page.lines.forget.isHidden()
    assert page.model.row == plain


def test_that_a_correction_downwards_hatches_what_was_not_needed(page: MemoryPage, gpu: GpuWatch) -> None:
    gpu.cards = (CARD,)
    gpu.changed.emit()
    row = {"run": "a", "formula": corrections.FORMULA, "card": CARD.name, "family": "Llama"}
    document = {"format": 1, "runs": [{**row, "predicted_bytes": 1000, "measured_bytes": 800}]}
    corrections.path().parent.mkdir(parents=True, exist_ok=True)
    corrections.path().write_text(json.dumps(document))
    page.shown_first()
    bar = page.ways.bars.bars[3]
    assert bar.total_bytes < sum(block.size_bytes for block in bar.blocks)
    assert not page.grab().isNull()
