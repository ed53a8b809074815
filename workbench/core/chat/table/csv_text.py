"""A table as CSV for spreadsheets: its settings in the head, then a row for each prompt."""

import csv
import io

from workbench.core.chat.table.settings_words import facts_of, verdict_in_words
from workbench.core.chat.table.table import PromptTable

# By it a spreadsheet knows UTF-8.
MARK = "\ufeff"
# A spreadsheet takes what begins so for a formula and works it out (OWASP, CSV Injection); full-width ones too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
NOTE = "A ' stands before text that a spreadsheet would take for a formula."


def csv_of(table: PromptTable) -> bytes:
    """UTF-8 with a mark; what would be a formula begins with an apostrophe, and then the head says so."""
    places = range(len(table.columns))
    names = [column.head for column in table.columns]
    rows: list[list[str]] = [[title, value] for title, value in facts_of(table).items()]
    body = [
        ["row", "prompt", "expected", *names, *(f"{name} verdict" for name in names), *(f"{name} F1" for name in names)]
    ]
    for row, asking in enumerate(table.prompts):
        answers = [table.answer(row, place) for place in places]
        body.append(
            [
                str(row + 1),
                asking.text or str(asking.before[-1].get("content", "") if asking.before else ""),
                asking.expected or "",
                *(
                    answer.text if answer is not None else table.problem(row, place)
                    for place, answer in enumerate(answers)
                ),
                *(verdict_in_words(table.verdict(row, place)) for place in places),
                *("" if (f1 := table.f1(row, place)) is None else f"{f1:.3f}" for place in places),
            ]
        )
    rows += [[], *body]
    if any(cell.startswith(_FORMULA) for row in rows for cell in row):
        rows.insert(0, ["Note", NOTE])
    text = io.StringIO()
    csv.writer(text).writerows([[_safe(cell) for cell in row] for row in rows])
    return (MARK + text.getvalue()).encode("utf-8", "replace")


def _safe(cell: str) -> str:
    cell = cell.replace("\0", "\ufffd")
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
