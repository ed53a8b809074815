"""Which rows are held out: as many as asked, the same for the same seed, of groups as asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.problems import UserError
from workbench.core.recipe.recipe import EvaluationSettings
from workbench.core.tokens.prepared.split import held_out, is_wanted


def chosen(count: int, of: list[int] | None = None, **settings: object) -> np.ndarray:
    named = np.array(of if of is not None else [0] * count, np.uint64)
    return held_out(count, named, EvaluationSettings.model_validate(settings))


@given(st.integers(2, 500), st.floats(0.01, 0.9), st.integers(0, 2**31 - 1))
def test_that_a_share_of_the_rows_is_held_out_the_same_for_the_same_seed(count: int, share: float, seed: int) -> None:
    wanted = max(1, round(count * share))
    if wanted >= count:
        return
    found = chosen(count, fraction=share, seed=seed)
    assert found.sum() == wanted
    assert np.array_equal(found, chosen(count, fraction=share, seed=seed))


def test_that_another_seed_chooses_others_and_a_number_is_that_number() -> None:
    assert chosen(100, rows=7).sum() == 7
    assert not np.array_equal(chosen(100, rows=7, seed=1), chosen(100, rows=7, seed=2))
    assert is_wanted(EvaluationSettings(rows=1))
    assert not is_wanted(EvaluationSettings())


@given(st.lists(st.integers(0, 5), min_size=4, max_size=300), st.integers(0, 99))
def test_that_the_same_share_of_each_group_is_held_out(groups: list[int], seed: int) -> None:
    found = chosen(len(groups), groups, fraction=0.25, groups="of_each", seed=seed)
    assert found.sum() == max(1, round(len(groups) * 0.25))
    for group in set(groups):
        of_group = np.array(groups) == group
        assert abs(found[of_group].sum() - of_group.sum() * found.sum() / len(groups)) < 1


@given(st.lists(st.integers(0, 9), min_size=2, max_size=300), st.integers(0, 99))
def test_that_a_group_that_is_held_out_whole_is_never_trained_on(groups: list[int], seed: int) -> None:
    if len(set(groups)) < 2:
        return
    found = chosen(len(groups), groups, rows=1, groups="whole", seed=seed)
    named = np.array(groups)
    assert 0 < found.sum() < len(groups)
    assert not set(named[found]) & set(named[~found])


def test_that_whole_groups_come_as_near_to_the_number_as_they_can() -> None:
    groups = [0] * 10 + [1] * 10 + [2] * 10
    assert chosen(30, groups, rows=10, groups="whole").sum() == 10
    assert chosen(30, groups, rows=19, groups="whole").sum() == 20


def test_that_nothing_left_to_train_on_is_refused() -> None:
    with pytest.raises(UserError, match=r"are 3 rows: nothing is left to train on once 3 rows are held out"):
        chosen(3, rows=3)
    with pytest.raises(UserError, match=r"is 1 row: nothing is left to train on once 1 row is held out"):
        chosen(1, fraction=0.5)
    with pytest.raises(UserError, match="All rows are of one group"):
        chosen(3, rows=1, groups="whole")
