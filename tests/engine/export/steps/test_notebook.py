"""The notebook that trains a run again."""

from pathlib import Path

import nbformat

from tests.engine.export.conftest import Export, Trained


def test_that_the_notebook_has_the_code_of_the_script_and_the_same_rows(
    trained: Trained, export_here: Export, tmp_path: Path
) -> None:
    ended = export_here(trained(), "script", "notebook").ended
    assert ended is not None
    assert ended.state == "finished", ended
    script, notebook = (tmp_path / "out" / name for name in ("script", "notebook"))
    read = nbformat.read(notebook / "train.ipynb", as_version=4)
    code = [cell.source for cell in read.cells if cell.cell_type == "code"]
    text = (script / "train.py").read_text(encoding="utf-8")
    assert len(code) == 7
    assert all(cell in text for cell in code)
    for name in ("rows.jsonl", "held-out.jsonl"):
        assert (script / name).read_bytes() == (notebook / name).read_bytes()
