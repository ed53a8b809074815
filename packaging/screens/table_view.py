"""The view Table of the Try page: questions to a bicycle workshop over a base and two runs, answered and rated."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kept_runs import kept_run

if TYPE_CHECKING:
    from camera import Camera

    from workbench.core.chat.table.columns import Column
    from workbench.core.chat.table.lists import ListWanted
    from workbench.core.job.question import AnswerSettings
    from workbench.panes.try_.table.view import TableView

STATES = ("empty", "typed", "rating", "blind", "exact", "error", "refused")
FIRST, SECOND = "2026-10-20-1410-starter-questions", "2026-10-21-0930-starter-questions-longer"
# Question, expected answer, and what the base, the tuned model and the second run say to it.
SAID = (
    ("What does a puncture repair cost?", "18 euros, while you wait.", "The cost of a puncture repair varies by shop.",
     "18 euros, while you wait.", "18 euros, while you wait."),
    ("Do you fit winter tyres on a cargo bike?", "Yes, up to 24 inches at our shop.", "Yes, we can fit winter tyres.",
     "Yes, up to 24 inches at our shop.", "Yes. Order takes three days."),
    ("How long does it take to get a bike back?",
     "Usually two working days. Before Easter it can be five, so book early.",
     "The time it takes depends on various factors, such as the type of repair and the shop\u2019s workload.",
     "Usually two working days. Before Easter it can be up to five, so please book early.",
     "Usually two to three working days. We send a message when it is ready."),
    ("Can I bring a bike I bought elsewhere?", "Of course, we repair every make.", "Yes, you can bring it to any shop.",
     "Of course, we repair every make.", "Of course, we repair every make."),
    ("Is there a discount for schools?", "Ten per cent from five bikes on.", "I am not able to provide discounts.",
     "Ten per cent from five bikes on.", "Yes, for schools and clubs."),
    ("My e-bike shows error 504.", "That is the speed sensor: bring it in.", "Error 504 is a gateway timeout.",
     "That is the speed sensor: bring it in.", "Please bring battery and charger."),
    ("Do you take old bikes?", "Yes, for parts, without payment.", "Some shops take old bikes.",
     "Yes, for parts, without payment.", "Yes, for parts, without a fee."),
    ("\u0647\u0644 \u062a\u0635\u0644\u062d\u0648\u0646 \u0627\u0644\u0641\u0631\u0627\u0645\u0644\u061f",
     "\u0646\u0639\u0645\u060c \u062e\u0644\u0627\u0644 \u064a\u0648\u0645\u064a\u0646.", "Yes.",
     "\u0646\u0639\u0645\u060c \u062e\u0644\u0627\u0644 \u064a\u0648\u0645\u064a\u0646.", "\u0646\u0639\u0645."),
)  # fmt: skip
ROWS, RATED = 40, 28


def take_table(camera: "Camera") -> None:
    """Every state of the view that is wanted."""
    from camera import rest, spin_until

    from workbench.core.chat.speakers import BASE
    from workbench.panes.try_.page import TryPage
    from workbench.panes.try_.table.view import TableView

    if not camera.is_wanted("try", " ".join(f"try-table-{state}" for state in STATES)):
        return
    window = camera.window
    window.show_page("try")
    page = window.pages["try"]
    assert isinstance(page, TryPage)
    page.show_view("table")
    view = page.views["table"]
    assert isinstance(view, TableView)
    rest(0.2)
    _take(camera, "refused")
    prompts = _questions()
    runs = [_run(name) for name in (FIRST, SECOND)]
    window.run_list.refresh()
    spin_until(lambda: len(page.choices.runs) > 1)
    page.choices.choose(str(runs[0]), (BASE,))
    view.fields.prompts.take_file(str(prompts))
    rest(0.3)
    _take(camera, "empty")
    if camera.is_wanted("try", "table-typed"):
        view.control.list_prompts(_typed(view))
        rest(0.3)
        _take(camera, "typed")
        view.fields.prompts.take_file(str(prompts))
        rest(0.3)
    second = view.fields.who.second
    second.setCurrentIndex(second.findData(str(runs[1])))
    second.activated.emit(second.currentIndex())
    rest(0.4)
    _answer(view.control.columns, view.control.settings, prompts)
    view.control.list_prompts(view.control.wanted)
    rest(0.4)
    view.fields.by.set_value("exact match")
    _take(camera, "exact")
    if camera.is_wanted("try", "table-error"):
        _refuse_one(view)
        _take(camera, "error")
        view.control.list_prompts(view.control.wanted)
        rest(0.4)
    view.fields.by.button_of("person").click()
    _rate(view)
    view.shown.show_filter("differ")
    view.shown.choose(2, 2)
    view.prompts.table.setFocus()
    _take(camera, "rating")
    if camera.is_wanted("try", "table-blind"):
        view.set_blind(True)
        view.shown.choose(32)
        _take(camera, "blind")
        view.set_blind(False)


def _take(camera: "Camera", state: str) -> None:
    if camera.is_wanted("try", f"table-{state}"):
        camera.take("try", f"table-{state}")


def _questions() -> Path:
    from workbench.core import places

    path = places.home() / "customer questions.jsonl"
    rows = [SAID[row % len(SAID)] for row in range(ROWS)]
    lines = [
        json.dumps({"Question": f"{row[0]}{'' if n < len(SAID) else f' ({n})'}", "Answer": row[1]})
        for n, row in enumerate(rows)
    ]
    path.write_text("\n".join(lines), "utf-8")
    return path


def _run(name: str) -> Path:
    from tests.core.chat.test_speakers import adapter_at, prepared

    run = kept_run("finished", name)
    adapter_at(run.adapter, "starter")
    with run.journal.open("a", encoding="utf-8") as file:
        file.write(prepared({"the model": "starter"}) + "\n")
    return run.path


def _typed(view: "TableView") -> "ListWanted":
    from dataclasses import replace

    view.fields.prompts.typed.show_text("\n".join(f"{row[0]}\t{row[1]}" for row in SAID))
    return replace(view.control.wanted, origin="typed", text=view.fields.prompts.typed.text())


def _answer(columns: "tuple[Column, ...]", settings: "AnswerSettings", prompts: Path) -> None:
    """Keeps the answers of all columns, as if they had been asked."""
    from workbench.core.chat.prompts import read_prompts
    from workbench.core.chat.table.keeping import filled_table, keep_answers
    from workbench.core.chat.table.kept_answers import Answer
    from workbench.core.chat.table.table import Judging
    from workbench.core.recipe.recipe import DataSettings

    filled = filled_table(read_prompts(str(prompts), DataSettings()), columns, settings, Judging())
    cells = [(row, place) for row in range(ROWS) for place in range(len(columns))]
    for row, place in cells:
        text = SAID[row % len(SAID)][2 + place]
        answer = Answer(text=text, tokens=len(text) // 4, finish="end", seconds=1.4, first_token_seconds=0.1)
        filled.table.put(row, place, answer)
    keep_answers(filled, cells)


def _refuse_one(view: "TableView") -> None:
    from workbench.core.chat.table.table import Refused

    table = view.control.table
    assert table is not None
    table.put(
        2, 1, Refused("The prompt has 9\u2009120 tokens, and starter reads 8\u2009192 with its answer. Shorten it.")
    )
    view.control.answered.emit([2])
    view.shown.choose(2)


def _rate(view: "TableView") -> None:
    table = view.control.table
    assert table is not None
    for row in range(RATED):
        said = SAID[row % len(SAID)]
        for place in range(3):
            view.control.mark(row, place, said[2 + place] == said[1] or (place == 1 and row % 7 != 3))
    view.control.mark(2, 2, None)
