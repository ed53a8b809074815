"""Columns of runs that are there, and tables of them."""

from pathlib import Path

from workbench.core.chat.table.columns import Column, Load
from workbench.core.chat.table.kept_answers import Answer
from workbench.core.chat.table.table import Judging, PromptTable
from workbench.core.job.question import AnswerSettings, Asking

SETTINGS = AnswerSettings(max_tokens=128)
BY_HAND = Judging("person")


def columns(first: Path | None, second: Path | None = None) -> tuple[Column, ...]:
    """The base and the tuned model of a run, and a second run where one is given."""
    load = Load("first", ("base",))
    whose = "base" if first else ""
    found = [
        Column("base", "Base-1B", load, "", first, whose, "b"),
        Column("tuned", "questions", load, "/first/adapter", first, "", "b+1"),
    ]
    if second is not None:
        found.append(Column("second", "other", Load("second"), "/second/adapter", second, "", "b+2"))
    return tuple(found)


def asked(*texts: str, expected: str | None = "Yes.") -> list[Asking]:
    return [Asking(text=text, expected=expected) for text in texts]


def said(text: str, **changes: object) -> Answer:
    values = {"text": text, "tokens": 3, "finish": "end", "seconds": 0.5, "first_token_seconds": 0.1}
    return Answer.model_validate(values | changes)


def table(folder: Path | None, second: Path | None, *rows: tuple[str, ...], judging: Judging = BY_HAND) -> PromptTable:
    """Each row holds the answers of the columns; an empty one is missing."""
    made = PromptTable(asked(*(f"Question {n}" for n in range(len(rows)))), columns(folder, second), SETTINGS, judging)
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            if text:
                made.put(row, column, said(text))
    return made
