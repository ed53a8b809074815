"""What a study has found out so far, by format and by place in the grid of matrices."""

from collections.abc import Iterable, Mapping
from typing import Any

from workbench.core.quantized.matrix_errors import MatrixErrors, errors_from, together
from workbench.core.quantized.matrix_grid import Grid, grid_of

Place = tuple[int, int]


class ModelErrors:
    """Grows with the events of a study; `rows` are these as they came."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = list(dict.fromkeys(names))
        self.grid: Grid = grid_of(self._names)
        self.rows: list[dict[str, Any]] = []
        self._by_format: dict[str, dict[str, MatrixErrors]] = {}
        self._by_place: dict[str, dict[Place, MatrixErrors]] = {}

    @property
    def formats(self) -> list[str]:
        return list(self._by_format)

    @property
    def count(self) -> int:
        """Matrices that are measured."""
        return max(map(len, self._by_format.values()), default=0)

    def add(self, matrices: Iterable[Iterable[Mapping[str, Any]]]) -> None:
        """The facts of MatrixMeasured events; a matrix that the grid has no place for makes another grid."""
        strange: dict[str, None] = {}
        touched: set[tuple[str, Place]] = set()
        for facts in matrices:
            for row in facts:
                errors = errors_from(row)
                if errors is None:
                    continue
                self.rows.append(dict(row))
                self._by_format.setdefault(errors.format, {})[errors.name] = errors
                place = self.grid.find(errors.name)
                if place is None:
                    strange[errors.name] = None
                else:
                    touched.add((errors.format, place))
        if strange:
            self._names += strange
            self.grid = grid_of(self._names)
            self._by_place.clear()
            touched = {
                (format_, place)
                for format_, known in self._by_format.items()
                for name in known
                if (place := self.grid.find(name)) is not None
            }
        for format_, place in touched:
            self._put(format_, place)

    def _put(self, format_: str, place: Place) -> None:
        cell, known = self.grid.cell(*place), self._by_format[format_]
        assert cell is not None
        parts = [known[name] for name in cell.names if name in known]
        self._by_place.setdefault(format_, {})[place] = together(parts)

    def at(self, format_: str) -> Mapping[Place, MatrixErrors]:
        """By place; several matrices of one place are taken together."""
        return self._by_place.get(format_, {})

    def of(self, format_: str) -> list[MatrixErrors]:
        """Each matrix by itself."""
        return list(self._by_format.get(format_, {}).values())
