"""An export from the page by the real job, left by one window and found by the next."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.fakes import tiny_recipe
from tests.panes.runs.export.test_view import settle, view_of
from tests.panes.shown import forget, shown
from tests.qt_waits import wait_until
from workbench.bridge.export_control import ExportControl
from workbench.bridge.job_control import JobControl
from workbench.bridge.queue_control import QueueControl
from workbench.bridge.run_list import RunList
from workbench.bridge.settings import Settings
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.panes.look.theme import Theme
from workbench.panes.runs.page import RunsPage


@pytest.mark.slow
def test_that_an_export_goes_on_without_its_page_and_is_found_with_its_checks(
    theme: Theme, tiny_model: Callable[[str], Path], rows: Path, tmp_path: Path
) -> None:
    from workbench.engine.__main__ import work
    from workbench.engine.job.job import Job

    run = RunFolder.create(tiny_recipe(tiny_model("llama"), rows, "evaluation.rows=6", "training.max_steps=2"))
    with run.hold():
        work(Job(run))
    out = tmp_path / "my exports"

    def new_page() -> tuple[RunsPage, ExportControl]:
        runs, control, exports = RunList(), JobControl(), ExportControl()
        runs.refresh()
        assert wait_for_tasks(60)
        return RunsPage(runs, control, exports, QueueControl(control, runs), Settings(), theme), exports

    first, exports = new_page()
    with shown(first):
        view = view_of(first)
        view.fields.folder_chosen.emit(str(out))
        settle(view)
        QTest.mouseClick(view.fields.plan.rows["merged"].box, Qt.MouseButton.LeftButton)
        settle(view)
        QTest.mouseClick(view.fields.export, Qt.MouseButton.LeftButton)
        wait_until(lambda: exports.is_exporting)
    exports.close()
    forget(first)
    second, exports = new_page()
    with shown(second):
        view = view_of(second)
        wait_until(lambda: exports.outcome is not None)
        settle(view)
        assert exports.outcome is not None
        assert exports.outcome.state is RunState.FINISHED, exports.outcome
        assert view.choice is not None
        assert (view.choice.out, set(view.choice.targets)) == (out, {"adapter", "merged"})
        found = view.picture.progress.list.rows
        assert (found[0].title, found[0].state) == ("Adapter", "done")
        assert all(row.state == "done" and row.sentence != "made" for row in found)
        assert (out / "adapter" / "adapter_config.json").is_file()
        assert (out / "README.md").is_file()
        assert view.picture.elsewhere.tabs.button_of("transformers").isEnabled()
        assert {row.name for row in view.picture.files.tree.rows} >= {"adapter", "README.md"}
    exports.close()
    forget(second)
