"""The view Table without a model: answers that are kept are shown, judged, rated by keys, filtered and exported."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from tests.fakes import save_tiny_adapter
from tests.panes.shown import in_every_look, shown
from tests.panes.try_.table.workshop import opened, questions, runs_of, table_of
from tests.qt_waits import wait_until
from workbench.bridge.chat_control import ChatControl
from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.job_control import JobControl
from workbench.bridge.run_list import RunList
from workbench.core.chat.table.table import Refused
from workbench.core.job import checkpoints
from workbench.core.job.marks import Judged, read_marks
from workbench.core.job.run_folder import RunFolder
from workbench.panes.look.theme import Theme
from workbench.panes.try_.page import TryPage
from workbench.panes.try_.table.view import TableView


@pytest.fixture
def runs(tmp_path: Path) -> tuple[RunFolder, RunFolder]:
    return runs_of(tmp_path)


@pytest.fixture
def page(theme: Theme) -> Iterator[TryPage]:
    made = TryPage(ChatControl(), RunList(), JobControl(), GpuWatch(), theme)
    yield made
    made.window_closes()


def key(view: TableView, *keys: Qt.Key) -> None:
    """Presses keys in the table of prompts; a shortcut asks for a window that is active."""
    view.window().activateWindow()
    wait_until(view.window().isActiveWindow)
    view.prompts.table.setFocus()
    for each in keys:
        QTest.keyClick(view.prompts.table, each)


def verdicts(view: TableView, row: int) -> list[bool | None]:
    table = table_of(view.control)
    return [table.verdict(row, place) for place in range(len(table.columns))]


def cells(view: TableView, row: int) -> list[str]:
    model = view.prompts.table.rows_model
    return [model.index(row, column).data() for column in range(model.columnCount())]


def test_that_an_exact_match_judges_by_itself_and_hides_the_buttons(
    page: TryPage, runs: tuple[RunFolder, RunFolder], tmp_path: Path
) -> None:
    with shown(page):
        view = opened(page, runs[0], questions(tmp_path), runs[1])
        assert [tile.text for tile in view.tiles.answers] == ["1 of 4 right", "4 of 4 right", "2 of 4 right"]
        assert (view.tiles.differ.text, view.tiles.rated.text) == ("3 of 4 rows", "4 of 4 rows")
        assert cells(view, 1) == [
            "2", "Question 1", "It depends on many things.", "Two working days.", "Two to three days.",
        ]  # fmt: skip
        assert not any(box.right.isVisible() for box in view.row.boxes)
        assert [box.tag.text for box in view.row.boxes] == ["wrong", "right", "right"]
        assert view.row.boxes[0].accessibleName() == "Base: wrong, Some shops do."
        assert not view.actions_bar.primary.isEnabled()
        assert "kept with the run" in view.form.action_bar.facts.text()
        wait_until(lambda: not view.control.is_keeping)
        assert read_marks(runs[0].path).judged == Judged("exact match", 4, 4, base_right=1)
        key(view, Qt.Key.Key_W)
        assert "judges by itself" in page.header.sentence.whole


def test_that_answers_are_rated_by_keys_and_taken_back(
    page: TryPage, runs: tuple[RunFolder, RunFolder], tmp_path: Path
) -> None:
    with shown(page):
        view = opened(page, runs[0], questions(tmp_path), runs[1], by_hand=True)
        assert view.actions_bar.primary.text() == "Rate 4 rows"
        assert view.tiles.answers[1].text.endswith("no row is rated by all")
        view.actions_bar.primary.click()
        assert (view.shown.row, view.shown.place) == (0, 0)
        key(view, Qt.Key.Key_W)
        assert view.shown.place == 1, "the next that is not rated"
        key(view, Qt.Key.Key_3, Qt.Key.Key_R)
        assert (view.shown.row, view.shown.place) == (0, 1), "the one that was left out"
        key(view, Qt.Key.Key_R)
        assert verdicts(view, 0) == [False, True, True]
        assert (view.shown.row, view.shown.place) == (1, 0), "the next row"
        assert [tile.text for tile in view.tiles.answers] == ["0 of 1 right", "1 of 1 right", "1 of 1 right"]
        assert view.actions_bar.primary.text() == "Rate the other 3 rows"
        key(view, Qt.Key.Key_R)
        assert view.tiles.rated.text == "1 of 4 rows", "only rows that all have rated count"
        page.undo()
        assert verdicts(view, 1) == [None] * 3
        assert (view.shown.row, view.shown.place) == (1, 0)
        key(view, Qt.Key.Key_Up)
        assert view.shown.row == 0
        QTest.keyClick(view.prompts.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        answer = table_of(view.control).answer(0, view.shown.place)
        assert answer is not None
        assert QApplication.clipboard().text() == answer.text
        key(view, Qt.Key.Key_2, Qt.Key.Key_U)
        assert verdicts(view, 0) == [False, None, True]
        assert view.shown.place == 1, "it stays where a mark was taken away"
        view.row.boxes[1].right.click()
        wait_until(lambda: not view.control.is_keeping)
        assert read_marks(runs[0].path).judged == Judged("person", 1, 1, base_right=0)
        assert read_marks(runs[1].path).judged == Judged("person", 1, 1)
        assert view.shown.row == 1, "with the last of its row it goes on"
        view.shown.choose(0, 1)
        assert view.row.boxes[1].right.isChecked()
        view.row.boxes[1].right.click()
        assert verdicts(view, 0) == [False, None, True], "pressed again it is taken away"


def test_that_rated_rows_stay_in_their_filter_until_it_is_chosen_anew(
    page: TryPage, runs: tuple[RunFolder, RunFolder], tmp_path: Path
) -> None:
    with shown(page):
        view = opened(page, runs[0], questions(tmp_path), by_hand=True)
        chips = view.prompts.chips
        assert [chip.text() for chip in chips.values()] == [
            "all 4", "only where they differ 3", "not rated 4", "tuned wrong 0",
        ]  # fmt: skip
        chips["not rated"].click()
        view.prompts.table.setFocus()
        key(view, Qt.Key.Key_W, Qt.Key.Key_R, Qt.Key.Key_W, Qt.Key.Key_W)
        assert chips["not rated"].text() == "not rated 2"
        assert view.prompts.scope.text() == "4 of 4"
        chips["not rated"].click()
        assert view.prompts.scope.text() == "2 of 4"
        assert view.shown.rows == [2, 3]
        chips["wrong"].click()
        assert view.shown.rows == [1]
        chips["differ"].click()
        assert view.shown.rows == [0, 1, 3]
        assert view.shown.row == 1, "the chosen row stays"


def test_that_a_blind_table_hides_names_order_and_scores_until_all_are_rated(
    page: TryPage, runs: tuple[RunFolder, RunFolder], tmp_path: Path
) -> None:
    with shown(page):
        view = opened(page, runs[0], questions(tmp_path), runs[1], by_hand=True)
        view.fields.blind.click()
        assert view.shown.names() == ("One", "Two", "Three")
        assert [view.row.boxes[place].name.text() for place in range(3)] == ["One", "Two", "Three"]
        assert {tile.text for tile in view.tiles.answers} == {"hidden while blind"}
        assert not view.prompts.chips["wrong"].isVisible()
        orders = {view.shown.order(row) for row in range(4)}
        assert len(orders) > 1
        table = table_of(view.control)
        for row in range(4):
            for place in range(3):
                answer = table.answer(row, view.shown.column(row, place))
                assert answer is not None
                assert cells(view, row)[2 + place] == answer.text
                assert view.shown.color(place) == view.shown.color(0)
        view.actions_bar.primary.click()
        for _ in range(11):
            key(view, Qt.Key.Key_R)
            assert view.shown.is_blind
        key(view, Qt.Key.Key_W)
        assert not view.shown.is_blind
        assert "names are shown again" in page.header.sentence.whole
        assert [tile.text.split()[1:] for tile in view.tiles.answers] == [["of", "4", "right"]] * 3
        assert view.actions_bar.primary.text() == "4 rows rated"


def test_that_what_cannot_be_answered_is_told_in_its_cell_and_its_card(
    page: TryPage, runs: tuple[RunFolder, RunFolder], tmp_path: Path
) -> None:
    with shown(page):
        view = opened(page, runs[0], questions(tmp_path))
        table_of(view.control).put(1, 1, Refused("The prompt is too long. Shorten it."))
        view.control.answered.emit([1])
        view.shown.choose(1)
        model = view.prompts.table.rows_model
        spoken = [model.index(1, column).data(Qt.ItemDataRole.AccessibleTextRole) for column in (2, 3)]
        assert spoken == ["base: wrong, It depends on many things.",
                          "tuned: not answered, The prompt is too long. Shorten it."]  # fmt: skip
        box = view.row.boxes[1]
        assert (box.tag.text, box.words.accessibleName()) == ("not answered", "The prompt is too long. Shorten it.")
        assert not view.row.boxes[2].isVisible(), "there is no second run"
        assert not view.tiles.answers[2].isVisible()
        assert model.columnCount() == 4


def test_that_typed_prompts_are_a_table_with_empty_cells(page: TryPage, runs: tuple[RunFolder, RunFolder]) -> None:
    with shown(page):
        view = opened(page, runs[0], None)
        assert "held no rows out" in view.fields.prompts.problem.text()
        assert not view.actions_bar.primary.isEnabled()
        fields = view.fields.prompts
        fields.origin.setCurrentIndex(fields.origin.findData("typed"))
        fields.origin.activated.emit(fields.origin.currentIndex())
        QTest.keyClicks(fields.typed, "How much?")
        fields.typed.insertPlainText("\nHow long?\tTwo days.")
        QTest.keyClick(fields.typed, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        wait_until(lambda: view.control.table is not None and not view.control.is_reading)
        assert cells(view, 1) == ["2", "How long?", "", ""]
        assert view.actions_bar.primary.text() == "Answer 2 prompts"
        assert "known once the first are answered" in view.form.action_bar.facts.text()
        assert view.row.boxes[0].words.accessibleName() == "Not answered yet."
        assert view.fields.by.value() == "exact match"
        fields.most.setValue(1)
        wait_until(lambda: not view.control.is_reading)
        assert view.actions_bar.primary.text() == "Answer 1 prompt"


def test_that_another_setting_asks_to_answer_again(
    page: TryPage, runs: tuple[RunFolder, RunFolder], tmp_path: Path
) -> None:
    with shown(page):
        view = opened(page, runs[0], questions(tmp_path))
        view.fields.longest.setValue(64)
        wait_until(lambda: view.control.differs)
        assert view.actions_bar.primary.text() == "Answer 4 again"
        assert view.tiles.answers[1].text == "4 of 4 right", "what stands there stays"
        view.fields.longest.setValue(128)
        wait_until(lambda: not view.control.differs)
        assert not view.actions_bar.primary.isEnabled()


def test_that_the_expected_answer_may_be_another_column_or_none(
    page: TryPage, runs: tuple[RunFolder, RunFolder], tmp_path: Path
) -> None:
    with shown(page):
        view = opened(page, runs[0], questions(tmp_path))
        box = view.fields.expected
        assert [box.itemText(place) for place in range(box.count())] == [
            "As the rows have it", "Nothing", "prompt", "completion",
        ]  # fmt: skip
        for words, by in (("prompt", "exact match"), ("Nothing", "person"), ("completion", "exact match")):
            box.setCurrentIndex(box.findText(words))
            box.activated.emit(box.currentIndex())
            wait_until(lambda: not view.control.is_reading)
            assert view.fields.by.value() == by, words
        assert view.tiles.answers[1].text == "4 of 4 right"


def test_that_a_checkpoint_stands_beside_its_run(
    page: TryPage, runs: tuple[RunFolder, RunFolder], tmp_path: Path
) -> None:
    base = Path(runs[0].recipe().model.source)
    checkpoints.write(runs[0].checkpoints, 20, lambda folder: save_tiny_adapter(base, folder))
    with shown(page):
        view = opened(page, runs[0], questions(tmp_path))
        box = view.fields.who.second
        assert [box.itemText(place) for place in range(box.count())][-1] == "step 20"
        box.setCurrentIndex(box.count() - 1)
        box.activated.emit(box.currentIndex())
        wait_until(lambda: not view.control.is_reading)
        third = table_of(view.control).columns[2]
        assert third.title.startswith(f"{runs[0].name}, step-")
        assert (third.folder, third.is_result) == (runs[0].path, False)
        assert third.load.model == str(runs[0].path), "on the same copy of the weights"
        assert view.actions_bar.primary.text() == "Answer 4 prompts"


def test_that_the_table_is_exported(page: TryPage, runs: tuple[RunFolder, RunFolder], tmp_path: Path) -> None:
    with shown(page):
        view = opened(page, runs[0], questions(tmp_path))
        for made, name in ((view.export_csv, "a.csv"), (view.export_html, "a.html")):
            made.click()
            dialog = view.window().findChild(QFileDialog)
            assert dialog is not None
            dialog.fileSelected.emit(str(tmp_path / name))
            dialog.close()
            wait_until((tmp_path / name).is_file)
            QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        rows = list(csv.reader(io.StringIO((tmp_path / "a.csv").read_text("utf-8-sig"))))
        assert rows[-1][1:7] == [
            "Question 3", "Bring it in.", "Error 504 is a timeout.", "Bring it in.", "wrong", "right",
        ]  # fmt: skip
        assert "Bring it in." in (tmp_path / "a.html").read_text("utf-8")


def test_that_five_thousand_prompts_are_listed_without_being_copied(
    page: TryPage, runs: tuple[RunFolder, RunFolder], tmp_path: Path
) -> None:
    with shown(page):
        view = opened(page, runs[0], questions(tmp_path, 5000))
        assert view.prompts.table.rows_model.rowCount() == 5000
        assert view.tiles.answers[1].text == "5\u2009000 of 5\u2009000 right"
        view.shown.choose(4999)
        assert view.prompts.table.currentIndex().row() == 4999
        assert view.row.title.whole == "Row 5 000"


def test_that_it_holds_in_every_look(
    page: TryPage, theme: Theme, runs: tuple[RunFolder, RunFolder], tmp_path: Path
) -> None:
    with shown(page):
        view = opened(page, runs[0], questions(tmp_path), runs[1], by_hand=True)
        in_every_look(theme, page)
        theme.set_projector(True)
        assert [tile.isVisible() for tile in view.tiles.answers] == [True] * 3
        assert not view.prompts.isVisible()
        assert not view.tiles.rated.isVisible()
        assert view.row.isVisible()
        theme.set_projector(False)
        assert view.prompts.isVisible()
