"""What the table does not hold of the chosen run: read beside the window."""

from dataclasses import dataclass
from pathlib import Path

from workbench.bridge.outcome import Outcome, outcome_of
from workbench.core.job import checkpoints
from workbench.core.job.run_folder import RunFolder
from workbench.core.runs.removal import size_of


@dataclass(frozen=True)
class RunDetails:
    """`outcome` is None while the run lives, `best_step` 0 where none of its checkpoints is known as the best.

    Attributes:
        checkpoint_step: Of the newest checkpoint, 0 without one.
        size_bytes: Of its folder, of which `checkpoint_bytes` are checkpoints.
        has_result: Whether an adapter, or the model of a full training, is there.
    """

    outcome: Outcome | None
    checkpoint_step: int = 0
    best_step: int = 0
    size_bytes: int = 0
    checkpoint_bytes: int = 0
    has_result: bool = False

    @classmethod
    def read(cls, path: Path) -> "RunDetails":
        """Raises UserError where its journal cannot be read."""
        run = RunFolder(path)
        history = run.history()
        is_alive = run.state(history).is_alive
        saved = checkpoints.steps(run.checkpoints)
        evaluations = [entry for entry in history.evaluations if entry.loss == entry.loss]
        best = min(evaluations, key=lambda entry: entry.loss).step if len(evaluations) > 1 else 0
        return cls(
            outcome=None if is_alive else outcome_of(run, history, None, False),
            checkpoint_step=saved[-1][0] if saved else 0,
            best_step=best,
            size_bytes=size_of(path),
            checkpoint_bytes=size_of(run.checkpoints),
            has_result=run.has_adapter or run.has_model,
        )
