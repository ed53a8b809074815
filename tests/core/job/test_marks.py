"""Marks of a run's answers: kept in its folder, whole, and taken away again."""

import threading
from pathlib import Path

import pytest

from workbench.core.job.marks import MARKS, Judged, Marks, change_marks, read_marks
from workbench.core.problems import UserError

BY_PERSON = Judged("person", right=1, rows=2, base_right=0)


def test_that_a_run_without_marks_has_none(tmp_path: Path) -> None:
    assert read_marks(tmp_path) == Marks()


def test_that_marks_are_read_as_they_were_made(tmp_path: Path) -> None:
    change_marks(tmp_path, {"a": True, "b": False}, BY_PERSON)
    assert read_marks(tmp_path) == Marks(marks={"a": True, "b": False}, judged=BY_PERSON)
    change_marks(tmp_path, {"a": False, "b": None}, None)
    assert read_marks(tmp_path) == Marks(marks={"a": False})


def test_that_the_last_mark_leaves_no_file(tmp_path: Path) -> None:
    change_marks(tmp_path, {"a": True}, BY_PERSON)
    change_marks(tmp_path, {"a": None, "b": None}, None)
    assert not (tmp_path / MARKS).exists()


def test_that_an_exact_match_takes_no_place_of_a_person(tmp_path: Path) -> None:
    exact = Judged("exact match", right=9, rows=10)
    change_marks(tmp_path, {}, exact)
    assert read_marks(tmp_path).judged == exact
    change_marks(tmp_path, {"a": True}, BY_PERSON)
    assert change_marks(tmp_path, {}, exact).judged == BY_PERSON


def test_that_two_who_mark_at_once_lose_nothing(tmp_path: Path) -> None:
    def mark(name: str) -> None:
        for number in range(20):
            change_marks(tmp_path, {f"{name}{number}": True}, BY_PERSON)

    threads = [threading.Thread(target=mark, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read_marks(tmp_path).marks) == 40


@pytest.mark.parametrize("text", ["", "{", '{"format": 2, "marks": {}}', '{"format": 1, "marks": {"a": "yes please"}}'])
def test_that_what_is_no_marks_is_a_sentence_and_stays(text: str, tmp_path: Path) -> None:
    (tmp_path / MARKS).write_text(text)
    with pytest.raises(UserError, match="as this version keeps them"):
        read_marks(tmp_path)
    with pytest.raises(UserError, match="as this version keeps them"):
        change_marks(tmp_path, {"a": True}, None)
    assert (tmp_path / MARKS).read_text() == text


def test_that_a_folder_that_is_gone_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No mark can be kept with run gone"):
        change_marks(tmp_path / "gone", {"a": True}, None)
