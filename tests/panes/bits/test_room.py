"""What the Bits page makes of more room and of less: larger rows, facts of the format, one card in place of two."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from tests.panes.shown import Frame, shown
from tests.qt_waits import wait_until
from workbench.core.bits.format_facts import format_facts
from workbench.numerics.named_formats import FP16, INT8, NF4, NUMBER_FORMATS
from workbench.panes.bits.page import BitsPage
from workbench.panes.charts.picture_files import file_of
from workbench.panes.look.theme import Theme


@pytest.fixture
def framed(theme: Theme) -> Iterator[tuple[BitsPage, Frame]]:
    page = BitsPage(theme)
    with shown(page) as frame:
        yield page, frame


def test_that_a_format_is_told_by_its_ends_and_its_waste() -> None:
    assert dict(format_facts(FP16)) == {
        "Largest value": "65504",
        "Smallest normal": "0.000061035156",
        "Smallest subnormal": "5.9604645e\u22128",
        "Wasted codes": "2\u2009046 of 65\u2009536",
    }
    assert dict(format_facts(INT8))["Wasted codes"] == "none"
    assert format_facts(NF4) == ()


def test_that_all_usual_rows_are_in_sight_on_a_small_screen(framed: tuple[BitsPage, Frame]) -> None:
    page, _frame = framed
    rows = page.view.table.views
    wait_until(lambda: all(row.visibleRegion().boundingRect().height() == row.height() for row in rows))
    assert page.view.worked.isVisible()
    assert page.view.line.isVisible()


def test_that_rows_and_workings_are_larger_on_a_large_screen(framed: tuple[BitsPage, Frame]) -> None:
    page, frame = framed
    strips = page.view.table.views[0].strip, page.view.worked.view.strip
    for _ in range(3):
        QApplication.processEvents()
    small = [strip.cells.height for strip in strips]
    frame.resize(1920, 1016)
    wait_until(lambda: all(s.cells.height > 1.1 * least for s, least in zip(strips, small, strict=True)))
    frame.resize(1366, 704)
    wait_until(lambda: [strip.cells.height for strip in strips] == small)


@pytest.mark.slow
def test_that_a_projector_shows_one_card_with_all_of_its_words(framed: tuple[BitsPage, Frame], theme: Theme) -> None:
    page, frame = framed
    theme.set_projector(True)
    try:
        frame.resize(1180, 690)
        wait_until(lambda: page.view.cards.isVisible())
        assert page.view.worked.isVisible() is not page.view.line.isVisible()
        page.model.select(len(page.model.rows) - 1)
        chosen = page.view.table.views[-1]
        wait_until(lambda: chosen.visibleRegion().boundingRect().height() == chosen.height())
        fact = page.view.bar.field.findChild(QLabel)
        assert fact is not None
        assert fact.width() >= fact.sizeHint().width()
    finally:
        theme.set_projector(False)


def test_that_a_drawing_leaves_out_rows_that_are_cut_off(framed: tuple[BitsPage, Frame]) -> None:
    page, _frame = framed
    page.model.set_formats(list(NUMBER_FORMATS.values()))
    page.model.select(0)
    QApplication.processEvents()
    views = page.view.table.views
    wait_until(lambda: views[-1].visibleRegion().isEmpty())
    drawing = file_of(page.view, page.theme, "Bits", ".svg").decode()
    assert drawing.count(">FP32<") == 2  # in the table, and on the line
    assert drawing.count(f">{views[-1].row.format.name}<") < 2
    assert all(view.isVisible() for view in views)
