"""Exports of tiny trained runs in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes import tiny_recipe
from workbench.core.job.export_kinds import ExportRequest
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study import create_study
from workbench.core.recipe.recipe import Recipe

Export = Callable[..., History]
Trained = Callable[..., RunFolder]


@pytest.fixture
def trained(
    train_here: Callable[[Recipe], tuple[RunFolder, History]], tiny_model: Callable[[str], Path], rows: Path
) -> Trained:
    """A run of a tiny model of a family, its adapter far enough from nothing to be seen in every logit."""

    def train(family: str = "llama", *changes: str) -> RunFolder:
        settings = ["samples.count=0", "training.learning_rate=0.05", "evaluation.rows=6", *changes]
        run, history = train_here(tiny_recipe(tiny_model(family), rows, *settings))
        assert history.ended is not None
        assert history.ended.state == "finished", history.ended
        return run

    return train


@pytest.fixture
def export_here(work_here: Callable[[RunFolder], History], tmp_path: Path) -> Export:
    """Exports items of a run into a folder, tmp_path/"out" where none is named, and gives what the journal holds."""

    def export(run: RunFolder | Path, *items: str, out: Path | None = None, **settings: object) -> History:
        path = run.path if isinstance(run, RunFolder) else run
        asked = {"run": str(path), "items": items, "out": str(out or tmp_path / "out"), **settings}
        return work_here(create_study(ExportRequest.model_validate(asked)))

    return export
