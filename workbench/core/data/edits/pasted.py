"""Rows out of a clipboard: the cells of a spreadsheet, or lines of text."""

import csv
import io

from workbench.core.data.edits.value import Spelling, Value, as_messages
from workbench.core.data.text_lines import LONGEST_LINE_BYTES
from workbench.core.data.wrong import Wrong

MOST_ROWS = 100_000


def pasted_rows(text: str, spelling: Spelling) -> list[Value]:
    """Rows of a question and an answer each, or of one text: cells are parted by tabs, rows by line ends.

    Raises Wrong where the text has another number of columns.
    """
    csv.field_size_limit(LONGEST_LINE_BYTES)
    try:
        cells = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter="\t") if any(map(str.strip, row))]
    except csv.Error as error:
        raise Wrong(f"This cannot be taken apart into cells: {error}.", "Copy the two columns again.") from None
    if len(cells) > MOST_ROWS:
        raise Wrong(f"These are {len(cells)} rows.", f"Paste at most {MOST_ROWS} at once, or open the file.")
    wanted = 1 if spelling == "text" else 2
    wrong = next((row for row in cells if len(row) != wanted), None)
    if wrong is not None:
        columns = f"{len(wrong)} column{'s' * (len(wrong) != 1)}"
        needed = "one column of texts" if wanted == 1 else "two columns, the prompt and the completion"
        raise Wrong(f"What was copied has {columns}.", f"Copy {needed}.")
    if spelling == "text":
        return [{"text": row[0]} for row in cells]
    pairs: list[Value] = [{"prompt": row[0], "completion": row[1]} for row in cells]
    return [as_messages(pair) for pair in pairs] if spelling == "messages" else pairs
