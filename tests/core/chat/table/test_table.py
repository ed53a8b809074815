"""A table of prompts: what differs, what is right, who counts, and the order of a blind one."""

from pathlib import Path

import pytest

from tests.core.chat.table.tables_made import BY_HAND, SETTINGS, asked, columns, said, table
from workbench.core.chat.metrics import Ignored
from workbench.core.chat.table.table import Judging, PromptTable, Refused, blind_order
from workbench.core.job.marks import Judged

A, B = Path("/runs/a"), Path("/runs/b")


def test_that_answers_differ_by_their_text_without_outer_space() -> None:
    made = table(A, B, ("Yes.", " Yes.\n", "Yes."), ("Yes.", "No.", "Yes."), ("Yes.", "No.", ""))
    assert made.matching("differ") == [1], "the last row is not answered by all"
    assert (made.scores().differ, made.scores().answered, made.scores().rows) == (1, 2, 3)
    assert made.open_rows() == [2]


def test_that_an_exact_match_judges_by_itself() -> None:
    made = table(A, None, ("yes.", " Yes. "), ("Yes.", "No."), judging=Judging())
    assert made.scores().right == (1, 1)
    made.judge_by(Judging(ignored=Ignored(case=True)))
    assert made.scores().right == (2, 1)
    assert made.matching("wrong") == [1]


def test_that_without_an_expected_answer_nothing_is_right_or_wrong() -> None:
    made = PromptTable(asked("A", expected=None), columns(A), SETTINGS)
    made.put(0, 1, said('{"a": 1}'))
    assert made.verdict(0, 1) is None
    assert made.f1(0, 1) is None
    assert made.scores().f1 == (None, None)
    assert made.scores().json == (0, 1)


def test_that_scores_count_only_rows_that_all_columns_have_rated() -> None:
    made = table(A, B, ("a", "b", "c"), ("a", "b", "c"))
    for column, verdict in enumerate((False, True, True)):
        made.mark(0, column, verdict)
    made.mark(1, 1, True)
    assert made.scores().rated == 1
    assert made.scores().right == (0, 1, 1)
    assert made.judged(A) == Judged("person", 1, 1, base_right=0)
    assert made.judged(B) == Judged("person", 1, 1)
    assert made.judged(Path("/runs/c")) is None
    assert made.matching("not rated") == [1]


def test_that_nothing_came_of_a_table_without_a_rated_row() -> None:
    assert table(A, None, ("a", "b")).judged(A) is None


def test_that_a_mark_belongs_to_the_text_and_comes_back_with_it() -> None:
    made = table(A, None, ("a", "b"))
    made.mark(0, 1, True)
    made.put(0, 1, said("another"))
    assert made.verdict(0, 1) is None
    made.put(0, 1, said("b\n"))
    assert made.verdict(0, 1) is True
    made.mark(0, 1, None)
    assert made.verdict(0, 1) is None


def test_that_the_same_text_of_another_column_has_a_mark_of_its_own() -> None:
    made = table(A, B, ("same", "same", "same"))
    made.mark(0, 1, True)
    assert [made.verdict(0, column) for column in range(3)] == [None, True, None]


def test_that_what_cannot_be_answered_is_told_and_keeps_nobody_from_the_rest() -> None:
    made = table(A, None, ("a", "b"), ("a", ""))
    made.put(1, 1, Refused("The prompt is too long."))
    assert made.problem(1, 1) == "The prompt is too long."
    assert made.open_rows() == []
    assert not made.can_be_rated(1)
    made.forget_problems()
    assert made.open_rows() == [1]


def test_that_the_next_to_rate_in_a_row_has_an_answer_and_no_verdict() -> None:
    made = table(A, B, ("a", "b", ""))
    assert made.first_unrated(0, (2, 1, 0)) == 1
    made.mark(0, 1, True)
    assert made.first_unrated(0, (2, 1, 0)) == 0
    made.mark(0, 0, True)
    assert made.first_unrated(0, (2, 1, 0)) is None


def test_that_marks_of_no_run_are_taken_over_with_the_answers() -> None:
    before = table(None, None, ("a", "b"))
    before.mark(0, 1, True)
    after = PromptTable(before.prompts, columns(None), SETTINGS, BY_HAND)
    taken = after.take_over(before, 1)
    after.put(0, 1, taken[after.prompt_key(0)])
    assert after.verdict(0, 1) is True
    other = PromptTable(before.prompts, columns(None), SETTINGS.model_copy(update={"seed": 3}), BY_HAND)
    assert other.take_over(before, 0) == {}


@pytest.mark.parametrize("count", [2, 3])
def test_that_a_blind_row_has_an_order_of_its_own_by_the_seed(count: int) -> None:
    orders = [blind_order(row, count, 7) for row in range(200)]
    assert orders == [blind_order(row, count, 7) for row in range(200)]
    assert orders != [blind_order(row, count, 8) for row in range(200)]
    assert all(sorted(order) == list(range(count)) for order in orders)
    for place in range(count):
        assert 200 / count * 0.6 < sum(order[0] == place for order in orders) < 200 / count * 1.4
