"""Which rows are held out: a share or a number of them, by a seed, of each group or by whole groups."""

import numpy as np
from numpy.typing import NDArray

from workbench.core.problems import UserError
from workbench.core.recipe.recipe import EvaluationSettings
from workbench.core.units import counted


def is_wanted(settings: EvaluationSettings) -> bool:
    """Whether some of the rows are held out."""
    return settings.fraction > 0 or settings.rows > 0


def held_out(count: int, groups: NDArray[np.uint64], settings: EvaluationSettings) -> NDArray[np.bool_]:
    """Which of `count` rows are held out, shape (rows,); `groups` are hashes of their groups, of the same shape.

    The same rows, settings and seed give the same choice on every machine. Raises UserError where nothing would be left
    to train on, or there is one group alone to be held out whole.
    """
    wanted = settings.rows or max(1, round(count * settings.fraction))
    if wanted >= count:
        raise UserError(
            f"There {'is 1 row' if count == 1 else f'are {count} rows'}: nothing is left to train on once "
            f"{counted(wanted, 'row')} {'is' if wanted == 1 else 'are'} held out.",
            remedy=f"Lower evaluation.{'rows' if settings.rows else 'fraction'}, or give more rows.",
        )
    chance = np.random.Generator(np.random.PCG64(settings.seed))
    order = chance.permutation(count)
    chosen = np.zeros(count, bool)
    if settings.groups == "ignored":
        chosen[order[:wanted]] = True
        return chosen
    _, group_of, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if settings.groups == "whole":
        chosen[_in_whole_groups(group_of, sizes, wanted, chance)] = True
        return chosen
    shares = _of_each(sizes, wanted)
    shuffled = order[np.argsort(group_of[order], kind="stable")]  # by group, each in a random order
    place_in_group = np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    chosen[shuffled[place_in_group < np.repeat(shares, sizes)]] = True
    return chosen


def _of_each(sizes: NDArray[np.int64], wanted: int) -> NDArray[np.int64]:
    """How many rows of each group make `wanted` in all, by largest remainders, shape (groups,)."""
    exact = sizes * (wanted / sizes.sum())
    shares: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    shares[np.argsort(shares - exact, kind="stable")[: wanted - int(shares.sum())]] += 1
    return shares


def _in_whole_groups(
    group_of: NDArray[np.int64], sizes: NDArray[np.int64], wanted: int, chance: np.random.Generator
) -> NDArray[np.bool_]:
    """The rows of random groups of which as many rows are held out as comes nearest to `wanted`, shape (rows,)."""
    if len(sizes) < 2:
        raise UserError(
            "All rows are of one group: nothing is left to train on once whole groups are held out.",
            remedy="Set evaluation.groups = ignored, or name another data.group_column.",
        )
    order = chance.permutation(len(sizes))
    reached = np.cumsum(sizes[order])[:-1]
    most = 1 + int(np.argmin(np.abs(reached - wanted)))
    is_chosen = np.zeros(len(sizes), bool)
    is_chosen[order[:most]] = True
    return np.asarray(is_chosen[group_of])
