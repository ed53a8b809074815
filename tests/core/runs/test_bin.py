"""The system's bin: what it says of where things lay, as freedesktop.org and Windows write it."""

import struct
from pathlib import Path

import pytest

from workbench.core.problems import UserError
from workbench.core.runs.bin import in_free_desktop_bin, recycled_from, take_back


def thrown(top: Path, told: str, name: str, content: str) -> None:
    """What a bin of freedesktop.org has of a folder."""
    (top / "files" / name).mkdir(parents=True)
    (top / "files" / name / "job.toml").write_text(content)
    (top / "info").mkdir(exist_ok=True)
    (top / "info" / f"{name}.trashinfo").write_text(f"[Trash Info]\nPath={told}\nDeletionDate=2026-01-02T03:04:05\n")


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data" / "Trash"


def test_that_the_last_that_went_from_a_place_comes_back_to_it(tmp_path: Path, bin_folder: Path) -> None:
    original = tmp_path / "runs" / "a run, ü"
    quoted = str(original).replace(" ", "%20").replace("ü", "%C3%BC")
    thrown(bin_folder, quoted, "a run", "first")
    thrown(bin_folder, str(tmp_path / "other"), "other", "of another place")
    thrown(bin_folder, quoted, "a run 1", "second")
    take_back(original)
    assert (original / "job.toml").read_text() == "second"
    assert sorted(path.name for path in (bin_folder / "info").iterdir()) == ["a run.trashinfo", "other.trashinfo"]
    with pytest.raises(UserError, match="is there again"):
        take_back(original)


def test_that_what_is_not_there_is_a_sentence(tmp_path: Path, bin_folder: Path) -> None:
    with pytest.raises(UserError, match="is not in the system's bin any more"):
        take_back(tmp_path / "gone")


def test_that_a_bin_on_another_disk_has_places_from_where_that_begins(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    for top in (disk / ".Trash" / "1000", disk / ".Trash-1000"):
        thrown(top, "runs/first", "first", "x")
        (kept,) = in_free_desktop_bin(top, disk / "runs" / "first")
        assert kept.content == top / "files" / "first"


def test_that_notes_of_windows_say_where_it_lay() -> None:
    path = "C:\\runs\\first"
    head = struct.pack("<qqq", 2, 100, 0)
    assert recycled_from(head + struct.pack("<i", len(path) + 1) + f"{path}\0".encode("utf-16-le")) == path
    old = struct.pack("<qqq", 1, 100, 0) + f"{path}\0".encode("utf-16-le").ljust(520, b"\0")
    assert recycled_from(old) == path
    assert recycled_from(b"short") == ""
