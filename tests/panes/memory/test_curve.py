"""The curve of one training step."""

import pytest
from PySide6.QtCore import Qt

from tests.panes.memory.pages import key
from workbench.panes.memory.curve import ENDS, points_of
from workbench.panes.memory.page import MemoryPage


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
