"""A shape of rows is one file: reading, refusals, the Data page and the engine's tokens have it by themselves."""

import json

from tests.house.scratch import ROOT, Scratch

FILE = "workbench/core/data/shapes/choice.py"
MADE = '''
"""A question with choices, and the number of the right one."""

from collections.abc import Sequence

from workbench.core.data.cells import text_of
from workbench.core.data.row import Turn
from workbench.core.data.sample import Sample
from workbench.core.data.shapes.shape import Columns, DataShape, Example, Fit, Quality, Row, RowReader, turns_reader
from workbench.core.data.wrong import Wrong


class ChoiceShape(DataShape):
    """A row is {"question": str, "choices": [str], "right": int}."""

    name = "choice"
    title = "questions with choices"
    example = Example("Choices", "counted from 0", '{"question": "Two?", "choices": ["1", "2"], "right": 1}', place=7)
    preference = 0

    def fits(self, sample: Sample, named: Columns) -> list[Fit]:
        columns = {name: name for name in ("question", "choices", "right")}
        return [Fit(columns, Quality.KNOWN)] if columns.keys() <= sample.columns.keys() else []

    def reader(self, columns: Columns, names: Sequence[str]) -> RowReader:
        def read(row: Row, changes: set[str]) -> list[Turn]:
            choices, right = row["choices"], row["right"]
            if type(right) is not int or not 0 <= right < len(choices):
                raise Wrong('"right" is none of the choices.', "Count them from 0.", kind="wrong type")
            return [
                {"role": "user", "content": text_of(row["question"], "question", changes)},
                {"role": "assistant", "content": text_of(choices[right], "choice", changes)},
            ]

        return turns_reader(read, columns, names)

    def sentence(self, columns: Columns) -> str:
        return "`right` is the number of the answer among `choices`"


SHAPE = ChoiceShape()
'''
ROWS = [
    {"question": "Two and two?", "choices": ["three", "four"], "right": 1},
    {"question": "Two and one?", "choices": ["three", "four"], "right": 0},
]
SEEN = """
import json
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from workbench.core.data.glance import glance
from workbench.core.plan import forecast, preflight
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.panes.data.help import DataHelp
from workbench.core.tokens.first_look import read_first
from workbench.panes.data.rows.looked import first_rows
from workbench.panes.look.theme import Theme

recipe = recipe_text.with_overrides(Recipe(), ["data.path=rows.jsonl"])
preflight.check(recipe)
seen = glance("rows.jsonl", recipe.data)
application = QApplication([])
shown = DataHelp(Theme("light"))
print(json.dumps({
    "title": seen.mapping.shape.title,
    "sentence": seen.mapping.sentence,
    "lengths": seen.lengths.tolist(),
    "entries": [(entry.text, entry.is_left_out) for entry in first_rows(read_first(recipe.data)).entries],
    "examples": [code.accessibleName() for code in shown.findChildren(QPlainTextEdit)],
}))
"""
LEARNED = f"""
import json, sys
sys.path.append({str(ROOT)!r})
from tests.core.tokens.tokenizers_made import CHATML, byte_tokenizer
from workbench.core.data.rows import read, settings_at
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.token_row import IGNORED
from workbench.core.tokens.tokenizing import RowTokenizer
from workbench.engine.model.answers import Asking

rows, found = read(settings_at(Recipe().data, "rows.jsonl")).rows, []
for tokenizer in (byte_tokenizer(CHATML), byte_tokenizer("")):
    made = RowTokenizer(tokenizer, Recipe()).rows(rows)[0][0]
    learned = [token for token in made.labels.tolist() if token != IGNORED]
    asked = Asking(tokenizer, Recipe()).of(rows)[0]
    found.append([tokenizer.decode(made.input_ids), tokenizer.decode(learned), asked.shown, asked.expected])
print(json.dumps(found))
"""


def test_that_a_shape_of_rows_is_one_file(scratch: Scratch) -> None:
    scratch.create(FILE, MADE)
    rows = scratch.folder / "rows.jsonl"
    rows.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    seen = json.loads(scratch.evaluate(SEEN))
    assert seen["title"] == "questions with choices"
    assert seen["lengths"] == [16, 17]
    assert seen["entries"][0] == ["Two and two?", False]
    assert seen["sentence"] == "`right` is the number of the answer among `choices`"
    assert seen["examples"][2] == "Example: Plain text"
    assert seen["examples"][-2:] == ["Example: Choices", "Example: CSV"]
    with_template, without = json.loads(scratch.evaluate(LEARNED).splitlines()[-1])
    spelled = "<|im_start|>user\nTwo and two?<|im_end|>\n<|im_start|>assistant\nfour<|im_end|>\n"
    assert with_template == [spelled, "four<|im_end|>\n", "Two and two?", "four"]
    assert without == ["Two and two?four<|im_end|>", "four<|im_end|>", "Two and two?", "four"]

    rows.write_text(json.dumps({**ROWS[0], "right": 2}) + "\n", encoding="utf-8")
    refused = scratch.workbench("train", "starter", "--set", "data.path=rows.jsonl")
    assert refused.returncode == 2
    assert 'rows.jsonl, line 1: "right" is none of the choices.' in " ".join(refused.stderr.split())
    assert scratch.touched == {FILE}
