"""Two runs of one base with answers that are kept, and the view Table open on them."""

import json
from pathlib import Path

from tests.core.chat.table.test_columns import run_of
from tests.qt_waits import wait_until
from workbench.bridge.prompt_table import PromptTableControl
from workbench.core.chat.prompts import read_prompts
from workbench.core.chat.speakers import BASE
from workbench.core.chat.table.columns import Column, columns_of
from workbench.core.chat.table.keeping import filled_table, keep_answers
from workbench.core.chat.table.kept_answers import Answer
from workbench.core.chat.table.table import Judging, PromptTable
from workbench.core.job.question import AnswerSettings
from workbench.core.job.run_folder import RunFolder
from workbench.core.recipe.recipe import DataSettings
from workbench.panes.try_.page import TryPage
from workbench.panes.try_.table.view import TableView

SETTINGS = AnswerSettings(max_tokens=128)
# What the base, the tuned model and the second run say to each question; it is expected what the tuned model says.
SAID = (
    ("Some shops do.", "Yes, we do.", "Yes, we do."),
    ("It depends on many things.", "Two working days.", "Two to three days."),
    ("Yes.", "Yes.", "Yes."),
    ("Error 504 is a timeout.", "Bring it in.", "Bring the battery."),
)


def runs_of(folder: Path) -> tuple[RunFolder, RunFolder]:
    """A run and one of the same base with other settings."""
    model = folder / "model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    return run_of(model), run_of(model, "lora.rank=4")


def questions(folder: Path, rows: int = len(SAID)) -> Path:
    path = folder / "questions.jsonl"
    lines = [{"prompt": f"Question {n}", "completion": SAID[n % len(SAID)][1]} for n in range(rows)]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


def keep(columns: tuple[Column, ...], prompts: Path) -> None:
    """Keeps what all of them say, as if they had been asked."""
    filled = filled_table(read_prompts(str(prompts), DataSettings()), columns, SETTINGS, Judging())
    cells = [(row, place) for row in range(len(filled.table.prompts)) for place in range(len(columns))]
    for row, place in cells:
        text = SAID[row % len(SAID)][place]
        answer = Answer(text=text, tokens=4, finish="end", seconds=0.5, first_token_seconds=0.1)
        filled.table.put(row, place, answer)
    keep_answers(filled, cells)


def opened(
    page: TryPage, first: RunFolder, prompts: Path | None, second: RunFolder | None = None, *, by_hand: bool = False
) -> TableView:
    """The view on a file of prompts, with all that is kept; without one on what it shows by itself."""
    if prompts is not None:
        keep(columns_of(str(first.path), str(second.path) if second else ""), prompts)
    page.show_view("table")
    view = page.view
    assert isinstance(view, TableView)
    view.on_page.runs.refresh()
    wait_until(lambda: view.choices.runs)
    view.choices.choose(str(first.path), (BASE,))
    if second is not None:
        box = view.fields.who.second
        box.setCurrentIndex(box.findData(str(second.path.resolve())))
        box.activated.emit(box.currentIndex())
    wait_until(lambda: view.choices.known is not None)
    if prompts is not None:
        view.fields.prompts.take_file(str(prompts))
    wait_until(lambda: not view.control.is_reading)
    if by_hand:
        view.fields.by.button_of("person").click()
    return view


def table_of(control: PromptTableControl) -> PromptTable:
    assert control.table is not None, (control.list_trouble, control.column_trouble)
    return control.table
