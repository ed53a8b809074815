"""A run of MLflow: in a database beside the runs, or on a server that the recipe names."""

import json
import os
import time
from pathlib import Path
from typing import Any

from workbench.core import places
from workbench.core.job.events import RunEnd
from workbench.core.whole_file import write_whole
from workbench.engine.train.trackers.tracker import Tracker, recorded_settings

NOTED = "mlflow.json"  # in the run's folder: which run of MLflow it is
_STATUSES: dict[RunEnd, str] = {
    "finished": "FINISHED",
    "stopped": "FINISHED",
    "cancelled": "KILLED",
    "crashed": "FAILED",
}
_AT_ONCE = 100  # parameters of one request: mlflow 3.17, utils/validation.py
_LONGEST_VALUE = 500
# Else it tries for minutes: its own settings count where they are given.
_PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20"}


class MlflowRun(Tracker):
    title = "MLflow"
    package = "mlflow-skinny"
    _client: Any
    _id: str

    def begin(self, from_step: int) -> None:
        # Of itself mlflow tells its makers that it is used.
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
        for name, value in _PATIENCE.items():
            os.environ.setdefault(name, value)
        from mlflow import MlflowClient

        address = self.recipe.tracking.mlflow_server or _own_store()
        self._client = MlflowClient(tracking_uri=address, registry_uri=address)
        self._id = self._found(address) if from_step else ""
        if self._id:
            self._client.update_run(self._id, status="RUNNING")
        else:
            self._id = self._new(address)

    def _found(self, address: str) -> str:
        """The run that an earlier attempt has begun there; empty where there is none."""
        try:
            noted = json.loads((self.run.path / NOTED).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ""
        return str(noted.get("run_id", "")) if noted.get("address") == address else ""

    def _new(self, address: str) -> str:
        from mlflow.entities import Param

        project = self.recipe.tracking.project
        experiment = self._client.get_experiment_by_name(project)
        if experiment is None:
            own = None if self.recipe.tracking.mlflow_server else (_folder() / "artifacts").as_uri()
            number = self._client.create_experiment(project, artifact_location=own)
        else:
            number = experiment.experiment_id
        made = str(self._client.create_run(number, run_name=self.run.name).info.run_id)
        params = [Param(name, value[:_LONGEST_VALUE]) for name, value in recorded_settings(self.recipe).items()]
        for first in range(0, len(params), _AT_ONCE):
            self._client.log_batch(made, params=params[first : first + _AT_ONCE])
        write_whole(self.run.path / NOTED, json.dumps({"run_id": made, "address": address}))
        return made

    def write(self, step: int, values: dict[str, float]) -> None:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        self._client.log_batch(self._id, metrics=[Metric(name, value, now, step) for name, value in values.items()])

    def end(self, state: RunEnd) -> None:
        self._client.set_terminated(self._id, status=_STATUSES[state])


def _folder() -> Path:
    return places.home() / "mlflow"


def _own_store() -> str:
    _folder().mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{(_folder() / 'mlflow.db').as_posix()}"
