"""The figures of a race as a table: a row for each precision, which fills as it is measured."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QTableView

from workbench.core.race.measures import MEASURES
from workbench.core.race.race import Race
from workbench.core.units import bytes_in_words
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import plain_tip
from workbench.panes.parts.table_rows import Column, Index, TableRows, titled
from workbench.panes.parts.tables import COLOR, FIRST_PAD, IS_STRONG, ROW, TAG, CellPainter, RowTable
from workbench.panes.quantize.race.marks import draw_mark
from workbench.panes.quantize.race.words import RaceRow, full_name, without_unit

MARK, NAME, FIRST = range(3)
COLUMNS = (
    Column("", is_text=True),
    Column("Precision", is_text=True),
    *(Column(measure.title, tip=measure.help) for measure in MEASURES),
)
MARK_WIDTH, NAME_WIDTH, LEAST_WIDTH = 34, 168, 60
# What goes first where a figure would have less room than that.
DROPPED = ("same_top_token", "load_seconds", "prompt_tokens_per_second", "kl_divergence")
# In these the reference is compared with itself.
OF_REFERENCE = ("kl_divergence", "same_top_token")
HEADER, EDGE = 40, 8
PRECISION = int(Qt.ItemDataRole.UserRole) + 60


class RaceModel(TableRows):
    """Rows in the order in which they run, with what is best in each column."""

    columns = COLUMNS

    def __init__(self) -> None:
        super().__init__()
        self._best: dict[str, str | None] = {}
        self._reference = ""

    def show(self, rows: Sequence[RaceRow], race: Race | None) -> None:
        self._best = {measure.name: race.best(measure) for measure in MEASURES} if race else {}
        self._reference = race.reference.precision if race and race.reference else ""
        self.show_rows(rows)

    def is_best(self, row: int, column: int) -> bool:
        return column >= FIRST and self._best.get(MEASURES[column - FIRST].name) == self.rows[row].precision

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        made = super().headerData(section, orientation, role)
        if role != Qt.ItemDataRole.DisplayRole or made is None:
            return made
        unit = MEASURES[section - FIRST].unit if section >= FIRST else ""
        return f"{made}\n{unit}" if unit in ("tokens/s", "nats/token") else made.replace(" ", "\n")

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], index.column()
        is_reason = column == FIRST and bool(row.problem)
        match role:
            case Qt.ItemDataRole.AccessibleTextRole if column != MARK:
                best = ", the best" * self.is_best(index.row(), column)
                return titled(COLUMNS[column], self.cell_text(row, column) + best)
            case Qt.ItemDataRole.ToolTipRole:
                if is_reason:
                    return plain_tip(row.problem)
                return full_name(row.precision) if column == NAME else None
            case Qt.ItemDataRole.TextAlignmentRole if is_reason:
                return None
            case _ if role == PRECISION:
                return row.precision
            case _ if role == IS_STRONG:
                return self.is_best(index.row(), column)
            case _ if role == COLOR:
                return self._color(index.row(), column)
            case _ if role == TAG and column == NAME:
                return self._tag(row)
        return super().data(index, role)

    def cell_text(self, row: RaceRow, column: int) -> str:
        if column <= NAME:
            return row.title if column == NAME else ""
        measure = MEASURES[column - FIRST]
        if row.problem:
            return row.problem if column == FIRST else ""
        if row.found is not None:
            if measure.name in OF_REFERENCE and row.precision == self._reference:
                return "\u2013"
            return without_unit(measure, row.found)
        if measure.name == "size_bytes" and row.size_bytes:
            return f"\u2248 {bytes_in_words(row.size_bytes)}"
        return "\u2026" if row.is_running else ""

    def _color(self, place: int, column: int) -> str:
        row = self.rows[place]
        if column == NAME:
            return "text.primary" if row.has_run or row.is_running else "text.secondary"
        if row.has_run:
            return "text.primary" if self.is_best(place, column) else "text.secondary"
        return "text.secondary" if row.problem else "text.tertiary"

    def _tag(self, row: RaceRow) -> tuple[str, str, str] | None:
        if row.problem:
            return ("not here", "warn", "warning")
        if row.is_running:
            return ("running", "info", "play")
        if row.waits:
            return ("waits", "none", "clock-counter-clockwise")
        return ("reference", "none", "flag") if row.precision == self._reference else None


class _Cells(CellPainter):
    """Draws the marks, too."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view, box = self.parent(), option.rect
        assert isinstance(view, QTableView)
        rest = view.viewport().width() - box.right() - 1
        if 0 < rest <= self._theme.px(EDGE):  # the ground goes to the card's edge, the figures keep its padding
            is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
            beside = QRect(box.right() + 1, box.top(), rest, box.height())
            if is_chosen:
                painter.fillRect(beside, self._theme.color("surface.selected"))
            painter.fillRect(QRect(beside.left(), beside.bottom(), rest, 1), self._theme.color("border.divider"))
        super().paint(painter, option, index)
        if index.column() == MARK:
            px = self._theme.px
            painter.save()
            at = QPointF(box.left() + px(FIRST_PAD) + px(6), box.center().y() + 0.5)
            draw_mark(painter, self._theme, str(index.data(PRECISION)), at, px(5))
            painter.restore()


class RaceTable(RowTable):
    """The table of a RaceModel; a row that did not run tells its reason across its columns."""

    def __init__(self, theme: Theme, model: RaceModel) -> None:
        super().__init__(theme, "Figures of each precision")
        self._race = model
        self.setModel(model)
        self.setItemDelegate(_Cells(theme, self))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def show_rows(self, rows: Sequence[RaceRow], race: Race | None) -> None:
        chosen = self.chosen
        self._race.show(rows, race)
        for place, row in enumerate(rows):
            across = len(MEASURES) if row.problem else 1
            if self.columnSpan(place, FIRST) != across:
                self.setSpan(place, FIRST, 1, across)
        place = next((place for place, row in enumerate(rows) if row.precision == chosen), -1)
        if place >= 0:
            self.setCurrentIndex(self._race.index(place, NAME))
        self.updateGeometry()

    @property
    def chosen(self) -> str:
        """The precision of the chosen row; nothing where none is."""
        index = self.currentIndex()
        return self._race.rows[index.row()].precision if index.isValid() else ""

    def _restyle(self) -> None:
        super()._restyle()
        self.horizontalHeader().setFixedHeight(self._theme.px(HEADER))
        self.horizontalHeader().setMinimumSectionSize(self._theme.px(20))

    def height_for(self, rows: int) -> int:
        return self._theme.px(HEADER) + rows * self._theme.px(ROW) + 2

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(600), self.height_for(max(1, len(self._race.rows))))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self.height_for(min(3, max(1, len(self._race.rows)))))

    def share_out(self) -> None:
        """The figures share what the name leaves; some go where that is too little."""
        px = self._theme.px
        room = self.viewport().width() - px(MARK_WIDTH) - px(NAME_WIDTH) - px(EDGE)
        shown = [measure.name for measure in MEASURES]
        for name in DROPPED:
            if room < len(shown) * px(LEAST_WIDTH):
                shown.remove(name)
        each = max(px(40), room // max(1, len(shown)))
        self.setColumnWidth(MARK, px(MARK_WIDTH))
        self.setColumnWidth(NAME, px(NAME_WIDTH) + max(0, room - each * len(shown)))
        for place, measure in enumerate(MEASURES):
            self.setColumnHidden(FIRST + place, measure.name not in shown)
            self.setColumnWidth(FIRST + place, each)
