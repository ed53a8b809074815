"""A file is the new one or the old one, never half of it."""

import os
import stat
from pathlib import Path

import pytest

from workbench.core.problems import UserError
from workbench.core.whole_file import save_whole, write_whole


def test_that_text_and_bytes_are_written_with_nothing_left_beside_them(tmp_path: Path) -> None:
    write_whole(tmp_path / "text", "a\r\nä")
    write_whole(tmp_path / "bytes", b"\x00\xff")
    assert (tmp_path / "text").read_bytes() == "a\r\nä".encode()
    assert (tmp_path / "bytes").read_bytes() == b"\x00\xff"
    assert {path.name for path in tmp_path.iterdir()} == {"text", "bytes"}


def test_that_a_file_that_is_replaced_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    path.write_text("before")
    path.chmod(0o600)
    write_whole(path, "after")
    assert path.read_text() == "after"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_that_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    path.write_text("before")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, os.fsdecode(b"\xff"))
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(OSError):  # noqa: PT011  whichever the system gives
        write_whole(folder, "text")
    assert path.read_text() == "before"
    assert {path.name for path in tmp_path.iterdir()} == {"mine", "folder"}


def test_that_a_refusal_is_a_sentence_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "mine.csv"
    with pytest.raises(UserError) as refused:
        save_whole(path, "text")
    assert str(refused.value) == f"{path} cannot be written: No such file or directory. Name another file."


def test_that_a_name_that_is_no_text_does_not_keep_the_rest_from_being_saved(tmp_path: Path) -> None:
    save_whole(tmp_path / "mine", f"a{os.fsdecode(bytes([0xFF]))}b")
    assert (tmp_path / "mine").read_text() == "a?b"
