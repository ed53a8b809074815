import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.core.data.edits.draft import Draft
from workbench.core.data.edits.drafts import (
    begin_draft,
    begin_empty_draft,
    discard,
    find_draft,
)
from workbench.core.data.edits.value import asked
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import DataSettings

ROWS = [
    {"Question": "What does a puncture repair cost?", "Answer": "18 euros with a new tube."},
    {"Question": "Do you fit winter tyres?", "Answer": ""},
    {"Question": "My bike shows error 504.", "Answer": "That is the speed sensor."},
]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    return tmp_path


@pytest.fixture
def questions(tmp_path: Path) -> DataSettings:
    return written(tmp_path / "questions.jsonl", ROWS)


def written(path: Path, rows: list[dict[str, object]]) -> DataSettings:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return DataSettings(path=str(path))


def shown(draft: Draft) -> list[dict[str, object]]:
    return [draft.value(draft.row_at(position)) for position in range(len(draft))]


def pair(prompt: str, completion: str) -> dict[str, str]:
    return {"prompt": prompt, "completion": completion}


def test_that_every_row_is_there_also_the_one_that_would_be_left_out(questions: DataSettings) -> None:
    draft = begin_draft(questions)
    assert shown(draft) == [pair(row["Question"], row["Answer"]) for row in ROWS]
    assert "empty" in draft.problem_as_read(1)
    assert not draft.problem_as_read(0)
    assert [draft.number_of(row) for row in range(3)] == [1, 2, 3]


def test_that_every_row_of_a_draft_from_nothing_is_new() -> None:
    draft = begin_empty_draft()
    draft.write(0, pair("Tea?", "Yes."), "prompt")
    assert draft.is_new(0)
    assert not draft.is_changed(0)
    assert draft.value_before(0) is None
    assert draft.revert(0) is None


def test_that_a_turn_that_was_written_is_counted_from_one() -> None:
    draft = begin_empty_draft("messages")
    draft.write(0, {"messages": [{"role": "user", "content": "Tea?"}]}, "0")
    assert draft.changes[-1].in_words() == "row 1, turn 1"


def test_that_a_row_is_written_added_duplicated_and_deleted_and_all_of_it_undone(questions: DataSettings) -> None:
    draft = begin_draft(questions)
    before = shown(draft)
    draft.write(1, pair("Do you fit winter tyres?", "Up to 24 inches."), "completion")
    draft.add(0)
    draft.duplicate([0, 1])
    draft.delete([0, 3])
    assert [change.in_words() for change in draft.changes] == [
        "row 2, completion",
        "row 4 added",
        "2 rows duplicated",
        "2 rows deleted",
    ]
    after = shown(draft)
    assert after == [pair("", ""), before[0], pair("Do you fit winter tyres?", "Up to 24 inches."), before[2]]
    draft.go_to(0)
    assert shown(draft) == before
    draft.go_to(4)
    assert shown(draft) == after


def test_that_a_change_after_an_undo_takes_the_place_of_what_was_undone(questions: DataSettings) -> None:
    draft = begin_draft(questions)
    draft.write(0, pair("one", "1"), "prompt")
    draft.write(0, pair("two", "1"), "prompt")
    draft.undo()
    draft.write(2, pair("three", "3"), "prompt")
    assert len(draft.changes) == 2
    assert [asked(value) for value in shown(draft)] == ["one", "Do you fit winter tyres?", "three"]


def test_that_writing_what_stands_there_is_no_change(questions: DataSettings) -> None:
    draft = begin_draft(questions)
    assert draft.write(0, dict(draft.value(0)), "prompt") is None
    assert draft.changes == []


def test_that_changes_are_there_again_when_the_draft_is_opened_again(questions: DataSettings) -> None:
    draft = begin_draft(questions)
    draft.write(0, pair("one", "1"), "prompt")
    draft.delete([2])
    draft.add(None)
    draft.undo()
    again = begin_draft(questions)
    assert shown(again) == shown(draft)
    assert (again.done, len(again.changes)) == (2, 3)
    again.redo()
    assert len(again) == 3


def test_that_a_last_line_that_was_cut_is_a_change_that_was_not_made(questions: DataSettings) -> None:
    draft = begin_draft(questions)
    draft.write(0, pair("one", "1"), "prompt")
    draft.write(0, pair("two", "2"), "prompt")
    journal = draft.folder / "changes.jsonl"
    journal.write_bytes(journal.read_bytes()[:-20])
    again = begin_draft(questions)
    assert asked(again.value(0)) == "one"
    again.write(2, pair("three", "3"), "prompt")
    assert asked(begin_draft(questions).value(2)) == "three"


def test_that_what_the_disk_does_not_take_stays_and_is_kept_with_the_next_change(questions: DataSettings) -> None:
    draft = begin_draft(questions)
    journal = draft.folder / "changes.jsonl"
    journal.mkdir()
    with pytest.raises(UserError, match="cannot be kept on the disk"):
        draft.write(0, pair("one", "1"), "prompt")
    assert asked(draft.value(0)) == "one"
    journal.rmdir()
    draft.write(2, pair("three", "3"), "prompt")
    assert shown(begin_draft(questions)) == shown(draft)


def test_that_columns_of_which_nothing_is_kept_are_named(tmp_path: Path) -> None:
    made = written(tmp_path / "more.jsonl", [{"prompt": "a", "completion": "b", "channel": "mail"}])
    assert begin_draft(made).base.facts.not_kept == ("channel",)


def test_that_a_damaged_journal_is_a_sentence(questions: DataSettings) -> None:
    draft = begin_draft(questions)
    draft.write(0, pair("one", "1"), "prompt")
    (draft.folder / "changes.jsonl").write_bytes(b"nothing\n")
    with pytest.raises(UserError, match="line 1"):
        begin_draft(questions)


def test_that_a_file_that_has_changed_begins_anew_and_is_never_written_to(questions: DataSettings) -> None:
    path = Path(questions.path)
    before = path.read_bytes()
    draft = begin_draft(questions)
    draft.write(0, pair("one", "1"), "prompt")
    draft.save(path.with_name("copy.jsonl"))
    assert path.read_bytes() == before
    assert find_draft(questions) == draft.folder
    path.write_bytes(before + before)
    assert find_draft(questions) is None
    assert len(begin_draft(questions)) == 6


def test_that_a_copy_holds_the_rows_as_they_stand_and_reads_back(questions: DataSettings, tmp_path: Path) -> None:
    draft = begin_draft(questions)
    draft.write(1, pair("Do you fit winter tyres?", "Ja, bis 24 Zoll: Größe „L“."), "completion")
    draft.add(2, [pair("New?", "Yes.")])
    copy = tmp_path / "deep" / "copy.jsonl"
    draft.save(copy)
    assert [json.loads(line) for line in copy.read_text(encoding="utf-8").splitlines()] == shown(draft)
    assert draft.unsaved_changes == 0
    draft.undo()
    assert draft.unsaved_changes == 1
    again = begin_draft(questions)
    assert (again.unsaved_changes, again.saved_as) == (1, str(copy))
    assert shown(begin_draft(DataSettings(path=str(copy)))) == [*shown(draft), pair("New?", "Yes.")]


def test_that_a_copy_that_cannot_be_written_leaves_the_changes_and_nothing_half_written(
    questions: DataSettings, tmp_path: Path
) -> None:
    draft = begin_draft(questions)
    draft.write(0, pair("one", "1"), "prompt")
    (tmp_path / "taken").write_text("a file where a folder is wanted")
    with pytest.raises(UserError, match="The changes are kept"):
        draft.save(tmp_path / "taken" / "copy.jsonl")
    assert draft.unsaved_changes == 1

    def end(done: int) -> None:
        raise KeyboardInterrupt

    many = begin_empty_draft(rows=3000)
    with pytest.raises(KeyboardInterrupt):
        many.save(tmp_path / "many.jsonl", end)
    assert [path.name for path in tmp_path.glob("*many*")] == []


def test_that_empty_rows_are_there_to_be_written_from_nothing() -> None:
    assert len(begin_empty_draft()) == 1
    draft = begin_empty_draft(rows=10)
    assert shown(draft) == [pair("", "")] * 10
    draft.write(9, pair("Last?", "Yes."), "prompt")
    assert draft.number_of(draft.row_at(9)) == 10
    discard(draft)()
    assert not draft.folder.exists()


def test_that_conversations_and_texts_keep_their_spelling(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]
    talk = begin_draft(written(tmp_path / "talk.jsonl", [{"messages": turns}, {"messages": [*turns, *turns]}]))
    assert [talk.spelling, len(shown(talk)[1]["messages"])] == ["messages", 4]
    text = begin_draft(written(tmp_path / "text.jsonl", [{"text": "Once."}, {"text": ""}]))
    assert shown(text) == [{"text": "Once."}, {"text": ""}]
    begun = begin_draft(written(tmp_path / "begun.jsonl", [{"text": ""}, {"text": "Once."}]))
    assert shown(begun) == [{"text": ""}, {"text": "Once."}], "also where the first row is wrong"
    system = [{"system": "Be brief.", "prompt": "a", "completion": "b"}]
    mixed = begin_draft(written(tmp_path / "mixed.jsonl", system))
    assert [turn["role"] for turn in shown(mixed)[0]["messages"]] == ["system", "user", "assistant"]


def test_that_a_group_stays_with_its_row(tmp_path: Path) -> None:
    made = written(tmp_path / "grouped.jsonl", [{"prompt": "a", "completion": "b", "topic": "tyres"}])
    draft = begin_draft(made.model_copy(update={"group_column": "topic"}))
    assert shown(draft) == [{"prompt": "a", "completion": "b", "topic": "tyres"}]
    assert draft.group_column == "topic"


STEPS = st.lists(
    st.tuples(st.sampled_from(["write", "add", "duplicate", "delete", "undo", "redo", "revert"]), st.integers(0, 99)),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(STEPS)
def test_that_rows_are_the_same_after_any_changes_when_they_are_read_again(steps: list[tuple[str, int]]) -> None:
    draft = begin_empty_draft(rows=4)
    states = {0: shown(draft)}
    for what, number in steps:
        count = len(draft)
        position = number % count if count else None
        if what == "write" and position is not None:
            draft.write(draft.row_at(position), pair(f"q{number}", what), "prompt")
        elif what == "add":
            draft.add(position)
        elif what == "duplicate" and position is not None:
            draft.duplicate(sorted({0, position}))
        elif what == "delete" and position is not None:
            draft.delete(sorted({0, position}))
        elif what == "revert" and position is not None:
            draft.revert(draft.row_at(position))
        elif what == "undo":
            draft.undo()
            assert shown(draft) == states[draft.done]
            continue
        elif what == "redo":
            draft.redo()
            assert shown(draft) == states[draft.done]
            continue
        states[draft.done] = shown(draft)
    folder, expected = draft.folder, shown(draft)
    again = Draft(folder)
    assert shown(again) == expected
    again.go_to(0)
    assert shown(again) == states[0]
    discard(again)()
