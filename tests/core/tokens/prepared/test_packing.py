"""Rows packed into sequences: none lost, none cut, as few sequences as TRL's own packing makes."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.recipe.recipe import TrainingSettings
from workbench.core.tokens.prepared.packing import best_fit, held_by_a_step, one_a_sequence


@given(st.lists(st.integers(1, 64), min_size=1, max_size=200))
def test_that_every_row_stands_in_one_sequence_and_none_is_overfull(lengths: list[int]) -> None:
    packed = best_fit(np.array(lengths), 64)
    assert sorted(packed.rows.tolist()) == list(range(len(lengths)))
    held = [int(np.array(lengths)[packed.rows[a:b]].sum()) for a, b in pairwise(packed.firsts)]
    assert all(0 < tokens <= 64 for tokens in held)
    assert len(held) == packed.sequences


@pytest.mark.parametrize("seed", range(5))
def test_that_there_are_as_many_sequences_as_trl_makes_of_the_same_rows(seed: int) -> None:
    from datasets import Dataset
    from trl.data_utils import pack_dataset  # its own words for what "bfd" is

    lengths = np.random.default_rng(seed).integers(1, 200, 500)
    rows = Dataset(pa.table({"input_ids": [[1] * length for length in lengths.tolist()]}))
    theirs = pack_dataset(rows, 200, "bfd")
    ours = best_fit(lengths, 200)
    assert ours.sequences == len(theirs)
    own = [lengths[ours.rows[a:b]].tolist() for a, b in pairwise(ours.firsts)]
    assert own == theirs["seq_lengths"][:]


def test_that_unpacked_rows_keep_their_order_each_in_a_sequence_of_its_own() -> None:
    packed = one_a_sequence(3)
    assert packed.rows.tolist() == [0, 1, 2]
    assert packed.firsts.tolist() == [0, 1, 2, 3]
    assert packed.sequences == 3
    assert one_a_sequence(0).sequences == 0


def test_that_a_step_holds_its_share_of_rows_and_never_more_than_there_are() -> None:
    training = TrainingSettings(batch_size=2, accumulation=3, max_length=100)
    assert held_by_a_step(training, 1000, 40_000, 0.8) == (12, 480)
    assert held_by_a_step(training, 7, 300, 0.8) == (7, 300)
    assert held_by_a_step(training, 0, 0, 0.0) == (0, 0)
