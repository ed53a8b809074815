"""The first rows as the table lists them."""

from workbench.core.data.row import DataRow
from workbench.core.tokens.first_look import FirstLook, LookedRow
from workbench.panes.data.rows.listing import FirstRows, RowEntry
from workbench.panes.parts.tables import one_line

ENDS = (".", "!", "?", "…")


def first_rows(look: FirstLook) -> FirstRows:
    """A listing of the rows that were looked at."""
    entries = [_entry(number, looked, look) for number, looked in enumerate(look.rows)]
    source = look.opened.source
    return FirstRows(entries, files=len(source.files), unit=source.unit)


def _entry(number: int, looked: LookedRow, look: FirstLook) -> RowEntry:
    row = looked.row
    text = row.asked if isinstance(row, DataRow) else sentence(row.text)
    has_count = look.has_tokens and looked.tokens >= 0
    return RowEntry(
        number,
        looked.place,
        one_line(text),
        looked.tokens if has_count else looked.estimate,
        is_estimate=not has_count,
        kinds=looked.kinds,
        is_left_out=looked.is_left_out,
    )


def sentence(text: str) -> str:
    """What is wrong with a row, which stands behind a line's number elsewhere."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(ENDS) else '.'}"
