"""An export's folder: held by one, swept of what is half-made, and what lies there known while it is whole."""

import os
from pathlib import Path

import pytest

from workbench.core.export.made import ExportFolder, MadeItem, files_in
from workbench.core.job.export_kinds import StepDone
from workbench.core.problems import UserError


def put(folder: ExportFolder, name: str, text: str) -> None:
    staging = folder.staging(name)
    staging.mkdir()
    (staging / "file").write_text(text)
    files = files_in(staging, name)
    done = StepDone(item=name, path=name, size_bytes=sum(file.size_bytes for file in files), files=files, seconds=1)
    folder.take(name, MadeItem(done=done, of="x", checks=[], measured=[]), staging)


def test_that_what_was_made_is_known_until_it_is_changed(tmp_path: Path) -> None:
    folder = ExportFolder(tmp_path / "out")
    with folder.held():
        put(folder, "merged", "weights")
        put(folder, "adapter", "numbers")
        put(folder, "adapter", "others")
    assert set(folder.items()) == {"merged", "adapter"}
    assert (tmp_path / "out" / "adapter" / "file").read_text() == "others"
    (tmp_path / "out" / "merged" / "file").write_text("cut")
    assert set(folder.items()) == {"adapter"}
    with pytest.raises(UserError, match="is there already, and no export has made it"):
        folder.refuse_others("merged")
    folder.refuse_others("adapter")
    (tmp_path / "out" / "export.json").write_text("{}")
    assert folder.items() == {}


def test_that_a_folder_is_held_by_one_and_swept_by_the_next(tmp_path: Path) -> None:
    folder = ExportFolder(tmp_path / "out")
    with folder.held():
        folder.staging("merged").mkdir()
        with pytest.raises(UserError, match="Another export is writing to"), ExportFolder(tmp_path / "out").held():
            pass
        assert folder.staging("merged").exists(), "it is the other's"
    assert not (tmp_path / "out").exists(), "nothing was made"
    (tmp_path / "out").mkdir()
    folder.staging("merged").mkdir()
    (tmp_path / "out" / "mine.txt").touch()
    with folder.held():
        pass
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_that_a_folder_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(UserError, match="Nothing can be written to"), ExportFolder(tmp_path / "out").held():
            pass
    finally:
        tmp_path.chmod(0o700)


def test_that_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(UserError, match="Nothing can be written to"), ExportFolder(tmp_path / "out").held():
        pass
