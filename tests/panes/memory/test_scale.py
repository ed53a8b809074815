"""Bars that go from one to the next."""

import pytest

from tests.panes.memory.pages import ledger_of
from workbench.panes.memory.page import MemoryPage
from workbench.panes.memory.scale import WayBar, between, blocks_of


def test_that_half_way_a_bar_lies_between_the_two(page: MemoryPage) -> None:
    first, second = (WayBar("", "", blocks_of(ledger_of(page, number)), 10.0 * number, "") for number in (1, 2))
    middle = between(first, second, 0.5)
    assert middle.total_bytes == 15
    sizes = [{block.part: block.size_bytes for block in bar.blocks} for bar in (first, second)]
    for block in middle.blocks:
        assert block.size_bytes == pytest.approx(sum(each.get(block.part, 0) for each in sizes) / 2)
