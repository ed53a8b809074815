"""Exports of tiny trained runs in this process."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.adapters import run_with_adapter, save_adapter
from workbench.core.job.export_kinds import ExportRequest
from workbench.core.job.history import History
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.job.study import create_study

Export = Callable[..., History]
Trained = Callable[..., RunFolder]
Adapt = Callable[..., Path]


@pytest.fixture
def trained(tiny_model: Callable[[str], Path], rows: Path) -> Trained:
    """A run of a tiny model of a family, with changes of its recipe, that has an adapter."""

    def make(family: str = "llama", *changes: str) -> RunFolder:
        return run_with_adapter(tiny_model(family), rows, *changes)

    return make


@pytest.fixture
def export_here(work_here: Callable[[RunFolder], History], tmp_path: Path) -> Export:
    """Exports items of a run into a folder, tmp_path/"out" where none is named, and gives what the journal holds."""

    def export(run: RunFolder | Path, *items: str, out: Path | str | None = None, **settings: object) -> History:
        path = run.path if isinstance(run, RunFolder) else run
        asked = {"run": str(path), "items": items, "out": str(tmp_path / "out" if out is None else out), **settings}
        return work_here(create_study(ExportRequest.model_validate(asked)))

    return export


@pytest.fixture
def in_order(tmp_path: Path) -> Callable[..., History]:
    """Exports items in this process, with orders that are there as it begins."""
    from workbench.engine.__main__ import work
    from workbench.engine.job.job import Job

    def export(run: RunFolder, items: Sequence[str], *orders: Order) -> History:
        study = create_study(ExportRequest(run=str(run.path), items=tuple(items), out=str(tmp_path / "out")))
        for order in orders:
            study.give(order)
        with study.hold():
            work(Job(study, 0))
        return study.history()

    return export


@pytest.fixture
def adapt(tmp_path: Path) -> Adapt:
    """Saves an adapter of random numbers for a model folder, with LoraConfig's settings as given."""

    return lambda base, **settings: save_adapter(base, tmp_path / "made-adapter", **settings)
