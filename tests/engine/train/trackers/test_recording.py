"""Records of a run for other programs, by their own libraries: what they hold, gone on with, and harmless."""

import ast
import inspect
import os
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.fakes import tiny_recipe
from workbench.core.job.history import History
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.problems import UserError
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.engine.job.job import Job
from workbench.engine.train.trackers import event_files, mlflow_run, trackio_run
from workbench.engine.train.trackers import recording as records
from workbench.engine.train.trackers.tracker import Tracker, recorded_settings

needs_tensorboard = pytest.mark.skipif(find_spec("tensorboard") is None, reason="the extra tensorboard is missing")
needs_mlflow = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("mlflow", "sqlalchemy", "alembic")), reason="the extra mlflow is missing"
)
needs_trackio = pytest.mark.skipif(find_spec("trackio") is None, reason="the extra trackio is missing")
Tiny = Callable[..., Recipe]
NAMES = {
    *("train/loss", "train/learning_rate", "train/grad_norm", "train/epoch", "train/tokens_per_second"),
    *("train/step_seconds", "memory/peak_bytes", "memory/resident_bytes"),
}


@pytest.fixture
def tiny(tiny_model: Callable[[str], Path], rows: Path) -> Tiny:
    settings = ("samples.count=0", "training.save_steps=1", "model.precision=bf16", "evaluation.rows=4")
    return lambda *changes: tiny_recipe(tiny_model("llama"), rows, *settings, *changes)


def stopped_and_resumed(recipe: Recipe, work_here: Callable[[RunFolder], History]) -> tuple[RunFolder, History]:
    """A run of two steps that goes on for two more."""
    run = RunFolder.create(recipe_text.with_overrides(recipe, ["training.max_steps=2"]))
    work_here(run)
    run.give(Order(order="extend", steps=4))
    history = work_here(run)
    assert history.ended is not None
    assert (history.ended.state, history.ended.step) == ("finished", 4)
    return run, history


def told(history: History) -> list[str]:
    return [notice.text for notice in history.notices if "The record in" in notice.text]


@needs_tensorboard
def test_that_event_files_hold_every_value_and_go_on_where_a_run_does(
    tiny: Tiny, work_here: Callable[[RunFolder], History]
) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run, history = stopped_and_resumed(tiny("tracking.tensorboard=true"), work_here)
    found = EventAccumulator(str(run.path / "tensorboard"))
    found.Reload()
    assert set(found.Tags()["scalars"]) == {*NAMES, "eval/loss"}
    losses = [(each.step, each.value) for each in found.Scalars("train/loss")]
    assert losses == [(step.step, pytest.approx(step.loss)) for step in history.steps]
    assert found.Tags()["tensors"] == ["recipe/text_summary"]
    assert told(history) == []


@needs_mlflow
def test_that_mlflow_has_one_run_for_all_attempts_in_a_database_of_this_machine(
    tiny: Tiny, work_here: Callable[[RunFolder], History], home: Path
) -> None:
    from mlflow import MlflowClient

    recipe = tiny("tracking.mlflow=true", "tracking.project=bicycles")
    run, history = stopped_and_resumed(recipe, work_here)
    assert told(history) == []
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    store = f"sqlite:///{home / 'mlflow' / 'mlflow.db'}"
    client = MlflowClient(tracking_uri=store, registry_uri=store)
    experiment = client.get_experiment_by_name("bicycles")
    (found,) = client.search_runs([experiment.experiment_id])
    assert (found.info.run_name, found.info.status) == (run.name, "FINISHED")
    assert found.data.params["lora.rank"] == "4"
    assert set(found.data.params) == set(recorded_settings(recipe))
    assert set(found.data.metrics) == {*NAMES, "eval/loss"}
    kept = {each.step: each.value for each in client.get_metric_history(found.info.run_id, "train/loss")}
    assert kept == {step.step: pytest.approx(step.loss) for step in history.steps}


@needs_trackio
def test_that_trackio_has_one_run_for_all_attempts_in_a_folder_of_this_machine(
    tiny: Tiny, work_here: Callable[[RunFolder], History], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The library reads where it is to write as it is imported, which another test of this process may have done.
    for name in [name for name in sys.modules if name.partition(".")[0] == "trackio"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delenv("TRACKIO_DIR", raising=False)
    recipe = tiny("tracking.trackio=true", "tracking.project=bicycles")
    run, _ = stopped_and_resumed(recipe, work_here)
    import trackio

    kept = trackio.SQLiteStorage.get_logs("bicycles", run.name)
    assert sorted({row["step"] for row in kept if "train/loss" in row}) == [1, 2, 3, 4]
    assert {*NAMES} <= set(kept[0])
    assert any("eval/loss" in row for row in kept)
    assert Path(trackio.TRACKIO_DIR) == home / "trackio"


@needs_tensorboard
def test_that_a_record_that_cannot_be_written_is_told_once_and_the_run_goes_on(
    tiny: Tiny, work_here: Callable[[RunFolder], History]
) -> None:
    run = RunFolder.create(tiny("tracking.tensorboard=true", "training.max_steps=2"))
    (run.path / "tensorboard").write_text("in the way", encoding="utf-8")
    history = work_here(run)
    assert history.ended is not None
    assert history.ended.state == "finished"
    (said,) = told(history)
    assert said.startswith("The record in TensorBoard is not whole: ")


@needs_mlflow
def test_that_a_server_that_is_not_there_is_told_and_the_run_finishes(
    tiny: Tiny, work_here: Callable[[RunFolder], History], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    run = RunFolder.create(tiny("tracking.mlflow=true", "tracking.mlflow_server=http://127.0.0.1:1"))
    history = work_here(run)
    assert history.ended is not None
    assert history.ended.state == "finished"
    assert [said.partition(":")[0] for said in told(history)] == ["The record in MLflow is not whole"]


class Stuck(Tracker):
    """Never comes to an end of anything."""

    title = "a server"
    package = "pytest"

    def begin(self, from_step: int) -> None:
        time.sleep(3600)

    def write(self, step: int, values: dict[str, float]) -> None: ...

    def end(self, state: Any) -> None: ...


def test_that_a_record_that_hangs_is_left_when_the_run_is_over(
    tiny: Tiny, work_here: Callable[[RunFolder], History], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(records.TRACKERS, "tensorboard", Stuck)
    monkeypatch.setattr(records, "CLOSE_SECONDS", 0.2)
    history = work_here(RunFolder.create(tiny("tracking.tensorboard=true", "training.max_steps=1")))
    assert history.ended is not None
    assert history.ended.state == "finished"
    assert told(history) == [
        "The record in a server is not whole: it has not answered until the end of the run. The run goes on without it."
    ]


def test_that_a_record_whose_library_is_missing_is_refused_with_what_to_install(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Missing(Stuck):
        package = "no-such-library"

    monkeypatch.setitem(records.TRACKERS, "trackio", Missing)
    with pytest.raises(UserError) as raised:
        records.refuse_missing(tiny("tracking.trackio=true"))
    assert raised.value.what == "tracking.trackio needs no-such-library, which is not installed."
    assert raised.value.remedy == 'Install it: python -m pip install "qlora-workbench[trackio]"'
    records.refuse_missing(tiny())


@pytest.mark.parametrize("module", [event_files, mlflow_run, trackio_run])
def test_that_a_record_s_library_is_imported_once_it_begins(module: ModuleType) -> None:
    tree = ast.parse(inspect.getsource(module))
    outer = {name for node in tree.body if isinstance(node, ast.ImportFrom | ast.Import) for name in modules_of(node)}
    assert not outer & {"torch", "tensorboard", "mlflow", "trackio"}


def modules_of(node: ast.ImportFrom | ast.Import) -> list[str]:
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names]
    return [name.partition(".")[0] for name in names]


def test_that_the_job_tells_its_listeners_each_event(tiny: Tiny) -> None:
    job = Job(RunFolder.create(tiny()))
    heard: list[str] = []
    job.listeners.append(lambda event: heard.append(event.kind))
    job.notice("a")
    assert heard == ["notice"]
