"""The card of the two ways to merge: how far each lies from the adapter on the weights that it was trained on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QLabel, QSizePolicy

from workbench.panes.look.theme import Theme
from workbench.panes.parts.bars import paint_bar
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.cards import ScopedCard
from workbench.panes.parts.controls import button, divider, label
from workbench.panes.parts.copy_button import copy_button
from workbench.panes.parts.table_rows import Column, Index, TableRows, titled
from workbench.panes.parts.tables import IS_STRONG, TAG, CellPainter, FollowingTable
from workbench.panes.runs.export.words import NONE, kl_in_words, perplexity_in_words, same_in_words

NAME, PERPLEXITY, KL, SAME, TAGGED = range(5)
COLUMNS = (
    Column("", least=230, is_text=True),
    Column("perplexity", 88, tip="How many tokens it hesitates between, on the mean: less is better"),
    Column("KL, nats a token", 152, tip="How far its predictions lie from those of the adapter as trained"),
    Column("same token", 92, tip="At how many places its likeliest next token is the same"),
    Column("", 168, is_text=True),
)
ROW_ENTRY = int(Qt.ItemDataRole.UserRole) + 20
BAR = 64  # of the largest KL, in pixels of the drawing
UNMEASURED = (
    "An adapter has also learned to undo the rounding of the weights that it was trained on. "
    "How much that matters here is measured on held-out rows."
)


@dataclass(frozen=True)
class WayRow:
    """One row: the reference, or a way to merge; what was not measured is None.

    Attributes:
        way: As a request has it; nothing for the reference.
        tag: Its words, state and icon.
    """

    way: str
    title: str
    note: str = ""
    perplexity: float | None = None
    kl: float | None = None
    same_share: float | None = None
    is_better: bool = False
    tag: tuple[str, str, str] | None = None


class WayRows(TableRows):
    """The reference first."""

    columns = COLUMNS
    rows: Sequence[WayRow]

    def cell_text(self, row: WayRow, column: int) -> str:
        return {
            NAME: row.title,
            PERPLEXITY: perplexity_in_words(row.perplexity),
            KL: kl_in_words(row.kl),
            SAME: same_in_words(row.same_share),
            TAGGED: "",
        }[column]

    def cell_look(self, row: WayRow, column: int, role: int) -> Any:
        match role:
            case Qt.ItemDataRole.AccessibleTextRole if column == TAGGED:
                return row.tag[0] if row.tag else ""
            case Qt.ItemDataRole.AccessibleTextRole if column == NAME:
                return f"{row.title}, {row.note}" if row.note else row.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return titled(COLUMNS[column], self.cell_text(row, column))
            case _ if role == TAG and column == TAGGED:
                return row.tag
            case _ if role == IS_STRONG:
                return row.is_better
            case _ if role == ROW_ENTRY:
                return row
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """The reference is what the others are compared with: it cannot be chosen."""
        usual = super().flags(index)
        return usual if self.rows[index.row()].way else usual & ~Qt.ItemFlag.ItemIsSelectable


class _Painter(CellPainter):
    def paint_cell(self, painter: QPainter, inside: QRect, index: Index) -> None:
        row: WayRow = index.data(ROW_ENTRY)
        px = self._theme.px
        match index.column():
            case column if column == NAME:
                wide = self.write(painter, inside, row.title, "text.primary", weight=500)
                self.write(painter, inside.adjusted(wide + px(6), 0, 0, 0), row.note, "text.secondary", "small")
            case column if column == TAGGED:
                super().paint_cell(painter, inside, index)
            case column:
                text = str(index.data())
                is_measured = text != NONE
                color = "text.primary" if is_measured else "text.tertiary"
                right = Qt.AlignmentFlag.AlignRight
                self.write(painter, inside, text, color, weight=600 if row.is_better else 400, across=right)
                if column == KL and row.kl is not None:
                    self._paint_kl(painter, inside, index, row.kl, painter.fontMetrics().horizontalAdvance(text))

    def _paint_kl(self, painter: QPainter, inside: QRect, index: Index, kl: float, taken: int) -> None:
        """A bar beside the figure, as long as it is of the largest."""
        rows: WayRows = index.model()  # type: ignore[assignment]
        largest = max((row.kl or 0.0 for row in rows.rows), default=0.0)
        if largest <= 0:
            return
        px = self._theme.px
        right = inside.right() - max(taken, px(52)) - px(8)
        wide = min(px(BAR), right - inside.left()) * kl / largest
        box = QRectF(right - max(2.0, wide), inside.center().y() - px(2), max(2.0, wide), px(5))
        paint_bar(painter, box, self._theme.color("status.warn"))


class WaysTable(FollowingTable):
    """As high as its rows are."""

    LEAST_ROWS = WANTED_ROWS = 3

    def __init__(self, theme: Theme, rows: WayRows) -> None:
        super().__init__(theme, "Ways to merge; the arrow keys choose one", rows, lambda row: row.way)
        self.setItemDelegate(_Painter(theme, self))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(420), self._high(max(1, len(self.rows))))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self.sizeHint().height())


class WaysCard(ScopedCard):
    """Shows what it is given.

    Signals:
        way_chosen: The way of the row that was chosen by hand.
        measure_wanted: They are to be measured.
    """

    way_chosen = Signal(str)
    measure_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Two ways to merge")
        self._rows = WayRows()
        self.table = WaysTable(theme, self._rows)
        self.table.picked.connect(self._pick)
        self.copy = copy_button(theme, self.as_text, "Copies the table, its columns parted by tabs", words="Copy table")
        self.add_to_head(self.copy)
        self._icon = QLabel()
        self.sentence = label("", "sentence", wraps=True)
        self.measure = button("Measure", theme, "play")
        self.measure.clicked.connect(self.measure_wanted)
        self.set_least_head(28)
        self.set_margins(0, 0, 0, 0)
        self.body.setSpacing(0)
        self.body.addWidget(divider())
        self.body.addWidget(self.table)
        self._foot = in_row(self._icon, (self.sentence, 1), self.measure, gap=8)
        self.body.addLayout(self._foot)
        self.body.addStretch(1)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        px = self.theme.px
        self._foot.setContentsMargins(px(14), px(5), px(12), px(6))
        self._icon.setPixmap(self.theme.icon("info", "status.info").pixmap(px(15), px(15)))

    def show_rows(self, rows: Sequence[WayRow], chosen: str, sentence: str, scope: str) -> None:
        """Shows the ways, of which one is chosen, with what follows of them."""
        if list(rows) != self.table.rows:
            with self.table.following():
                self._rows.show_rows(list(rows))
        self.table.updateGeometry()
        self.table.mark(next((place for place, row in enumerate(rows) if row.way and row.way == chosen), -1))
        self.sentence.setText(sentence or UNMEASURED)
        self.scope.set_text(scope)
        self.copy.setVisible(any(row.kl is not None for row in rows))

    def show_measure(self, words: str, *, is_possible: bool) -> None:
        """What the button says; nothing where all is measured."""
        self.measure.setText(words)
        self.measure.setVisible(bool(words))
        self.measure.setEnabled(is_possible)

    def as_text(self) -> str:
        lines = ["\t".join(["way", *(column.title for column in COLUMNS[PERPLEXITY:TAGGED])])]
        for row in self.table.rows:
            cells = [self._rows.cell_text(row, column) for column in (PERPLEXITY, KL, SAME)]
            lines.append("\t".join([f"{row.title} {row.note}".strip(), *cells]))
        return "\n".join(lines) + "\n"

    def _pick(self, way: object) -> None:
        if way:
            self.way_chosen.emit(way)
