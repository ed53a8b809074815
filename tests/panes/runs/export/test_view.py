"""The view Export on its page: before an export, while one goes on, and found again."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.exports import ANSWER, STEPS, exportable_run, held_export
from tests.panes.shown import forget, in_every_look, shown
from tests.qt_waits import wait_until
from workbench.bridge.export_control import ExportControl
from workbench.bridge.job_control import JobControl
from workbench.bridge.queue_control import QueueControl
from workbench.bridge.run_list import RunList
from workbench.bridge.settings import Settings
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.job import checkpoints
from workbench.core.job.run_folder import Order, RunFolder
from workbench.panes.look.theme import Theme
from workbench.panes.runs.export.view import ExportView
from workbench.panes.runs.page import EXPORT, RunsPage


@pytest.fixture
def run() -> RunFolder:
    return exportable_run()


@pytest.fixture
def other() -> RunFolder:
    return exportable_run("bf16")


@pytest.fixture
def page(other: RunFolder, run: RunFolder, theme: Theme) -> Iterator[RunsPage]:
    runs, control, exports = RunList(), JobControl(), ExportControl()
    made = RunsPage(runs, control, exports, QueueControl(control, runs), Settings(), theme)
    runs.refresh()
    assert wait_for_tasks(60)
    made.overview.choose(run.path)
    yield made
    exports.close()
    control.close()
    assert wait_for_tasks(60)
    forget(made)


def view_of(page: RunsPage) -> ExportView:
    """The view, once it shows what it was asked."""
    page.show_view(EXPORT)
    view = page.view
    assert isinstance(view, ExportView)
    settle(view)
    return view


def settle(view: ExportView) -> None:
    wait_until(lambda: wait_for_tasks(60) and not view.is_pending)


def orders(study: RunFolder) -> list[Order]:
    return study.read_orders()[0]


def test_that_the_primary_says_how_many_things_with_size_and_time(page: RunsPage) -> None:
    with shown(page):
        view = view_of(page)
        fields = view.fields
        assert fields.export.text() == "Export 1 thing"
        QTest.mouseClick(fields.plan.rows["merged"].box, Qt.MouseButton.LeftButton)
        settle(view)
        assert fields.export.text() == "Export 2 things"
        assert fields.export.isEnabled()
        assert page.form is not None
        assert "about" in page.form.action_bar.facts.text()
        assert fields.what.fact.text().startswith("2 chosen, ")
        assert view.picture.elsewhere.answer.whole.endswith(f"\u201c{ANSWER}\u201d")
        for box in fields.plan.rows.values():
            if box.line.is_ticked:
                box.box.click()
        settle(view)
        assert not fields.export.isEnabled()
        in_every_look(page.theme, page)


def test_that_too_little_room_is_said_under_the_folder_and_nothing_can_be_exported(
    page: RunsPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.core.export import plan

    monkeypatch.setattr(plan, "SPARE_BYTES", 10**18)
    with shown(page):
        view = view_of(page)
        assert "are missing" in view.fields.problem.text()
        assert not view.fields.export.isEnabled()


def test_that_another_name_is_another_folder_and_a_chosen_folder_stays(page: RunsPage, tmp_path: Path) -> None:
    with shown(page):
        view = view_of(page)
        view.fields.named.emit("Fahrrad Antworten")
        settle(view)
        assert view.choice is not None
        assert (view.choice.name, view.choice.out.name) == ("Fahrrad-Antworten", "Fahrrad-Antworten")
        view.fields.folder_chosen.emit(str(tmp_path / "mine"))
        view.fields.named.emit("other")
        settle(view)
        assert view.choice.out == tmp_path / "mine"


def test_that_a_run_without_an_adapter_is_a_sentence_and_the_primary_is_off(page: RunsPage, run: RunFolder) -> None:
    for path in run.adapter.iterdir():
        path.unlink()
    run.adapter.rmdir()
    with shown(page):
        view = view_of(page)
        assert "has no adapter yet" in view.picture.message.what.text()
        assert not view.fields.export.isEnabled()


def test_that_of_a_run_without_a_result_the_newest_checkpoint_is_exported(page: RunsPage, run: RunFolder) -> None:
    for step in (100, 200):
        checkpoints.write(run.checkpoints, step, lambda folder: _copy_files(run.adapter, folder))
    shutil.rmtree(run.adapter)
    with shown(page):
        view = view_of(page)
        assert view.choice is not None
        assert view.choice.run == run.checkpoints / "step-00000200"
        box = view.fields.checkpoint
        assert [box.itemText(place) for place in range(box.count())] == ["step 200", "step 100"]
        assert box.currentText() == "step 200"
        assert view.fields.export.isEnabled()


def _copy_files(source: Path, folder: Path) -> None:
    for path in source.iterdir():
        shutil.copyfile(path, folder / path.name)


def test_that_an_export_of_an_earlier_window_is_found_with_its_locked_lines_and_its_orders(
    page: RunsPage, run: RunFolder, tmp_path: Path
) -> None:
    with shown(page), held_export(run, tmp_path / "out") as study:
        view = view_of(page)
        wait_until(lambda: view.picture.progress.list.count() == len(STEPS))
        settle(view)
        fields = view.fields
        assert fields.result.fact.text() == "locked while exporting"
        boxes = {key: row.line for key, row in fields.plan.rows.items()}
        assert boxes["adapter"].is_locked
        assert boxes["adapter"].state == "done"
        assert fields.stop.text() == "Stop after GGUF, Q8_0"
        assert page.form is not None
        assert page.form.action_bar.facts.text().startswith("2 of 4 done")
        assert not fields.export.isVisible()
        in_every_look(page.theme, page)
        QTest.mouseClick(fields.stop, Qt.MouseButton.LeftButton)
        wait_until(lambda: [order.order for order in orders(study)] == ["stop"])
        assert fields.stop.text() == "Stops after GGUF, Q8_0"
        QTest.mouseClick(fields.cancel, Qt.MouseButton.LeftButton)
        wait_until(lambda: orders(study)[-1].order == "cancel")
        assert not fields.cancel.isEnabled()
    wait_until(lambda: not view.fields.stop.isVisible())
    settle(view)


def test_that_the_run_that_was_exported_stays_in_sight_until_another_is_chosen(
    page: RunsPage, run: RunFolder, other: RunFolder, tmp_path: Path
) -> None:
    with shown(page):
        with held_export(run, tmp_path / "out", "finished"):
            view = view_of(page)
            wait_until(lambda: view.picture.progress.list.count() == len(STEPS))
            page.overview.choose(other.path)
            settle(view)
            assert view.choice is not None
            assert view.choice.run == run.path
        wait_until(lambda: not view.fields.stop.isVisible())
        settle(view)
        assert view.choice is not None
        assert (view.choice.run, view.choice.out) == (run.path, tmp_path / "out")
        assert view.picture.progress.list.count() == len(STEPS)
        page.overview.choose(run.path)
        page.overview.choose(other.path)
        settle(view)
        assert view.choice.run == other.path


def test_that_what_waits_can_be_left_out_and_taken_in_while_it_goes_on(
    page: RunsPage, run: RunFolder, tmp_path: Path
) -> None:
    with shown(page), held_export(run, tmp_path / "out") as study:
        view = view_of(page)
        wait_until(lambda: view.picture.progress.list.count() == len(STEPS))
        settle(view)
        choice = view.choice
        assert choice is not None
        view.fields.ticked.emit("ollama", False)
        wait_until(lambda: [(order.order, order.name) for order in orders(study)] == [("remove", "ollama")])
        assert "ollama" not in view.choice.targets  # type: ignore[union-attr]
        view.fields.ticked.emit("ollama", True)
        wait_until(lambda: [order.order for order in orders(study)] == ["remove", "add"])
        assert "ollama" in view.choice.targets  # type: ignore[union-attr]


def test_that_a_narrow_window_folds_the_files_and_the_projector_shows_the_ways_alone(page: RunsPage) -> None:
    with shown(page, width=1100) as frame:
        view = view_of(page)
        assert view.picture.files.isHidden()
        assert view.open_folder.isVisible()
        frame.resize(1366, 704)
        wait_until(lambda: not view.picture.files.isHidden())
        page.theme.set_projector(True)
        wait_until(lambda: view.picture.progress.isVisible() is False)
        assert view.picture.ways.isVisible()
        assert not view.picture.elsewhere.isVisible()
        page.theme.set_projector(False)


def test_that_everything_with_the_keyboard_has_a_name(page: RunsPage) -> None:
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QListView, QTableView, QWidget

    with shown(page):
        view = view_of(page)
        assert page.form is not None
        widgets = [*view.findChildren(QWidget), *page.form.findChildren(QWidget)]
        kinds = (QAbstractButton, QComboBox, QLineEdit, QListView, QTableView)
        nameless = [
            made
            for made in widgets
            if isinstance(made, kinds)
            and made.isVisible()
            and made.focusPolicy() != Qt.FocusPolicy.NoFocus
            and not (made.accessibleName() or (isinstance(made, QAbstractButton) and made.text()))
        ]
        assert not nameless
