"""The export job: whole or not at all, its plan changed while it works, nothing of others' overwritten."""

from pathlib import Path

from tests.engine.export.conftest import Export, Trained
from workbench.core.job.export_kinds import ExportPlanned, StepBegun, StepChecked, StepDone


def test_that_an_adapter_is_exported_as_it_is(trained: Trained, export_here: Export, tmp_path: Path) -> None:
    run = trained()
    history = export_here(run, "adapter")
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    planned, begun, checked, done = (event for event in history.findings if type(event).__name__ != "WeightsMeasured")
    assert isinstance(planned, ExportPlanned)
    assert isinstance(begun, StepBegun)
    assert isinstance(checked, StepChecked)
    assert isinstance(done, StepDone)
    folder = tmp_path / "out" / "adapter"
    for name in ("adapter_config.json", "adapter_model.safetensors", "tokenizer.json", "README.md"):
        assert (folder / name).read_bytes() == (run.adapter / name).read_bytes()
    assert planned.size_bytes == done.size_bytes == sum(file.size_bytes for file in done.files)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["README.md", "adapter", "export.json"]
