"""Run folders from elsewhere: taken in whole, or refused with nothing left."""

import os
import shutil
from pathlib import Path

import pytest

from tests.bridge.engines import step
from tests.core.runs.runs_made import KEPT
from workbench.core import places
from workbench.core.job import checkpoints
from workbench.core.job.label import change_label, read_label
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.problems import UserError
from workbench.core.runs.arrival import import_run
from workbench.core.runs.index import read_row


@pytest.fixture
def given(tmp_path: Path) -> RunFolder:
    """A real run as another machine has left it."""
    run = RunFolder(Path(shutil.copytree(KEPT / "finished", tmp_path / "elsewhere" / "2026-01-02-0304-a")))
    run.adapter.mkdir()
    (run.adapter / "adapter_config.json").write_text("{}")
    for number in (20, 40):
        checkpoints.write(run.checkpoints, number, _fill)
    run.lock.touch()
    change_label(run.path, lambda label: label.named("the demo"))
    return run


def _fill(folder: Path) -> None:
    (folder / "state.json").write_text("{}")


def left() -> list[str]:
    return [path.name for path in places.runs().iterdir()] if places.runs().is_dir() else []


def test_that_a_run_from_elsewhere_is_one_of_the_runs(given: RunFolder) -> None:
    came = import_run(given.path)
    assert came.run.path == places.runs() / given.name
    assert came.told == ()
    assert came.size_bytes > 10_000
    row = read_row(RunFolder.find("the demo"))
    assert (row.state, row.step, row.right, row.adapter) == (RunState.FINISHED, 60, 98, str(came.run.adapter))
    assert not came.run.lock.exists()
    assert left() == [given.name]
    assert given.job.is_file()


def test_that_one_of_a_name_that_is_taken_comes_beside_it(given: RunFolder) -> None:
    first, second = import_run(given.path), import_run(given.path)
    assert (first.run.name, second.run.name) == (given.name, f"{given.name}-2")
    assert read_label(second.run.path).name == "the demo"


def test_that_a_damaged_checkpoint_is_told(given: RunFolder) -> None:
    (given.checkpoints / "step-00000040" / "state.json").write_text("[]")
    (sentence,) = import_run(given.path).told
    assert sentence == "Checkpoint step-00000040 cannot be gone on from: state.json is damaged."


def test_that_a_folder_that_is_no_run_is_refused(given: RunFolder, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="not a run folder"):
        import_run(tmp_path)
    with pytest.raises(UserError, match="not a run folder"):
        import_run(tmp_path / "nowhere")
    given.job.write_text('[job]\nkind = "measure"\n')
    with pytest.raises(UserError, match="not a training: it is a job of the kind measure"):
        import_run(given.path)
    given.job.write_text('[job]\nkind = "train"\n[lora]\nnovelty = 1\n')
    with pytest.raises(UserError, match="unknown setting"):
        import_run(given.path)
    assert left() == []


def test_that_a_run_that_has_not_begun_or_is_at_work_is_refused(given: RunFolder) -> None:
    with given.hold(), pytest.raises(UserError, match="is at work"):
        import_run(given.path)
    given.journal.write_text(step(1).model_dump_json() + "\n")
    with pytest.raises(UserError, match="has not begun"):
        import_run(given.path)
    given.journal.unlink()
    with pytest.raises(UserError, match="has not begun"):
        import_run(given.path)
    assert left() == []


@pytest.mark.parametrize("place", ["adapter/model.safetensors", "notes.txt", "checkpoints/step-00000060"])
def test_that_a_run_with_a_link_in_it_is_refused(given: RunFolder, place: str) -> None:
    (given.path / place).symlink_to("/etc")
    with pytest.raises(UserError, match="it may lead anywhere"):
        import_run(given.path)
    assert left() == []


def test_that_a_pipe_is_refused_and_not_waited_for(given: RunFolder) -> None:
    os.mkfifo(given.path / "pipe")
    with pytest.raises(UserError, match="it may lead anywhere"):
        import_run(given.path)


def test_that_a_run_at_home_and_what_home_lies_in_are_refused(given: RunFolder, home: Path) -> None:
    came = import_run(given.path)
    with pytest.raises(UserError, match="lies among the runs already"):
        import_run(came.run.path)
    shutil.copy(given.job, home / "job.toml")
    with pytest.raises(UserError, match="where the runs lie"):
        import_run(home)
    assert left() == [given.name]
