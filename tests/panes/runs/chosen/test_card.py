"""The card of the chosen run: notes and tags that keep themselves, what happened, which button stands out."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.panes.runs.looks import look, settled
from tests.panes.runs.runs_made import made
from tests.panes.shown import shown
from tests.qt_waits import wait_until
from workbench.bridge.run_list import RunList
from workbench.core.job.label import read_label, read_notes
from workbench.core.job.run_folder import RunState
from workbench.panes.runs.overview.view import OverviewView
from workbench.panes.runs.page import RunsPage


def test_that_notes_keep_themselves_while_they_are_typed_and_as_they_are_left(
    page: RunsPage, view: OverviewView, runs: RunList
) -> None:
    first, second = made("2026-01-03-0304-a"), made("2026-01-02-0304-b")
    look(runs)
    with shown(page):
        notes = view.details.notes
        QTest.keyClicks(notes, "good enough")
        wait_until(lambda: read_notes(first.path) == "good enough")
        QTest.keyClicks(notes, ", for now")
        view.choose(second.path)
        wait_until(lambda: read_notes(first.path) == "good enough, for now")
        assert notes.toPlainText() == ""
        assert read_notes(second.path) == ""
        wait_until(lambda: not view.changes.is_busy)
        look(runs)
        view.choose(first.path)
        assert notes.toPlainText() == "good enough, for now"


def test_that_enter_adds_a_tag_and_backspace_takes_the_last(page: RunsPage, view: OverviewView, runs: RunList) -> None:
    run = made("2026-01-03-0304-a")
    look(runs)

    def tags() -> tuple[str, ...]:
        wait_until(lambda: not view.changes.is_busy)
        look(runs)
        assert view.details.tags.tags == read_label(run.path).tags
        return view.details.tags.tags

    with shown(page):
        field = view.details.tags.field
        for tag in ("keep", "class"):
            QTest.keyClicks(field, tag)
            QTest.keyClick(field, Qt.Key.Key_Return)
        assert tags() == ("keep", "class")
        assert field.text() == ""
        QTest.keyClick(field, Qt.Key.Key_Backspace)
        assert tags() == ("keep",)
        field.setText("x" * 100)
        QTest.keyClick(field, Qt.Key.Key_Return)
        assert tags() == ("keep",)
        assert "longer than 40 characters" in view.message.what.text()


@pytest.mark.parametrize(
    ("end", "state", "first", "words"),
    [
        ("finished", RunState.FINISHED, "try", "Try it"),
        ("stopped", RunState.STOPPED, "resume", "Resume from step 4"),
        ("", RunState.CRASHED, "resume", "Resume from step 4"),
        ("cancelled", RunState.CANCELLED, "repeat", "Repeat with changes"),
    ],
)
def test_that_one_button_stands_out_by_the_state(
    end: str, state: RunState, first: str, words: str, page: RunsPage, view: OverviewView, runs: RunList
) -> None:
    made("2026-01-02-0304-a", end=end, checkpoint=4)
    look(runs)
    with shown(page):
        settled(view)
        assert view.chosen is not None
        assert view.chosen.state is state
        buttons = view.details.ways.buttons
        assert [name for name, made_ in buttons.items() if made_.property("kind") == "primary"] == [first]
        assert buttons[first].text() == words
        assert buttons[first].isEnabled()


def test_that_a_crash_has_its_reason_where_the_notes_heading_stands(
    page: RunsPage, view: OverviewView, runs: RunList
) -> None:
    made("2026-01-02-0304-a", end="crashed", what="The memory was not enough.")
    look(runs)
    with shown(page):
        settled(view)
        assert "The memory was not enough." in view.details.reason.text()
        assert not view.details.heading.isVisible()
        assert not view.details.ways.buttons["try"].isEnabled()
        assert view.details.ways.buttons["try"].toolTip() == "It has no adapter yet."


def test_that_the_best_step_is_told(page: RunsPage, view: OverviewView, runs: RunList) -> None:
    made("2026-01-02-0304-a", evaluated=(0.9, 0.4, 0.6))
    look(runs)
    with shown(page):
        settled(view)
        assert "step 2 is the best" in view.details.line.whole
