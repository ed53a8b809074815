"""The way to QLoRA step by step."""

import pytest
from PySide6.QtCore import Qt

from tests.panes.memory.pages import key, ledger_of
from tests.qt_waits import wait_until
from workbench.core.memory.scenarios import FOUR_WAYS, STEPS
from workbench.panes.memory.page import MemoryPage


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
