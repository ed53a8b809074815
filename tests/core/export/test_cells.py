"""Cells of words and code as a script and as a notebook."""

import json

import nbformat

from workbench.core.export.cells import as_notebook, as_script, code, words

CELLS = [
    words("# Title", "Words that " + "are long " * 30, "- one\n- two"),
    code("a = 1", "", "print(a)"),
    code("def f():\n    pass"),
]


def test_that_words_are_comments_of_a_script_whose_code_runs() -> None:
    script = as_script(CELLS)
    assert all(len(line) <= 120 for line in script.splitlines())
    assert "# %% [markdown]\n# # Title" in script
    found: dict[str, object] = {}
    exec(script, found)
    assert found["a"] == 1


def test_that_a_notebook_has_the_same_words_and_code_and_is_valid() -> None:
    notebook = nbformat.reads(as_notebook(CELLS), as_version=4)
    nbformat.validate(notebook)
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [
        ("markdown" if cell.kind == "words" else "code", cell.text) for cell in CELLS
    ]
    assert as_notebook(CELLS) == as_notebook(CELLS)
    assert json.loads(as_notebook(CELLS))["metadata"]["kernelspec"]["name"] == "python3"
