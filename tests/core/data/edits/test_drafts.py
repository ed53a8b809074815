"""Drafts are found again, held by one window at a time, and let go of once they are of no use."""

import json
import os
import time
from pathlib import Path

import pytest

from workbench.core import places
from workbench.core.data.edits.drafts import (
    PARTIAL_SECONDS,
    UNWRITTEN_SECONDS,
    Held,
    begin_empty_draft,
    discard,
    find_draft_of_copy,
    find_written,
    keep_copy,
    sweep,
    unsaved_changes,
)
from workbench.core.data.edits.opened import open_draft_of, open_written
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import DataSettings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    return tmp_path


def pair(prompt: str, completion: str) -> dict[str, str]:
    return {"prompt": prompt, "completion": completion}


def make_old(folder: Path, seconds: float) -> None:
    then = time.time() - seconds
    for path in (*folder.iterdir(), folder):
        os.utime(path, (then, then))


def test_that_one_window_at_a_time_writes_in_a_draft() -> None:
    draft = begin_empty_draft()
    held = Held(draft.folder)
    with pytest.raises(UserError, match="another window"):
        Held(draft.folder)
    held.release()
    Held(draft.folder).release()


def test_that_a_draft_is_found_by_its_copy_until_somebody_else_writes_to_that(tmp_path: Path) -> None:
    draft, copy = begin_empty_draft(), tmp_path / "copy.jsonl"
    draft.write(0, pair("one", "1"), "prompt")
    assert find_written() == draft.folder
    draft.save(copy)
    keep_copy(draft, copy)
    assert find_draft_of_copy(copy) == draft.folder
    assert find_written() is None
    copy.write_text("{}\n", encoding="utf-8")
    assert find_draft_of_copy(copy) is None


def test_that_rows_nobody_has_written_in_are_not_found_again() -> None:
    begin_empty_draft()
    assert find_written() is None


def test_that_a_lock_is_let_go_of_by_the_last_who_holds_it_after_what_each_has_to_do() -> None:
    draft = begin_empty_draft()
    held = Held(draft.folder)
    held.share()
    done: list[str] = []
    held.release(lambda: done.append("window"))
    assert not done
    with pytest.raises(UserError, match="another window"):
        Held(draft.folder)
    held.release(lambda: done.append("thread"))
    assert done == ["window", "thread"]
    Held(draft.folder).release()


def test_that_a_draft_that_is_thrown_away_is_not_found_by_its_copy_while_its_files_still_go(tmp_path: Path) -> None:
    draft, copy = begin_empty_draft(), tmp_path / "copy.jsonl"
    draft.write(0, pair("one", "1"), "prompt")
    draft.save(copy)
    keep_copy(draft, copy)
    discard(draft)
    assert list(places.drafts().iterdir()), "its files are there"
    assert find_draft_of_copy(copy) is None


def test_that_old_drafts_go_in_which_nothing_was_written_and_what_is_half_made() -> None:
    old, written, new, opened = (begin_empty_draft() for _ in range(4))
    written.write(0, pair("one", "1"), "prompt")
    held = Held(opened.folder)
    for draft in (old, written, opened):
        make_old(draft.folder, UNWRITTEN_SECONDS + 60)
    half_made, being_made = (places.drafts() / f".{name}.1.partial" for name in ("old", "new"))
    for folder in (half_made, being_made):
        folder.mkdir()
        (folder / "base.jsonl").write_text("{}")
    make_old(half_made, PARTIAL_SECONDS + 60)
    sweep()
    left = {draft.folder for draft in (written, new, opened)} | {being_made}
    assert set(places.drafts().iterdir()) == left
    held.release()
    sweep()
    assert opened.folder not in set(places.drafts().iterdir())


def test_that_sweeping_where_no_draft_was_ever_kept_does_nothing() -> None:
    sweep()
    assert not places.drafts().exists()


def test_that_rows_that_cannot_be_opened_are_told_beside_those_that_are_begun() -> None:
    draft = begin_empty_draft()
    draft.write(0, pair("one", "1"), "prompt")
    elsewhere = Held(draft.folder)
    opened = open_written()
    assert opened.draft.folder != draft.folder
    assert opened.trouble is not None
    assert "another window" in opened.trouble.what
    elsewhere.release()
    opened.held.release()
    (draft.folder / "changes.jsonl").write_text("no change\n")
    opened = open_written()
    assert opened.trouble is not None
    assert "not a change of rows" in opened.trouble.what
    Held(draft.folder).release()


def test_that_a_file_is_opened_where_it_was_left_and_held(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(pair("one", "1")) + "\n", encoding="utf-8")
    opened = open_draft_of(DataSettings(path=str(path)), lambda _rows: None)
    assert opened.folder == tmp_path
    opened.draft.write(0, pair("two", "2"), "prompt")
    with pytest.raises(UserError, match="another window"):
        open_draft_of(DataSettings(path=str(path)), lambda _rows: None)
    opened.held.release()
    again = open_draft_of(DataSettings(path=str(path)), lambda _rows: None)
    assert again.draft.value(0) == pair("two", "2")
    again.held.release()


def test_that_changes_that_are_in_no_copy_are_counted_without_opening_the_rows(tmp_path: Path) -> None:
    path, copy = tmp_path / "a.jsonl", tmp_path / "copy.jsonl"
    path.write_text("".join(json.dumps(pair(text, "1")) + "\n" for text in ("one", "two")), encoding="utf-8")
    settings = DataSettings(path=str(path))
    assert unsaved_changes(settings) == 0
    opened = open_draft_of(settings, lambda _rows: None)
    draft = opened.draft
    for text in ("three", "four"):
        draft.write(0, pair(text, "2"), "prompt")
        assert unsaved_changes(settings) == draft.unsaved_changes
    draft.save(copy)
    keep_copy(draft, copy)
    assert unsaved_changes(settings) == 0
    draft.undo()
    assert unsaved_changes(DataSettings(path=str(copy))) == draft.unsaved_changes == 1
    draft.write(1, pair("five", "3"), "prompt")  # the state of the copy cannot be reached any more
    assert unsaved_changes(settings) == draft.unsaved_changes == 3
    with (draft.folder / "changes.jsonl").open("ab") as journal:
        journal.write(b'{"went_to": 0')
    assert unsaved_changes(settings) == 3
    assert (draft.folder / "changes.jsonl").read_bytes().endswith(b'{"went_to": 0')  # nothing was mended
    opened.held.release()
