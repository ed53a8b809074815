"""The Memory page taken along as text and picture, and how it looks in every theme and size."""

import csv
import io
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from tests.panes.memory.pages import key, settle
from tests.panes.shown import in_every_look
from tests.window.clipping import clipped
from workbench.core.memory.ledger import NAMES, PARTS
from workbench.core.memory.scenarios import FOUR_WAYS
from workbench.core.model import catalogue
from workbench.panes.look.ink import contrast
from workbench.panes.look.theme import Theme
from workbench.panes.memory.bars_paint import on_color
from workbench.panes.memory.page import MemoryPage

LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3

# -- taking it along ---------------------------------------------------------------------------------------------------


def test_that_lines_and_rows_are_copied_with_tabs(page: MemoryPage) -> None:
    page.lines.copy.click()
    text = QGuiApplication.clipboard().text()
    assert [line.split("\t")[0] for line in text.splitlines()][1:] == [*(part.capitalize() for part in PARTS), "Peak"]
    page.ways.save.menu().actions()[0].trigger()
    table = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert table[0][1:] == [way.title for way in FOUR_WAYS]
    assert {len(row) for row in table} == {5}


def test_that_the_csv_holds_bytes_and_formulas_and_nothing_that_a_spreadsheet_runs(
    page: MemoryPage, tmp_path: Path
) -> None:
    page.model.rename(3, "=cmd()")
    page.ways.menus.ask_csv()
    dialog = page.window().findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    target = tmp_path / "memory.csv"
    dialog.fileSelected.emit(str(target))
    dialog.reject()
    rows = list(csv.DictReader(io.StringIO(target.read_text("utf-8"))))
    assert len(rows) == 4 * (len(PARTS) + 1)
    assert rows[-1]["way"] == "'=cmd()"
    for way, row in zip(range(4), page.model.predicted_ways(), strict=True):
        mine = rows[way * 10 : way * 10 + 10]
        assert [entry["line"] for entry in mine] == [*NAMES.values(), "peak"]
        assert sum(int(entry["bytes"]) for entry in mine[:-1]) == int(mine[-1]["bytes"]) == row.ledger.peak_bytes
    page.ways.menus.ask_csv()
    dialog = page.window().findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    (tmp_path / "file").touch()
    dialog.fileSelected.emit(str(tmp_path / "file" / "such.csv"))
    dialog.reject()
    assert "cannot be written" in page.header.sentence.whole


@pytest.mark.parametrize(("ending", "beginning"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_that_the_picture_is_saved(page: MemoryPage, tmp_path: Path, ending: str, beginning: bytes) -> None:
    page.ways.save.menu().actions()[-1].trigger()
    dialog = page.window().findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    target = tmp_path / f"memory.{ending}"
    dialog.fileSelected.emit(str(target))
    dialog.reject()
    assert target.read_bytes().startswith(beginning)


# -- how it looks ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_that_every_look_has_room(page: MemoryPage, theme: Theme) -> None:
    for act in (page.ways.show_rows, page.ways.story.begin, lambda: page.ways.show_article(True)):
        act()
        in_every_look(theme, page)


@pytest.mark.parametrize("size", [(1366, 704), (1920, 1016), (1000, 600), (880, 526)])
def test_that_no_words_are_cut_and_no_card_lies_on_another(page: MemoryPage, size: tuple[int, int]) -> None:
    window = page.window()
    window.resize(*size)
    QApplication.processEvents()
    for act in (page.ways.show_rows, page.ways.story.begin, lambda: page.ways.show_article(True)):
        act()
        settle(page)
        QApplication.processEvents()
        assert clipped(page) == []
        cards = [card for card in (page.ways, page.lines, page.curve_card, page.changes) if card.isVisible()]
        places = [card.rect().translated(card.mapTo(page, QPoint(0, 0))) for card in cards]
        assert not any(a.intersects(b) for i, a in enumerate(places) for b in places[:i])
        assert all(page.rect().contains(place) for place in places)
    assert page.lines.isVisible()
    page.ways.story.end()


def test_that_words_on_a_block_can_be_read(theme: Theme) -> None:
    for choice in ("light", "dark"):
        theme.choose(choice)
        for part in PARTS:
            ground = theme.color(f"memory.{part}")
            assert contrast(on_color(theme, ground), ground) >= LEAST_CONTRAST, (choice, part)


def test_that_long_names_and_html_are_harmless(page: MemoryPage) -> None:
    page.model.rename(3, "<img src=x> שלום " + "a-very-long-name-" * 12)
    page.model.show_model(catalogue.find("GPT-2").shape(), "<h1>" + "model" * 60, "x")
    settle(page)
    assert page.minimumSizeHint().width() <= 1218
    assert clipped(page) == []


def test_that_a_page_that_is_not_seen_draws_once_when_it_comes_up(page: MemoryPage) -> None:
    page.hide()
    page.controls.sequence.setValue(3000)
    assert page.is_pending
    page.show()
    settle(page)
    assert page.ways.scope.whole == "GB, one row of 3 000 tokens"


def test_that_tab_comes_to_all_and_everything_has_a_name(page: MemoryPage) -> None:
    stops: list[QWidget] = []
    page.controls.source.find_folder.setFocus(Qt.FocusReason.TabFocusReason)
    widget = QApplication.focusWidget()
    while widget is not None and widget not in stops:
        stops.append(widget)
        key(widget, Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
    for wanted in (
        page.controls.source.choice,
        page.controls.precision,
        page.controls.sequence,
        page.controls.recompute.switch,
        page.controls.card.choice,
        page.ways.play,
        page.ways.bars,
        page.lines.table,
        page.curve,
        page.changes.rows[0],
        page.use,
    ):
        assert wanted in stops, wanted.accessibleName()
    for stop in stops:
        told = QAccessible.queryAccessibleInterface(stop)
        assert told.text(QAccessible.Text.Name).strip(), stop
    for chart in (page.ways.bars, page.curve):
        told = QAccessible.queryAccessibleInterface(chart)
        assert told.role() == QAccessible.Role.Chart
        assert told.text(QAccessible.Text.Description)
