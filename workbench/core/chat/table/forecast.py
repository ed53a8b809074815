"""How long a table will take, by what its runs have answered on this machine already."""

from collections.abc import Sequence
from pathlib import Path

from workbench.core.chat.table.columns import Column
from workbench.core.job.events import Phase, Scored
from workbench.core.job.journal import parsed

# As the journal writes them.
_KINDS = (b'"kind":"phase"', b'"kind":"scored"')


def seconds_an_answer(column: Column) -> float | None:
    """By the exact match that its run was measured by, before its training for the base; None where none was."""
    if column.folder is None:
        return None
    when = "before" if column.role == "base" else "after"
    return _measured(column.folder / "journal.jsonl", when)


def forecast_seconds(speeds: Sequence[float | None], rows: Sequence[int]) -> float | None:
    """For this many open rows of each column at the speeds that are known; None where none is."""
    known = [speed for speed in speeds if speed is not None]
    if not known:
        return None
    usual = sum(known) / len(known)
    return sum(count * (usual if speed is None else speed) for count, speed in zip(rows, speeds, strict=True))


def _measured(journal: Path, when: str) -> float | None:
    try:
        with journal.open("rb") as file:
            lines = [line for line in file if any(kind in line for kind in _KINDS)]
    except OSError:
        return None
    began, found = None, None
    for event in map(parsed, lines):
        if isinstance(event, Phase):
            began = event.elapsed_seconds if event.name == "score" and not event.done else began
        elif isinstance(event, Scored) and event.when == when and began is not None and event.rows:
            found = (event.elapsed_seconds - began) / event.rows
    return found if found is None or found > 0 else None
