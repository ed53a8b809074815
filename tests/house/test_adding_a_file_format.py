"""A format of data files is one file: reading, folders, packed files, refusals and drops have it by themselves."""

import gzip
import json

from tests.house.scratch import Scratch

FILE = "workbench/core/data/formats/cards.py"
MADE = '''
"""Cards: a question and its answer on each line, with an arrow between them."""

from collections.abc import Collection, Iterator
from typing import Any

from workbench.core.data.formats.format import Format, RowFile
from workbench.core.data.text_lines import TextLines
from workbench.core.data.wrong import Wrong


class CardsFile(RowFile):
    def columns(self) -> tuple[str, ...]:
        return "question", "answer"

    def values(self, columns: Collection[str] = ()) -> Iterator[tuple[int, int, Any]]:
        with self.stored.open() as file:
            for number, _, text in TextLines(file):
                if isinstance(text, Wrong):
                    yield number, -1, text
                    continue
                question, arrow, answer = text.partition(" -> ")
                if arrow:
                    yield number, -1, {"question": question, "answer": answer}
                else:
                    yield number, -1, Wrong("it has no arrow.", "Put -> between question and answer.")


FORMAT = Format("cards", (".cards",), "line", CardsFile, place=9)
'''
SEEN = """
import json
from pathlib import Path
from workbench.core.data.files import is_data
from workbench.core.data.rows import RowProblem, each
from workbench.core.recipe.recipe import DataSettings

found = []
for place, row in each(DataSettings(path="decks")):
    found.append((place.line, row.text if isinstance(row, RowProblem) else [turn["content"] for turn in row.turns]))
print(json.dumps([found, is_data(Path("a.cards.gz"))]))
"""


def test_that_a_file_format_is_one_file(scratch: Scratch) -> None:
    scratch.create(FILE, MADE)
    folder = scratch.folder / "decks"
    folder.mkdir()
    (folder / "a.cards").write_text("Two and two? -> four\nTwo and one?\n", encoding="utf-8")
    (folder / "b.cards.gz").write_bytes(gzip.compress(b"One and one? -> two\n"))
    found, is_data = json.loads(scratch.evaluate(SEEN))
    assert found == [[1, ["Two and two?", "four"]], [2, "it has no arrow."], [1, ["One and one?", "two"]]]
    assert is_data

    refused = scratch.workbench("train", "starter", "--set", "data.path=decks/a.doc")
    assert refused.returncode == 2
    (folder / "a.doc").touch()
    refused = scratch.workbench("train", "starter", "--set", "data.path=decks/a.doc")
    assert ".cards" in " ".join(refused.stderr.split())
    assert scratch.touched == {FILE}
