"""`workbench report`, as one types it."""

import json
from pathlib import Path

from tests.core.runs.runs_made import kept
from tests.runs import workbench


def test_that_a_run_is_told_in_a_file(tmp_path: Path) -> None:
    run, place = kept("finished"), tmp_path / "report.html"
    told = json.loads(workbench("report", run.name, "--out", str(place), "--json").stdout)
    assert told == {"run": run.name, "path": str(place), "bytes": place.stat().st_size}
    assert "is a folder" in workbench("report", run.name, "--out", str(tmp_path), code=2).stderr
    assert "There is no folder" in workbench("report", run.name, "--out", str(place / "x"), code=2).stderr
