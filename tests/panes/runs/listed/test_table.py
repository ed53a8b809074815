"""The table of runs: what its cells say, how it is sorted, searched and ticked."""

import json

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.panes.runs.looks import look, names
from tests.panes.runs.runs_made import made
from tests.panes.shown import shown
from workbench.bridge.run_list import RunList
from workbench.bridge.settings import Settings
from workbench.core import places
from workbench.core.job.label import change_label, write_notes
from workbench.core.job.run_folder import RunState
from workbench.panes.look.theme import Theme
from workbench.panes.runs.listed.columns import COLUMNS, LOOK_OF_STATE, At
from workbench.panes.runs.listed.model import BY_PERSON, STATE, TAGS, TWO_TONES
from workbench.panes.runs.overview.view import OverviewView
from workbench.panes.runs.page import RunsPage


def test_that_each_state_has_a_word_a_colour_and_an_icon() -> None:
    assert set(LOOK_OF_STATE) == set(RunState)
    assert len({(word, icon) for word, _, icon in LOOK_OF_STATE.values()}) == len(RunState)


def test_that_a_row_says_all_that_is_known_of_a_run(page: RunsPage, view: OverviewView, runs: RunList) -> None:
    run = made("2026-01-02-0304-a", "data.path=/data/customer questions.xlsx", evaluated=(0.5, 0.25))
    change_label(run.path, lambda label: label.named("The first").tagged("keep", "class"))
    write_notes(run.path, "Good enough\nfor the counter.")
    (run.path / "marks.json").write_text(
        json.dumps({"marks": {}, "judged": {"judge": "person", "right": 24, "rows": 28, "base_right": None}})
    )
    look(runs)
    with shown(page, 1920):
        model = view.table.model()

        def cell(at: At, role: int = Qt.ItemDataRole.DisplayRole) -> object:
            return model.index(0, at).data(role)

        assert cell(At.STATE, STATE) == ("finished", "status.success", "check")
        assert cell(At.NAME) == "The first"
        assert cell(At.DATA) == "customer questions"
        assert cell(At.STORED) == "INT8"
        assert cell(At.STEPS, TWO_TONES) == ("4", "")
        assert cell(At.LOSS) == "1.000"
        assert cell(At.EVALUATION) == "0.250"
        assert cell(At.RIGHT, TWO_TONES) == ("24", " of 28")
        assert cell(At.RIGHT, BY_PERSON) is True
        assert cell(At.RIGHT, Qt.ItemDataRole.AccessibleTextRole) == "answers right: 24 of 28 by a person"
        assert cell(At.TIME) == "1:05"
        assert cell(At.TAGS, TAGS) == ("keep", "class")
        assert cell(At.NOTES) == "Good enough for the counter."
        assert cell(At.TICK, Qt.ItemDataRole.AccessibleTextRole) == "not compared"


def test_that_what_cannot_be_read_has_a_row_in_warn_with_what_is_wrong(
    page: RunsPage, view: OverviewView, runs: RunList
) -> None:
    run = made("2026-01-02-0304-a")
    run.job.write_text("[lora]\nrank = 0\n")
    look(runs)
    with shown(page):
        model = view.table.model()
        assert model.index(0, At.STATE).data(STATE) == ("unreadable", "status.warn", "warning")
        assert "lora.rank cannot be 0" in model.index(0, At.MODEL).data()
        assert "lora.rank cannot be 0" in view.details.reason.text()
        assert not view.details.ways.buttons["repeat"].isEnabled()
        view.turn(view.model.rows[0])
        assert view.letters.letters == {}


def test_that_the_newest_comes_first_and_every_column_sorts(page: RunsPage, view: OverviewView, runs: RunList) -> None:
    for name, steps in (("2026-01-02-0304-a", 5), ("2026-03-02-0304-a", 10), ("2026-02-02-0304-z", 2)):
        made(name, steps=steps)
    look(runs)
    with shown(page):
        assert names(view) == ["2026-03-02-0304-a", "2026-02-02-0304-z", "2026-01-02-0304-a"]
        assert "newest first" in view.card.scope.whole
        for at in At:
            view.table.sortByColumn(at, Qt.SortOrder.DescendingOrder)
            assert len(names(view)) == 3
        view.table.sortByColumn(At.STEPS, Qt.SortOrder.AscendingOrder)
        assert names(view) == ["2026-02-02-0304-z", "2026-01-02-0304-a", "2026-03-02-0304-a"]


def test_that_a_search_needs_all_its_words_and_combines_with_tags(
    page: RunsPage, view: OverviewView, runs: RunList
) -> None:
    first, second, third = (made(f"2026-01-0{day}-0304-apples") for day in (1, 2, 3))
    change_label(first.path, lambda label: label.tagged("class", "keep"))
    change_label(second.path, lambda label: label.tagged("class"))
    write_notes(second.path, "about e-bikes")
    change_label(third.path, lambda label: label.named("Pears"))
    look(runs)
    with shown(page):
        assert view.chips.chip_of("class").text() == "class 2"
        view.search.setText("APPLES e-bikes")
        assert names(view) == [second.name]
        assert view.chosen is not None
        assert view.chosen.path == second.path
        assert view.card.scope.whole.startswith("1 of 3")
        QTest.keyClick(view.search, Qt.Key.Key_Escape)
        assert len(names(view)) == 3
        view.chips.chip_of("class").click()
        assert sorted(names(view)) == [first.name, second.name]
        view.chips.chip_of("keep").click()
        assert names(view) == [first.name]
        view.search.setText("<b>nothing")
        assert names(view) == []
        assert view.table.empty_words == "No run matches “<b>nothing” #class #keep."
        view.search.clear()
        view.chips.choose()
        assert len(names(view)) == 3


def test_that_ticking_and_choosing_leave_each_other_alone(page: RunsPage, view: OverviewView, runs: RunList) -> None:
    paths = [made(f"2026-01-0{day}-0304-a").path for day in range(1, 7)]
    look(runs)
    said: list[str] = []
    view.said.connect(said.append)
    with shown(page):
        view.choose(paths[0])
        table = view.table
        at = table.visualRect(table.model().index(1, At.TICK)).center()
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
        assert list(view.letters.letters.values()) == ["A"]
        assert view.chosen is not None
        assert view.chosen.path == paths[0]
        name = table.visualRect(table.model().index(2, At.NAME)).center()
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(name))
        assert list(view.letters.letters.values()) == ["A"]
        for row in range(2, 6):
            table.setCurrentIndex(table.model().index(row, 0))
            QTest.keyClick(table, Qt.Key.Key_Space)
        assert list(view.letters.letters.values()) == ["A", "B", "C", "D"]
        assert said[-1] == "4 at most are compared: untick one first."
        assert view.ticked.text() == "4 compared"
        second = next(path for path, letter in view.letters.letters.items() if letter == "B")
        view.turn(next(row for row in view.model.rows if row.path == second))
        assert list(view.letters.letters.values()) == ["A", "C", "D"]
        view.clears.click()
        assert view.letters.letters == {}


def test_that_columns_are_chosen_kept_and_go_in_their_order(
    page: RunsPage, view: OverviewView, runs: RunList, settings: Settings, theme: Theme
) -> None:
    made("2026-01-02-0304-a")
    look(runs)
    with shown(page, 1920) as frame:
        table = view.table
        assert table.isColumnHidden(At.NOTES)
        menu = table.column_menu()
        next(action for action in menu.actions() if action.text() == "notes").setChecked(True)
        next(action for action in menu.actions() if action.text() == "stored").setChecked(False)
        assert not table.isColumnHidden(At.NOTES)
        assert table.isColumnHidden(At.STORED)
        assert settings.load()[0].runs_left_out == ["stored", "started"]
        hidden: list[str] = []
        for width in range(1900, 900, -20):
            frame.resize(width, 704)
            QApplication.processEvents()
            hidden += [COLUMNS[at].title for at in At if table.isColumnHidden(at) and COLUMNS[at].title not in hidden]
        order = [title for title in hidden if title in ("tags", "time", "peak GB", "model", "data")]
        assert order == ["tags", "time", "peak GB", "model", "data"][: len(order)]
        assert "tags" in order
        theme.set_projector(True)
        QApplication.processEvents()
        seen = [COLUMNS[at].title for at in At if not table.isColumnHidden(at)]
        assert seen == ["", "state", "name", "loss", "answers right", "time"]
        theme.set_projector(False)


def test_that_a_run_started_elsewhere_leaves_choice_and_sight_where_they_are(
    page: RunsPage, view: OverviewView, runs: RunList
) -> None:
    for number in range(60):
        made(f"2026-01-02-{number:04d}-run")
    look(runs)
    with shown(page):
        view.choose(places.runs() / "2026-01-02-0020-run")
        QApplication.processEvents()
        bar = view.table.verticalScrollBar()
        assert bar.value() > 0
        before = view.table.visualRect(view.table.currentIndex()).top()
        made("2026-05-02-0000-new")
        look(runs)
        assert view.chosen is not None
        assert view.chosen.name == "2026-01-02-0020-run"
        assert view.table.visualRect(view.table.currentIndex()).top() == before


def test_that_arrows_choose_and_tab_leaves_the_table(page: RunsPage, view: OverviewView, runs: RunList) -> None:
    made("2026-01-02-0304-a")
    made("2026-01-03-0304-b")
    look(runs)
    with shown(page) as frame:
        frame.activateWindow()
        view.table.setFocus(Qt.FocusReason.TabFocusReason)
        QTest.keyClick(view.table, Qt.Key.Key_Down)
        assert view.chosen is not None
        assert view.chosen.name == "2026-01-02-0304-a"
        QTest.keyClick(view.table, Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is not view.table
