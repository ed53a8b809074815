"""The lines that use an export elsewhere do what they say."""

from pathlib import Path

import pytest

from tests.engine.export.conftest import Export, Trained
from workbench.core.export.elsewhere import Made, uses


def test_that_the_lines_of_python_answer_by_the_adapter_and_by_the_merged_model(
    trained: Trained, export_here: Export, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = trained()
    out = tmp_path / "my \"own\" 'exports'"
    export_here(run, "adapter", "merged", out=out)
    for made in (Made(out, "tiny", run.path, adapter="adapter"), Made(out, "tiny", run.path, merged="merged")):
        lines = next(use.lines for use in uses(made, "What is 1 and 1?", "posix") if use.program == "transformers")
        capsys.readouterr()
        exec("\n".join(lines).replace("max_new_tokens=128", "max_new_tokens=4"), {})
        assert capsys.readouterr().out.strip()
