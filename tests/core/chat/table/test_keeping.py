"""Answers and marks kept with the runs they belong to, and found again by the same weights and settings alone."""

from pathlib import Path

import pytest

from tests.core.chat.table.tables_made import BY_HAND, SETTINGS, asked, columns, said, table
from workbench.core.chat.table.keeping import MarksToKeep, filled_table, keep_answers
from workbench.core.chat.table.kept_answers import FOLDER, MOST_FILES, KeptAnswers
from workbench.core.job.marks import MARKS, Judged, read_marks
from workbench.core.job.question import AnswerSettings
from workbench.core.problems import UserError

PROMPTS = asked("One", "Two", "Three")


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    return tmp_path / "a", tmp_path / "b"


def kept(runs: tuple[Path, Path], settings: AnswerSettings = SETTINGS) -> None:
    """Keeps the answers of all columns to the first two prompts."""
    filled = filled_table(PROMPTS, columns(*runs), settings, BY_HAND)
    for row in range(2):
        for column in range(3):
            filled.table.put(row, column, said(f"{row} {column}"))
    keep_answers(filled, [(row, column) for row in range(2) for column in range(3)])


def found(runs: tuple[Path, Path], settings: AnswerSettings = SETTINGS) -> int:
    return filled_table(PROMPTS, columns(*runs), settings, BY_HAND).found


def test_that_the_same_settings_and_weights_find_their_answers_again(runs: tuple[Path, Path]) -> None:
    kept(runs)
    filled = filled_table(list(reversed(PROMPTS)), columns(*runs), SETTINGS, BY_HAND)
    assert filled.found == 6
    assert filled.table.answer(1, 2) == said("1 2")
    assert filled.table.answer(2, 0) == said("0 0")
    assert filled.table.open_rows() == [0]


def test_that_each_run_keeps_what_it_has_said(runs: tuple[Path, Path]) -> None:
    kept(runs)
    assert [len(list((run / FOLDER).glob("*.jsonl"))) for run in runs] == [2, 1]
    assert filled_table(PROMPTS, columns(runs[0]), SETTINGS, BY_HAND).found == 4


def test_that_other_settings_or_weights_find_nothing(runs: tuple[Path, Path]) -> None:
    kept(runs)
    assert found(runs, SETTINGS.model_copy(update={"max_tokens": 64})) == 0
    assert found(runs, SETTINGS.model_copy(update={"temperature": 0.5})) == 0
    assert found(runs, SETTINGS.model_copy(update={"strength": 0.5})) == 2, "the base has no strength"
    assert found(runs, SETTINGS.model_copy(update={"seed": 9})) == 6, "without chance the seed changes nothing"
    assert KeptAnswers(columns(runs[0])[1], SETTINGS).path != KeptAnswers(columns(runs[0])[0], SETTINGS).path


def test_that_a_torn_line_costs_itself_alone(runs: tuple[Path, Path]) -> None:
    kept(runs)
    for path in runs[0].glob(f"{FOLDER}/*.jsonl"):
        path.write_bytes(path.read_bytes()[:-20])
    assert found(runs) == 4
    kept(runs)
    assert found(runs) == 6


@pytest.mark.parametrize("head", ["", "{}", '{"format": 2}', "\x00\x01"])
def test_that_what_another_version_has_written_is_as_if_it_were_not_there(head: str, runs: tuple[Path, Path]) -> None:
    kept(runs)
    for path in runs[0].glob(f"{FOLDER}/*.jsonl"):
        path.write_text(head + "\n" + path.read_text().partition("\n")[2])
    assert found(runs) == 2
    kept(runs)
    assert found(runs) == 6


def test_that_an_answer_that_was_stopped_is_not_kept(runs: tuple[Path, Path]) -> None:
    filled = filled_table(PROMPTS, columns(*runs), SETTINGS, BY_HAND)
    filled.table.put(0, 0, said("half", finish="interrupted"))
    keep_answers(filled, [(0, 0)])
    assert found(runs) == 0
    assert not (runs[0] / FOLDER).exists()


def test_that_settings_tried_long_ago_make_room(runs: tuple[Path, Path]) -> None:
    for tokens in range(1, MOST_FILES // 2 + 4):
        kept(runs, SETTINGS.model_copy(update={"max_tokens": tokens}))
    assert len(list((runs[0] / FOLDER).iterdir())) == MOST_FILES
    assert found(runs, SETTINGS.model_copy(update={"max_tokens": 1})) == 2, "that of the second run, which has few"


def test_that_a_folder_that_takes_nothing_is_a_sentence(runs: tuple[Path, Path]) -> None:
    (runs[0] / FOLDER).write_text("in the way")
    with pytest.raises(UserError, match="The answers cannot be kept"):
        kept(runs)


def test_that_a_model_that_no_run_has_made_keeps_them_in_its_table() -> None:
    before = table(None, None, ("a", "b"))
    filled = filled_table(before.prompts, before.columns, SETTINGS, BY_HAND, before)
    assert filled.found == 2
    keep_answers(filled, [(0, 0), (0, 1)])
    assert all(answers.path is None for answers in filled.kept)


def test_that_marks_come_with_the_answers(runs: tuple[Path, Path]) -> None:
    kept(runs)
    filled = filled_table(PROMPTS, columns(*runs), SETTINGS, BY_HAND)
    keys = {filled.table.mark(0, 2, True): True}
    MarksToKeep(runs[1], Judged("person", 1, 1), dict(keys)).write()
    again = filled_table(PROMPTS, columns(*runs), SETTINGS, BY_HAND)
    assert [again.table.verdict(0, column) for column in range(3)] == [None, None, True]
    assert read_marks(runs[1]).judged == Judged("person", 1, 1)


def test_that_marks_that_cannot_be_read_are_told(runs: tuple[Path, Path]) -> None:
    (runs[0] / MARKS).write_text("{")
    filled = filled_table(PROMPTS, columns(*runs), SETTINGS, BY_HAND)
    assert "marks of a run's answers" in filled.problems[0]
