"""One training step over time, the way to QLoRA step by step, and what finished runs have taught."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from tests.panes.memory.pages import CARD, key
from tests.qt_waits import wait_until
from workbench.bridge.gpu_watch import GpuWatch
from workbench.core.memory import corrections, ledger
from workbench.core.memory.scenarios import FOUR_WAYS, STEPS
from workbench.panes.look.motion import kde_has_none
from workbench.panes.memory.curve import ENDS, points_of
from workbench.panes.memory.page import MemoryPage
from workbench.panes.memory.scale import WayBar, between, blocks_of

# -- the step ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", range(4))
def test_that_the_curve_goes_through_the_moments_and_no_higher_than_the_peak(page: MemoryPage, row: int) -> None:
    page.model.choose(row)
    told = page.model.predicted_ways()[row].ledger
    points, places = points_of(told)
    highest = max(points, key=lambda point: point.size_bytes)
    assert highest.size_bytes == told.peak_bytes
    reached = {tuple(sorted(point.parts.items())) for point in points}
    for moment in told.moments:
        assert tuple(sorted({part: float(size) for part, size in moment.parts.items()}.items())) in reached
    assert [point.x for point in points] == sorted(point.x for point in points)
    assert list(places) == list(ENDS)


def test_that_keys_go_through_the_step_and_the_peak_is_named(page: MemoryPage) -> None:
    curve = page.curve
    curve.setFocus(Qt.FocusReason.TabFocusReason)
    met = []
    for _ in ENDS:
        key(curve, Qt.Key.Key_Right)
        met.append(curve.moment)
    assert met == list(ENDS)
    assert page.model.row is not None
    peak = page.model.row.ledger.peak
    assert ", the peak." in curve.words_of(peak)
    assert curve.accessibleDescription().count(", the peak.") == 1
    key(curve, Qt.Key.Key_Escape)
    assert curve.moment == ""


# -- the story ---------------------------------------------------------------------------------------------------------


def test_that_the_story_goes_from_naive_fp32_to_qlora_by_itself(page: MemoryPage) -> None:
    story = page.ways.story
    assert story.duration == 600
    story.less_motion = lambda: False
    page.ways.play.click()
    assert story.is_playing
    wait_until(lambda: story.is_at_end)
    assert [bar.title for bar in page.ways.bars.bars] == [step.title for step in STEPS]
    totals = [bar.total_bytes for bar in page.ways.bars.bars]
    assert totals == sorted(totals, reverse=True)
    assert page.ways.bars.sentence.endswith(STEPS[-1].subtitle)
    assert page.ways.play.text() == "Again"
    key(page.ways.back, Qt.Key.Key_Space)
    assert [bar.title for bar in page.ways.bars.bars] == [way.title for way in FOUR_WAYS]


def test_that_a_bar_goes_from_the_one_before_it_to_its_own_size(page: MemoryPage) -> None:
    story, met = page.ways.story, []
    story.less_motion = lambda: False
    story.begin()
    story.moved.connect(lambda: met.append(story.bars()[1].total_bytes))
    story.go(1)
    first, second = (ledger_of(page, number).peak_bytes for number in (0, 1))
    wait_until(lambda: met[-1] == second)
    assert met == sorted(met, reverse=True)
    assert met[0] == pytest.approx(first, rel=0.1)
    story.end()


def test_that_half_way_a_bar_lies_between_the_two(page: MemoryPage) -> None:
    first, second = (WayBar("", "", blocks_of(ledger_of(page, number)), 10.0 * number, "") for number in (1, 2))
    middle = between(first, second, 0.5)
    assert middle.total_bytes == 15
    sizes = [{block.part: block.size_bytes for block in bar.blocks} for bar in (first, second)]
    for block in middle.blocks:
        assert block.size_bytes == pytest.approx(sum(each.get(block.part, 0) for each in sizes) / 2)


def ledger_of(page: MemoryPage, step: int) -> ledger.Ledger:
    return page.model.predict(STEPS[step].recipe(page.model.recipe))


def test_that_where_less_motion_is_wished_nothing_moves_by_itself(page: MemoryPage) -> None:
    story, bars = page.ways.story, page.ways.bars
    story.less_motion = lambda: True
    page.ways.play.click()
    assert (story.step, story.is_playing, len(bars.bars)) == (0, False, 1)
    assert bars.bars[0].total_bytes == ledger_of(page, 0).peak_bytes
    key(bars, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left)
    assert (story.step, len(bars.bars)) == (1, 2)
    page.ways.next.click()
    assert (story.step, len(bars.bars)) == (2, 3)
    for _ in STEPS:
        key(bars, Qt.Key.Key_Space)
    assert story.is_at_end
    assert not page.ways.next.isEnabled()


def test_that_a_story_nobody_sees_holds(page: MemoryPage) -> None:
    page.ways.story.less_motion = lambda: False
    page.ways.play.click()
    page.hide()
    assert not page.ways.story.is_playing
    page.show()


def test_that_kde_without_animations_is_understood(tmp_path: Path) -> None:
    file = tmp_path / "kdeglobals"
    assert not kde_has_none(file)
    file.write_text("[KDE]\nAnimationDurationFactor=0\n")
    assert kde_has_none(file)
    file.write_text("[KDE]\nAnimationDurationFactor=much\n")
    assert not kde_has_none(file)


# -- what runs have taught ---------------------------------------------------------------------------------------------


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
