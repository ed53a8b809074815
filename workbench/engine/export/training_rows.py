"""The rows that a run has learned, in files beside the code that learns them again, each compared token by token."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import pyarrow as pa

from workbench.core.data.row import DataRow
from workbench.core.data.rows import OpenRows, RowProblem, settings_at
from workbench.core.data.system import with_system
from workbench.core.job.study_kinds import DataPrepared
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.prepared import cache, tables

# What makes a row, as it stands in a file, into its ids and labels.
TokensOf = Callable[[dict[str, Any]], tuple[list[int], list[int]]]
Row = dict[str, Any]


@dataclass
class Written:
    """How many rows stand in the files in which form."""

    turns: int = 0
    plain: int = 0
    tokens: int = 0

    @property
    def rows(self) -> int:
        return self.turns + self.plain + self.tokens


class TrainingRows:
    """Writes the prepared rows of a recipe as their files have them, in the order in which they are learned."""

    def __init__(self, recipe: Recipe, prepared: DataPrepared, tokens_of: TokensOf, *, is_wrapped: bool) -> None:
        """`is_wrapped` says whether a template is there that wraps a prompt and its completion."""
        self._recipe = recipe
        self._is_wrapped = is_wrapped
        self._folder = Path(prepared.folder)
        self._table = tables.Tables(self._folder)
        self._tokens_of = tokens_of
        self.written = Written()

    def write(self, trained: Path, held_out: Path, tick: Callable[[int], None]) -> None:
        """Writes the rows that are trained on, and those that are held out where there are any.

        `tick` is told how many rows are done. Raises UserError and OSError.
        """
        with TemporaryFile(dir=trained.parent) as kept:
            places = self._keep_rows(kept, lambda: tick(0))
            for part, name, path in (
                (tables.TRAINED, cache.TRAINED, trained),
                (tables.HELD_OUT, cache.HELD_OUT, held_out),
            ):
                numbers = self._table.in_sequences(part)
                if len(numbers):
                    with path.open("w", encoding="utf-8", newline="\n") as file:
                        for row in self._rows(self._folder / name, numbers.tolist(), kept, places):
                            file.write(json.dumps(row, ensure_ascii=False) + "\n")
                            tick(self.written.rows)

    def _keep_rows(self, kept: BufferedRandom, tick: Callable[[], None]) -> np.ndarray:
        """Puts every row that is used into a file, and returns where each begins: int64 of shape (rows + 1,)."""
        places = np.zeros(len(self._table.rows) + 1, np.int64)
        used = self._table.rows["part"] != tables.LEFT_OUT
        number = 0
        for row in self._read_again():
            if number < len(used) and used[number]:
                if isinstance(row, RowProblem):
                    raise _changed()
                kept.write(json.dumps(_as_turns(with_system(row, self._recipe.data)), ensure_ascii=False).encode())
                tick()
            number += 1
            places[min(number, len(used))] = kept.tell()
        if number != len(used):
            raise _changed()
        return places

    def _read_again(self) -> Iterator[DataRow | RowProblem]:
        path = self._recipe.evaluation.path
        for settings in (self._recipe.data, settings_at(self._recipe.data, path) if path else None):
            if settings is not None:
                for _, row in OpenRows(settings).each():
                    yield row

    def _rows(self, path: Path, numbers: list[int], kept: BufferedRandom, places: np.ndarray) -> Iterator[Row]:
        """The rows of a part in the order of its sequences; `places` is of shape (rows + 1,)."""
        order = iter(numbers)
        sequence = 0
        with pa.memory_map(str(path)) as mapped, pa.ipc.open_stream(mapped) as batches:
            for batch in batches:
                for ids, labels, sizes in zip(*(batch.column(name) for name in _COLUMNS), strict=True):
                    first = 0
                    for size in sizes.as_py():
                        number = next(order)
                        kept.seek(places[number])
                        row = json.loads(kept.read(places[number + 1] - places[number]))
                        piece = slice(first, first + size)
                        found = self._compared(row, ids.values[piece].to_pylist(), labels.values[piece].to_pylist())
                        first += size
                        yield {"sequence": sequence, **found} if self._recipe.training.packing else found
                    sequence += 1

    def _compared(self, row: Row, ids: list[int], labels: list[int]) -> Row:
        """The row in the form in which the code makes the same tokens of it; else those themselves."""
        plain = None if self._is_wrapped and row["messages"] else _as_plain(row)
        if plain is not None and self._makes(plain, ids, labels):
            self.written.plain += 1
            return plain
        if row["messages"] and self._makes(row, ids, labels):
            self.written.turns += 1
            return row
        self.written.tokens += 1
        return {"input_ids": ids, "labels": labels}

    def _makes(self, row: Row, ids: list[int], labels: list[int]) -> bool:
        try:
            found = self._tokens_of(row)
        except Exception:  # a template raises whatever its author chose
            return False
        return (list(found[0]), list(found[1])) == (ids, labels)


_COLUMNS = ("input_ids", "labels", "seq_lengths")


def _as_turns(row: DataRow) -> Row:
    found: Row = {"messages": list(row.turns)}
    if row.tools:
        found["tools"] = list(row.tools)
    if not row.turns:
        found["text"] = row.text
    return found


def _as_plain(row: Row) -> Row | None:
    """A row without a template: what is given and what is learned."""
    kept = DataRow(tuple(row["messages"]), row.get("text", ""), tuple(row.get("tools", ())))
    if kept.plain is None or kept.tools:
        return None
    prompt, completion = kept.plain
    return {"prompt": prompt, "completion": completion}


def _changed() -> UserError:
    return UserError(
        "The rows are no longer what they were when they were prepared.", remedy="Export again once they are written."
    )
