"""What it takes to write a run's training as code, whose rows lie beside it."""

from workbench.core.export.item import Item
from workbench.core.export.subject import Subject
from workbench.core.job.export_kinds import PlannedStep
from workbench.core.problems import UserError
from workbench.core.tokens.prepared.of_run import prepared_of

SCRIPT = "train.py"  # within its folder
_CODE_BYTES = 20_000
_ROWS_PER_SECOND = 1500


def plan_training(subject: Subject, item: Item, title: str, folder: str) -> PlannedStep:
    """Raises UserError where nothing is known of a training."""
    run = subject.run
    if run is None:
        raise UserError(
            f"{subject.title} has come without its run: nobody knows how it was trained.",
            remedy="Export the adapter, or merge it.",
        )
    prepared = prepared_of(run)
    rows = prepared.used + prepared.held_out if prepared is not None else 0
    return PlannedStep(
        item=str(item),
        title=title,
        path=folder,
        size_bytes=_CODE_BYTES + (prepared.size_bytes if prepared is not None else 0),
        seconds=3 + rows / _ROWS_PER_SECOND,
    )
