"""Columns that are filled row by row and many rows at once."""

import numpy as np
import pytest

from workbench.core.columns import FIRST_CAPACITY, Columns


def test_that_many_rows_at_once_follow_those_that_were_there_and_are_followed() -> None:
    columns = Columns(("step", "loss", "rate"))
    columns.append((1, 2.5, 0.1))
    columns.extend({"step": np.arange(2.0, 5), "loss": np.full(3, 1.5)})
    columns.append((5, 1.0, 0.2))
    assert columns.column("step").tolist() == [1, 2, 3, 4, 5]
    assert columns.column("rate").tolist() == [0.1, 0, 0, 0, 0.2]
    assert columns.row(-2) == {"step": 4, "loss": 1.5, "rate": 0}


def test_that_many_rows_may_be_more_than_there_was_room_for() -> None:
    columns = Columns(("step",))
    columns.extend({"step": np.arange(10.0 * FIRST_CAPACITY)})
    columns.append((-1,))
    assert len(columns) == 10 * FIRST_CAPACITY + 1
    assert columns.row(len(columns) - 1) == {"step": -1}


def test_that_a_column_that_is_not_there_is_refused_and_nothing_taken() -> None:
    columns = Columns(("step",))
    with pytest.raises(KeyError):
        columns.extend({"loss": np.zeros(3)})
    assert len(columns) == 0
