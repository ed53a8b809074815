"""Which rows are trained on, which are held out, and which are left out because they stand there already."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.prepared import near, split, tables
from workbench.core.tokens.prepared.kinds import CUT, DUPLICATE, LEAKED, NEAR_DUPLICATE, NEAR_LEAKED, bits
from workbench.core.tokens.prepared.row_writer import BANDS, SKETCHES


def part(rows: NDArray[np.void], folder: Path, recipe: Recipe) -> None:
    """Sets `part` and `kinds` of records of tables.ROW, shape (rows,), whose sketches lie in the folder.

    Raises UserError where nothing would be left to train on, or of what is held out.
    """
    usable = rows["pieces"] > 0
    for source in (0, 1):
        _mark_equals(rows, np.flatnonzero(usable & (rows["source"] == source)))
    keeps = recipe.data.duplicates == "keep"
    is_kept = usable if keeps else usable & (rows["kinds"] & np.uint64(bits({DUPLICATE})) == 0)
    trained = np.flatnonzero(is_kept & (rows["source"] == 0))
    held = np.flatnonzero(is_kept & (rows["source"] == 1))
    if split.is_wanted(recipe.evaluation) and len(trained):
        chosen = split.held_out(len(trained), rows["group"][trained], recipe.evaluation)
        trained, held = trained[~chosen], trained[chosen]
    rows["part"][trained] = tables.TRAINED
    rows["part"][held] = tables.HELD_OUT
    leaked = np.isin(rows["hash"][held], rows["hash"][trained])
    _leave_out(rows, held[leaked], LEAKED)
    _leave_out_near(rows, trained, held[~leaked], folder)
    is_out = usable & (rows["part"] == tables.LEFT_OUT)
    rows["kinds"][is_out] &= ~np.uint64(bits(CUT))  # of what nobody reads nothing is cut
    if len(held) and not np.any(rows["part"][held] == tables.HELD_OUT):
        raise UserError(
            "No held-out row is left: each equals or nearly equals one that is trained on.",
            why="A loss of such rows would tell how well they are remembered, not what was learned.",
            remedy="Hold out whole groups (evaluation.groups = whole), or give rows that differ.",
        )


def _mark_equals(rows: NDArray[np.void], among: NDArray[np.int64]) -> None:
    """Marks each of the rows `among`, shape (rows among,), that equals an earlier one of them."""
    _, firsts = np.unique(rows["hash"][among], return_index=True)
    is_later = np.ones(len(among), bool)
    is_later[firsts] = False
    rows["kinds"][among[is_later]] |= np.uint64(bits({DUPLICATE}))


def _leave_out(rows: NDArray[np.void], which: NDArray[np.int64], kind: str) -> None:
    """Takes held-out rows, shape (rows left out,), out of their part."""
    rows["part"][which] = tables.LEFT_OUT
    rows["kinds"][which] |= np.uint64(bits({kind}))


def _leave_out_near(rows: NDArray[np.void], trained: NDArray[np.int64], held: NDArray[np.int64], folder: Path) -> None:
    """Marks trained rows that are nearly an earlier one, and leaves out the held-out ones that are nearly trained on.

    `trained` and `held` are row numbers, shapes (trained rows,) and (held-out rows,).
    """
    both = np.concatenate([trained, held])
    is_held = np.arange(len(both)) >= len(trained)
    sketches = tables.mapped_numbers(folder / SKETCHES, np.uint32, near.PERMUTATIONS)
    bands = tables.mapped_numbers(folder / BANDS, np.uint64, near.BANDS)
    is_duplicate, is_leaked = np.zeros(len(both), bool), np.zeros(len(both), bool)
    for band in range(near.BANDS):
        hashes = bands[both, band]
        count = len(trained)
        is_duplicate[:count] |= near.near_earlier(hashes[:count], sketches, trained)
        if len(held):
            is_leaked |= near.near_others(hashes, sketches, both, is_held)
    equal = rows["kinds"][both] & np.uint64(bits({DUPLICATE})) != 0
    rows["kinds"][both[is_duplicate & ~equal]] |= np.uint64(bits({NEAR_DUPLICATE}))
    _leave_out(rows, both[is_leaked], NEAR_LEAKED)
