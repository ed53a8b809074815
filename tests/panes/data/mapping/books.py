"""Workbooks and tables as people have them."""

from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook

HEAD = ("Received", "Topic", "Question", "Answer", "Channel")
TOPICS = ("repairs", "e-bikes", "prices")
ROWS = 12


def workbook(path: Path, rows: Sequence[Sequence[object]], head: Sequence[str] = HEAD) -> Path:
    """A workbook with these rows in its first sheet, and two sheets more."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Answers"
    sheet.append(list(head))
    for row in rows:
        sheet.append(list(row))
    book.create_sheet("Notes").append(["nothing"])
    other = book.create_sheet("More")
    other.append(["Ask", "Say"])
    other.append(["Why?", "So."])
    book.save(path)
    return path


def questions(count: int = ROWS) -> list[list[object]]:
    """Whole rows: a date, a topic of three, a question, its answer, and where it came from."""
    return [
        ["2026-03-03", TOPICS[number % 3], f"What does repair {number} cost?", f"It costs {number} euros.", "mail"]
        for number in range(count)
    ]
