"""The logged steps as columns: an event object takes 2.6 kB, its numbers 136 bytes."""

from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, overload

from workbench.core.columns import Columns
from workbench.core.job.events import Memory, Step

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WHOLE = ("step", "steps")
_MEMORY = tuple(Memory.model_fields)
_OWN = tuple(name for name in Step.model_fields if name not in ("kind", "memory"))
# In C: a window that reads a long journal takes a thousand steps at once.
_own_of, _memory_of = attrgetter(*_OWN), attrgetter(*_MEMORY)


class StepTable(Sequence[Step]):
    """A list of Step that is kept as numbers."""

    def __init__(self) -> None:
        self._columns = Columns((*_OWN, *_MEMORY, "peak_bytes"))

    def append(self, step: Step) -> None:
        memory = step.memory
        self._columns.append((*_own_of(step), *_memory_of(memory), memory.peak_bytes))

    def extend(self, columns: "Mapping[str, NDArray[np.float64]]") -> None:
        """Takes many at once: a field's numbers by its name, of shape (steps,) each; those not named are 0."""
        self._columns.extend(columns)

    def forget_after(self, step: int) -> bool:
        """Forgets the later ones; whether there were any."""
        is_kept = self.column("step") <= step
        if is_kept.all():
            return False
        self._columns.keep(is_kept)
        return True

    def column(self, name: str) -> "NDArray[np.float64]":
        """One field of all, or the memory's `peak_bytes`: shape (steps,); holds until the next change."""
        return self._columns.column(name)

    def __len__(self) -> int:
        return len(self._columns)

    @overload
    def __getitem__(self, index: int) -> Step: ...

    @overload
    def __getitem__(self, index: slice) -> list[Step]: ...

    def __getitem__(self, index: int | slice) -> Step | list[Step]:
        if isinstance(index, slice):
            return [self._step(place) for place in range(*index.indices(len(self)))]
        return self._step(index)

    def __iter__(self) -> Iterator[Step]:
        return (self._step(place) for place in range(len(self)))

    def _step(self, index: int) -> Step:
        numbers = self._columns.row(index)
        memory = Memory(**{name: int(numbers[name]) for name in _MEMORY})
        own = {name: int(numbers[name]) if name in _WHOLE else numbers[name] for name in _OWN}
        return Step(memory=memory, **own)  # type: ignore[arg-type]
