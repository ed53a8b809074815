"""A run of trackio, in a folder beside the runs, or wherever TRACKIO_DIR says."""

import os
from typing import Any

from workbench.core import places
from workbench.core.job.events import RunEnd
from workbench.engine.train.trackers.tracker import Tracker, recorded_settings


class TrackioRun(Tracker):
    """It keeps to itself what it cannot write, so what it has kept is looked at."""

    title = "trackio"
    package = "trackio"
    _made: Any
    _last = -1

    def begin(self, from_step: int) -> None:
        os.environ.setdefault("TRACKIO_DIR", str(places.home() / "trackio"))
        import trackio

        trackio.TRACKIO_DIR.mkdir(parents=True, exist_ok=True)
        self._made = trackio.init(
            project=self.recipe.tracking.project,
            name=self.run.name,
            config=recorded_settings(self.recipe),
            resume="allow",
            embed=False,
            auto_log_gpu=False,
            auto_log_cpu=False,
        )

    def write(self, step: int, values: dict[str, float]) -> None:
        self._made.log(values, step=step)
        self._last = step

    def end(self, state: RunEnd) -> None:
        from trackio import SQLiteStorage

        self._made.finish()
        kept = SQLiteStorage.get_logs(self.recipe.tracking.project, self.run.name)
        if self._last >= 0 and not any(row.get("step") == self._last for row in kept):
            raise OSError("the last values are not in its database")
