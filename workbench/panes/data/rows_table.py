"""The table of rows: the first ones of a dataset, and every row that is wrong among those that were looked at."""

from dataclasses import dataclass
from typing import Any

from workbench.core.data.glance import DataGlance, estimated_tokens
from workbench.core.data.row import DataRow
from workbench.core.data.rows import RowProblem
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.table_rows import Column, TableRows
from workbench.panes.parts.tables import COLOR, FIRST_PAD, PAD, TAG, RowTable, one_line

LINE, TEXT, CHARACTERS, TOKENS = range(4)
COLUMNS = (
    Column("Line", is_text=True),
    Column("Text", least=130, is_text=True),
    Column("Characters", 80, goes=1),
    Column("Tokens", 80, goes=2, tip="An estimate: the model's tokenizer counts them when the data is prepared"),
)


@dataclass(frozen=True)
class Entry:
    """A row as it is learned, or what is wrong with it; `line` counts from 1."""

    line: int
    row: DataRow | None = None
    problem: RowProblem | None = None

    @property
    def parts(self) -> list[tuple[str, str]]:
        """The row's texts, each with the name of its part: "User", "Assistant"."""
        return self.row.parts if self.row else []

    @property
    def characters(self) -> int:
        return sum(len(text) for _, text in self.parts)

    @property
    def text(self) -> str:
        """What stands for the row in one line: what is asked, else its first text."""
        if self.problem is not None:
            return one_line(sentence(self.problem.text))
        return one_line(self.row.asked if self.row else "")


def sentence(text: str) -> str:
    """What is wrong with a row, which stands behind a line's number elsewhere."""
    return f"{text[:1].upper()}{text[1:]}"


def tokens_about(characters: int) -> int:
    """About how many tokens a number of characters makes."""
    return round(estimated_tokens(characters)) or min(1, characters)


def two_digits(count: int) -> int:
    """A count rounded to what an estimate can know of it."""
    size: int = 10 ** max(0, len(str(count)) - 2)
    return round(count / size) * size


def kind_of(problem: RowProblem) -> str:
    """In a word or two, what is wrong."""
    return "cut off" if "ends in the middle" in problem.text else problem.kind


def entries_of(glance: DataGlance) -> list[Entry]:
    """The rows of the table: the first ones, and those that are wrong, by line."""
    entries = [Entry(problem.line, problem=problem) for problem in glance.problems if problem.line]
    entries += [Entry(seen.line, row=seen.row) for seen in glance.first_rows]
    return sorted(entries, key=lambda entry: entry.line)


class RowsModel(TableRows):
    """Entries in the order of the file."""

    columns = COLUMNS

    def cell_look(self, entry: Entry, column: int, role: int) -> Any:
        if role == COLOR:
            if column == TEXT:
                return "text.secondary" if entry.problem else "text.primary"
            return "text.tertiary" if column == TOKENS else "text.secondary"
        if role == TAG and column == TEXT and entry.problem is not None:
            return (kind_of(entry.problem), "danger", "warning-circle")
        return None

    def cell_text(self, entry: Entry, column: int) -> str:
        if column == LINE:
            return grouped(entry.line)
        if column == TEXT:
            return entry.text
        if entry.row is None:
            return ""
        return grouped(entry.characters) if column == CHARACTERS else f"≈ {grouped(tokens_about(entry.characters))}"


class RowsTable(RowTable):
    """The table of a RowsModel; the number of the last line decides how wide the first column is."""

    def __init__(self, theme: Theme, model: RowsModel) -> None:
        super().__init__(theme, "Rows", COLUMNS)
        self._model = model
        self.setModel(model)

    def width_of(self, place: int) -> int:
        if place != LINE:
            return super().width_of(place)
        entries = self._model.rows
        last = max(COLUMNS[LINE].title, grouped(entries[-1].line) if entries else "", key=len)
        return self.fontMetrics().horizontalAdvance(last) + self._theme.px(FIRST_PAD + 2 * PAD)
