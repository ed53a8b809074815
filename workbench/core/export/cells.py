"""Text and code in the order they are read: a Python script of such cells, or a notebook."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Literal, NamedTuple

MARK = "# %%"  # which editors take for the beginning of a cell
WIDTH = 110


class Cell(NamedTuple):
    """What a person reads, as Markdown, or what Python runs."""

    kind: Literal["words", "code"]
    text: str


def words(*paragraphs: str) -> Cell:
    """Paragraphs; those that say nothing are left out."""
    return Cell("words", "\n\n".join(filter(None, paragraphs)))


def code(*parts: str) -> Cell:
    """Lines of code, of which those parts that are empty are left out."""
    return Cell("code", "\n".join(part.rstrip("\n") for part in parts if part).lstrip("\n"))


def as_script(cells: Sequence[Cell]) -> str:
    """The cells as a script, in which words are comments."""
    return "\n\n".join(_commented(cell.text) if cell.kind == "words" else _spaced(cell.text) for cell in cells) + "\n"


def _spaced(text: str) -> str:
    """Code with the empty lines that stand around a definition."""
    outer = [line for line in text.splitlines() if line[:1] not in ("", " ", ")", "#")]
    begins, ends = (outer[place].startswith(("def ", "class ")) if outer else False for place in (0, -1))
    return "\n" * begins + text + "\n" * ends


def _commented(text: str) -> str:
    lines: list[str] = []
    for line in text.splitlines():
        hang = "  " if line.startswith("- ") else ""
        # What is to be pasted into a terminal stays in one line.
        is_command = line.startswith("`")
        lines += [line] if is_command else wrap(line, WIDTH, subsequent_indent=hang, break_on_hyphens=False) or [""]
    return "\n".join([f"{MARK} [markdown]", *(f"# {line}".rstrip() for line in lines), "", MARK])


def as_notebook(cells: Sequence[Cell]) -> str:
    """The cells as a Jupyter notebook, whose format is checked."""
    import nbformat  # 0.1 s, for what few exports ask

    made = [
        nbformat.v4.new_markdown_cell(cell.text, id=f"cell-{number}")
        if cell.kind == "words"
        else nbformat.v4.new_code_cell(cell.text, id=f"cell-{number}")
        for number, cell in enumerate(cells, 1)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(
        cells=made, metadata={"kernelspec": kernel, "language_info": {"name": "python"}}
    )
    nbformat.validate(notebook)
    return str(nbformat.writes(notebook)) + "\n"
