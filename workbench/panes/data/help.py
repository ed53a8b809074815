"""What a dataset may look like, shown where there is none to be read."""

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from workbench.core.data.shapes.known import shapes
from workbench.core.data.shapes.shape import Example
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_scroll
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import label

CSV = Example("CSV", "with a header that names the columns", 'prompt,completion\n"Two loaves, please.","…"', place=100)


class DataHelp(Card):
    """A small example of every shape that can be read; spreadsheets and Parquet have the same columns."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "What a dataset looks like", "a spreadsheet, CSV, JSONL, JSON, Parquet, Arrow or text")
        inside = QWidget()
        rows = in_column(gap=6, of=inside)
        self.body.addWidget(in_scroll(inside))
        self._codes: list[QPlainTextEdit] = []
        for example in sorted([*(shape.example for shape in shapes()), CSV], key=lambda example: example.place):
            rows.addWidget(label(f"{example.title}: {example.fact}", "medium"))
            code = QPlainTextEdit(example.text)
            code.setReadOnly(True)
            code.setProperty("role", "code")
            code.setAccessibleName(f"Example: {example.title}")
            code.setTabChangesFocus(True)
            code.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
            self._codes.append(code)
            rows.addWidget(code)
        rows.addWidget(label("Columns of other names are chosen in the sheet that opens.", "fact"))
        rows.addStretch(1)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        for code in self._codes:
            code.setFont(self.theme.font("small", mono=True))
            lines = code.document().blockCount()
            height = code.fontMetrics().lineSpacing() * lines + self.theme.px(10)
            # By its own sheet: the window's has a least height for every field, and puts it over one that is set.
            code.setStyleSheet(f"QPlainTextEdit {{ min-height: {height}px; max-height: {height}px; }}")
