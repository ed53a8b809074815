"""The tensors of a model as rows to choose from, narrowed by the words of a filter."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QListView

from workbench.core.figures import THIN_SPACE, TIMES
from workbench.core.model.stored_tensor import StoredTensor
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import plain_tip
from workbench.panes.parts.focus_ring import FocusRing
from workbench.panes.parts.row_list import ENTRY, FRAMELESS, Index, RowPainter


def shape_in_words(tensor: StoredTensor) -> str:
    """ "576 x 1536" with the sign of multiplication; one number has no shape."""
    return f"{THIN_SPACE}{TIMES}{THIN_SPACE}".join(map(str, tensor.shape)) or "one number"


def name_parts(name: str) -> tuple[str, str]:
    """A tensor's name within its block, and the block: ("self_attn.q_proj.weight", "layers.0")."""
    parts = name.split(".")
    places = [place for place, part in enumerate(parts[:-1]) if part.isdecimal()]
    cut = places[-1] + 1 if places else 0
    return ".".join(parts[cut:]), ".".join(parts[:cut]).removeprefix("model.")


class TensorList(FocusRing, QListView):
    """Rows of tensors; moving to one chooses it.

    Signals:
        picked: The StoredTensor that was chosen by hand.
    """

    picked = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._rows = _Rows()
        self._chosen: StoredTensor | None = None
        self.setModel(self._rows)
        self.setUniformItemSizes(True)
        self.setAccessibleName("Tensors")
        self.setStyleSheet(FRAMELESS)
        self.setItemDelegate(_Row(theme, self))
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        theme.changed.connect(self.scheduleDelayedItemsLayout)

    @property
    def tensors(self) -> Sequence[StoredTensor]:
        """Those that are shown."""
        return self._rows.shown

    def show_tensors(self, tensors: Sequence[StoredTensor]) -> None:
        self._rows.show_tensors(tensors)

    def filter(self, text: str) -> None:
        """Shows those whose names, types or shapes have all these words."""
        self._rows.filter(text)
        self.show_chosen(self._chosen)

    @property
    def chosen(self) -> StoredTensor | None:
        """The one whose row is marked, whether the filter shows it or not."""
        return self._chosen

    def show_chosen(self, tensor: StoredTensor | None) -> None:
        """Marks a row, where it is among those shown, without telling it."""
        self._chosen = tensor
        row = self._rows.shown.index(tensor) if tensor in self._rows.shown else -1
        self.selectionModel().blockSignals(True)
        self.setCurrentIndex(self._rows.index(row) if row >= 0 else QModelIndex())
        self.selectionModel().blockSignals(False)
        if row >= 0:
            self.scrollTo(self._rows.index(row))
        self.viewport().update()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        tensor = current.data(ENTRY)
        self.viewport().update()
        if isinstance(tensor, StoredTensor):
            self._chosen = tensor
            self.picked.emit(tensor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.has_ring = True
        super().keyPressEvent(event)


class _Rows(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self._all: list[tuple[str, StoredTensor]] = []
        self._words: list[str] = []
        self.shown: list[StoredTensor] = []

    def show_tensors(self, tensors: Sequence[StoredTensor]) -> None:
        self._all = [
            (f"{tensor.name} {tensor.dtype} {'x'.join(map(str, tensor.shape))}".lower(), tensor) for tensor in tensors
        ]
        self._narrow()

    def filter(self, text: str) -> None:
        self._words = text.lower().split()
        self._narrow()

    def _narrow(self) -> None:
        self.beginResetModel()
        self.shown = [tensor for text, tensor in self._all if all(word in text for word in self._words)]
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self.shown):
            return None
        tensor = self.shown[index.row()]
        match role:
            case Qt.ItemDataRole.UserRole:
                return tensor
            case Qt.ItemDataRole.DisplayRole | Qt.ItemDataRole.AccessibleTextRole:
                return f"{tensor.name}, {tensor.dtype}, {shape_in_words(tensor)}"
            case Qt.ItemDataRole.ToolTipRole:
                return plain_tip(tensor.name)
            case _:
                return None


class _Row(RowPainter):
    """Paints a name above its type and shape."""

    HEIGHT, RADIUS = 40, 0

    def paint_entry(self, painter: QPainter, row: QRect, entry: StoredTensor, *, is_chosen: bool) -> None:
        theme, px = self._theme, self._theme.px
        left, wide = row.left() + px(14), row.width() - px(14) - px(10)
        within, block = name_parts(entry.name)
        painter.setFont(theme.font("body", weight=500 if is_chosen else 400))
        name = QRect(left, row.top() + px(3), wide, px(18))
        self.paint_words(painter, name, within, "text.tertiary" if entry.problem else "text.primary")
        painter.setFont(theme.font("small"))
        facts = ", ".join(part for part in (block, entry.dtype, shape_in_words(entry)) if part)
        self.paint_words(painter, QRect(left, row.top() + px(20), wide, px(16)), facts, "text.tertiary")
