"""A folder appears whole or not at all, whoever else fills the same one."""

from pathlib import Path

import pytest

from workbench.core.whole_folder import sweep, whole_folder


def test_that_a_folder_that_fails_half_way_leaves_the_older_one(tmp_path: Path) -> None:
    target = tmp_path / "made"
    with whole_folder(target) as staging:
        (staging / "one").write_text("1", "utf-8")

    def fail_half_way() -> None:
        with whole_folder(target) as staging:
            (staging / "two").write_text("2", "utf-8")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    assert [path.name for path in tmp_path.rglob("*")] == ["made", "one"]


def test_that_two_who_fill_one_folder_do_not_meet(tmp_path: Path) -> None:
    target = tmp_path / "made"
    with whole_folder(target) as first:
        (first / "rows").write_text("first", "utf-8")
        with whole_folder(target) as second:
            (second / "rows").write_text("second", "utf-8")
        assert (target / "rows").read_text("utf-8") == "second"
    assert (target / "rows").read_text("utf-8") == "first"


def test_that_what_a_killed_process_left_is_swept(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "made") as staging:
        left = staging.name
    (tmp_path / left).mkdir()
    sweep(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["made"]
