"""The matrices of a model as a grid: a line a layer, a column for each kind of matrix, and what lies in no layer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from workbench.core.model.families.known import place_in_block
from workbench.core.problems import shown

# More columns than this say nothing; what has none of its own shares the last.
MOST_COLUMNS = 24
OTHERS = "others"
# A name of this many characters is not a kind of matrix that many layers have.
LONGEST_KIND = 60

_PARTS = re.compile(r"[./]")


@dataclass(frozen=True)
class Cell:
    """One place of the grid, and the matrices in it: several where a layer has experts."""

    title: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """`lines` are named by their layers, `columns` by kinds; `outside` are the matrices that lie in no layer."""

    lines: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    cells: dict[tuple[int, int], Cell] = field(default_factory=dict)  # by line and column
    outside: tuple[Cell, ...] = ()

    def find(self, name: str) -> tuple[int, int] | None:
        """Line and column of a matrix; those outside are in the line after the last."""
        return self._places.get(name)

    def cell(self, line: int, column: int) -> Cell | None:
        if line == len(self.lines):
            return self.outside[column] if 0 <= column < len(self.outside) else None
        return self.cells.get((line, column))

    @cached_property
    def _places(self) -> dict[str, tuple[int, int]]:
        found = {name: place for place, cell in self.cells.items() for name in cell.names}
        last = len(self.lines)
        return found | {name: (last, column) for column, cell in enumerate(self.outside) for name in cell.names}


@dataclass(frozen=True)
class _Name:
    whole: str
    stack: str  # what stands before the number of the layer
    layer: int
    kind: tuple[str, ...]  # what stands behind it, without numbers


def grid_of(names: Sequence[str]) -> Grid:
    """The grid of matrices of these names, whatever the names are."""
    inside, outside = [], []
    for name in names:
        parsed = _parsed(name)
        if parsed is None:
            outside.append(name)
        else:
            inside.append(parsed)
    titles = _titles({each.kind for each in inside})
    stacks = list(dict.fromkeys(each.stack for each in inside))
    order = sorted({(stacks.index(each.stack), each.layer) for each in inside})
    places = {place: line for line, place in enumerate(order)}
    members: dict[tuple[int, int], list[str]] = {}
    columns = _columns([each.kind for each in inside], titles)
    for each in inside:
        title = titles[each.kind]
        column = columns.index(title if title in columns else OTHERS)
        members.setdefault((places[stacks.index(each.stack), each.layer], column), []).append(each.whole)
    short = _short_stacks(stacks)
    return Grid(
        lines=tuple(f"{short[stack]}{layer}" for stack, layer in order),
        columns=tuple(columns),
        cells={place: Cell(columns[place[1]], tuple(found)) for place, found in sorted(members.items())},
        outside=_outside(outside),
    )


def _parsed(name: str) -> _Name | None:
    """None where no part of the name is a number, or where nothing comes behind it."""
    parts = _PARTS.split(name.removesuffix(".weight"))
    place = next((place for place, part in enumerate(parts) if _is_number(part)), None)
    if place is None:
        return None
    kind = tuple(part for part in parts[place + 1 :] if part and not _is_number(part))
    if not kind or sum(map(len, kind)) > LONGEST_KIND:
        return None
    return _Name(name, ".".join(parts[:place]), int(parts[place]), kind)


def _is_number(part: str) -> bool:
    return part.isascii() and part.isdecimal() and len(part) < 9


def _titles(kinds: set[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """The last part of a kind, and as many parts before it as tell it from all others."""
    titles = {}
    for kind in kinds:
        for length in range(1, len(kind) + 1):
            title = kind[-length:]
            if not any(other[-length:] == title for other in kinds if other != kind) or length == len(kind):
                titles[kind] = shown(".".join(title))
                break
    return titles


def _columns(kinds: Sequence[tuple[str, ...]], titles: dict[tuple[str, ...], str]) -> list[str]:
    """As a block applies them, then the others as they come; those that most layers have stay, where there are many."""
    counts: dict[tuple[str, ...], int] = {}
    for kind in kinds:
        counts[kind] = counts.get(kind, 0) + 1
    kept = list(counts)
    if len(kept) > MOST_COLUMNS:
        kept = sorted(counts, key=lambda kind: -counts[kind])[: MOST_COLUMNS - 1]
    ordered = sorted(kept, key=lambda kind: (place_in_block(kind[-1]), list(counts).index(kind)))
    return [titles[kind] for kind in ordered] + ([OTHERS] if len(kept) < len(counts) else [])


def _short_stacks(stacks: Sequence[str]) -> dict[int, str]:
    """What tells the stacks of layers apart, such as "encoder "; nothing where there is one."""
    if len(stacks) < 2:
        return dict.fromkeys(range(len(stacks)), "")
    parts = [_PARTS.split(stack) for stack in stacks]
    common = set.intersection(*map(set, parts))
    return {
        place: shown(".".join(part for part in each if part not in common) or ".".join(each), 40) + " "
        for place, each in enumerate(parts)
    }


def _outside(names: Sequence[str]) -> tuple[Cell, ...]:
    cells = [Cell(_short(name), (name,)) for name in names]
    if len(cells) <= MOST_COLUMNS:
        return tuple(cells)
    return (*cells[: MOST_COLUMNS - 1], Cell(OTHERS, tuple(names[MOST_COLUMNS - 1 :])))


def _short(name: str) -> str:
    return shown(_PARTS.split(name.removesuffix(".weight"))[-1] or name)
