"""Rows that are written: of a spreadsheet with changes, found and replaced, a conversation, from nothing, and asked."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from camera import rest, spin_until

if TYPE_CHECKING:
    from camera import Camera

    from workbench.panes.data.editing.session import Editing
    from workbench.panes.data.page import DataPage

STATES = ("editing", "editing-replace", "editing-asked", "editing-turns", "editing-written")
PAIRS = (
    (
        "What does a puncture repair cost?",
        "18 euros with a new tube, while you wait. Just come by.",
        "repairs",
    ),
    ("How long does it take to get a bike back?", "Usually two working days. Before Easter it is four.", "repairs"),
    ("My e-bike shows error 504.", "That is the speed sensor.", "e-bikes"),
    ("Do you fit winter tyres on a cargo bike?", "Yes, up to 24 inches at the rear. They are ordered.", "tyres"),
    ("Do you repair bikes bought elsewhere?", "Of course, we repair every make.", "repairs"),
    ("Is there a discount for schools?", "Ten per cent from five bikes on; schools and clubs alike.", "prices"),
    ("What is an hour of work?", "", "prices"),
    ("What does a puncture repair cost?", "Puncture: 18 euros.", "repairs"),
    ("Are you open on Saturdays?", "Yes, from nine to one. In April and May until four.", "opening"),
    ("Do you rent bikes by the day?", "Yes, city bikes from 14 euros, e-bikes from 29. ", "rental"),
)
MENDED = (
    "That is the speed sensor. Check that the magnet at the rear wheel passes it at a finger’s width, then switch off "  # noqa: RUF001
    "and on. Still there? Come by, we read the fault out for 12 euros."
)
Open = Callable[["DataPage", Path, int], None]


def take_editing(camera: "Camera", page: "DataPage", home: Path, open_file: Open) -> None:
    """Every state of the view that is wanted."""
    editing = page.editing
    if any(camera.is_wanted("data", state) for state in STATES[:3]):
        open_file(page, _pairs(home / "customer questions.jsonl"), 256)
        camera.window.store.set("data.group_column", "topic")
        _begin(page)
        _change(editing)
        camera.take("data", "editing")
        editing.view.card.begin_finding(replaces=True)
        editing.view.card.search.setText("euros")
        editing.view.card.by.setText("EUR")
        rest(0.5)
        spin_until(lambda: editing.view.card.scope.text() != str(editing.view.card.table.model().rowCount()))
        camera.take("data", "editing-replace")
        editing.view.card.end_finding()
        editing.finish()
        camera.take("data", "editing-asked")
        editing.close()
    if camera.is_wanted("data", "editing-turns"):
        open_file(page, _talks(home / "talks.jsonl"), 256)
        _begin(page)
        camera.take("data", "editing-turns")
        editing.close()
    if camera.is_wanted("data", "editing-written"):
        editing.begin_written()
        _wait(editing)
        camera.take("data", "editing-written")
        editing.close()


def _begin(page: "DataPage") -> None:
    spin_until(lambda: page.editing.edit.isEnabled())
    page.editing.begin()
    _wait(page.editing)


def _wait(editing: "Editing") -> None:
    spin_until(lambda: editing.control.draft is not None)
    spin_until(lambda: editing.counting.is_complete and not editing.counting.is_busy)


def _change(editing: "Editing") -> None:
    """What is done to the rows of the picture."""
    control, table = editing.control, editing.view.card.table
    draft = control.draft
    assert draft is not None
    control.write(3, {**draft.value(3), "completion": PAIRS[3][1] + " It takes a week."}, "completion")
    table.choose([4], 4)
    editing.view.card.delete()
    table.choose([3], 3)
    editing.view.card.duplicate()
    row = table.current_row
    control.write(row, {**draft.value(row), "prompt": "Do you fit a child seat on a cargo bike?"}, "prompt")
    control.write(2, {**draft.value(2), "completion": MENDED}, "completion")
    control.write(0, {**draft.value(0), "completion": "18 euros."}, "completion")
    control.undo()
    table.choose([2], 2)
    _wait(editing)


def _pairs(path: Path) -> Path:
    rows = [{"prompt": asked, "completion": said, "topic": topic} for asked, said, topic in PAIRS]
    rows += [{**row, "prompt": f"{row['prompt']} ({number})"} for number in range(40) for row in rows[:5]]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def _talks(path: Path) -> Path:
    rows = []
    for asked, said, _ in PAIRS[:6]:
        turns = [("user", asked), ("assistant", said), ("user", "Can I wait for it?"), ("assistant", "Yes, please do.")]
        rows.append({"messages": [{"role": role, "content": text} for role, text in turns]})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
