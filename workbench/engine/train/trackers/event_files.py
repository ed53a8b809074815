"""TensorBoard's event files, in the run's own folder."""

from typing import Any

from workbench.core.job.events import RunEnd
from workbench.core.recipe.text import to_toml
from workbench.engine.train.trackers.tracker import Tracker

FOLDER = "tensorboard"
_FLUSH_SECONDS = 10


class EventFiles(Tracker):
    """What was written beyond the step that a run goes on from is no longer shown."""

    title = "TensorBoard"
    package = "tensorboard"
    _writer: Any

    def begin(self, from_step: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        purged = from_step + 1 if from_step else None
        self._writer = SummaryWriter(str(self.run.path / FOLDER), purge_step=purged, flush_secs=_FLUSH_SECONDS)
        if not from_step:
            self._writer.add_text("recipe", "\n".join(f"    {line}" for line in to_toml(self.recipe).splitlines()))

    def write(self, step: int, values: dict[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def end(self, state: RunEnd) -> None:
        self._writer.close()
