"""The tensors of a model as short rows in a form: the linear layers first, as a block applies them."""

import re
from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QStyledItemDelegate, QStyleOptionViewItem

from workbench.core.model.families import place_in_block
from workbench.core.model.stored_tensor import StoredTensor
from workbench.panes.look.theme import Theme
from workbench.panes.parts.list_rows import is_under_mouse, paint_ground
from workbench.panes.parts.tensor_list import TENSOR, Index, TensorList, shape_in_words

ROW_HEIGHT, LEAST_ROWS, INDENT = 27, 4, 10
_LAYER = re.compile(r"(?:^|\.)(\d+)\.(?:.*\.)?(\w+)\.weight$")
# What stands before the number of a block, in every model.
_STACK = re.compile(r"^(?:model|transformer|base_model|gpt_neox)\.(?:layers|h|blocks|decoder\.layers)\.(?=\d)")


def is_linear(tensor: StoredTensor) -> bool:
    """Whether it is a matrix within a numbered block."""
    return len(tensor.shape) == 2 and _LAYER.search(tensor.name) is not None


def in_order(tensors: Sequence[StoredTensor]) -> list[StoredTensor]:
    """The linear layers block by block, then all others, each as they are given."""
    linear = [tensor for tensor in tensors if is_linear(tensor)]
    places = {tensor.name: place for place, tensor in enumerate(tensors)}

    def key(tensor: StoredTensor) -> tuple[str, int, int, int]:
        match = _LAYER.search(tensor.name)
        assert match is not None
        before = tensor.name[: match.start(1)]
        return before, int(match[1]), place_in_block(match[2]), places[tensor.name]

    return sorted(linear, key=key) + [tensor for tensor in tensors if not is_linear(tensor)]


def short_name(name: str) -> str:
    """ "model.layers.0.mlp.up_proj.weight" as "0.mlp.up_proj" """
    return _STACK.sub("", name).removesuffix(".weight")


class ShortTensorList(TensorList):
    """A name and a shape in one line, on the ground of the form."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.setProperty("role", "onpage")
        self.setStyleSheet("QListView, QListView:focus { border: none; background: transparent; }")
        self.setItemDelegate(_ShortRow(theme, self))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._theme.px(8 * ROW_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(120), self._theme.px(LEAST_ROWS * ROW_HEIGHT))


class _ShortRow(QStyledItemDelegate):
    def __init__(self, theme: Theme, view: TensorList) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(10, self._theme.px(ROW_HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, px = self._theme, self._theme.px
        tensor: StoredTensor = index.data(TENSOR)
        row = QRect(option.rect)
        is_chosen = index.row() == self._view.currentIndex().row()
        painter.save()
        has_ring = is_chosen and self._view.has_ring
        paint_ground(painter, theme, row, is_chosen=is_chosen, is_near=is_under_mouse(option), has_ring=has_ring)
        inside = row.adjusted(px(INDENT), 0, -px(INDENT), 0)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.setFont(theme.font("small"))
        painter.setPen(theme.color("text.tertiary"))
        shape = shape_in_words(tensor)
        painter.drawText(inside, flags | Qt.AlignmentFlag.AlignRight, shape)
        room = inside.width() - painter.fontMetrics().horizontalAdvance(shape) - px(8)
        painter.setFont(theme.font("body", weight=500 if is_chosen else 400))
        painter.setPen(theme.color("text.tertiary" if tensor.problem else "text.primary"))
        name = painter.fontMetrics().elidedText(
            " ".join(short_name(tensor.name).split()), Qt.TextElideMode.ElideMiddle, max(0, room)
        )
        painter.drawText(inside, flags | Qt.AlignmentFlag.AlignLeft, name)
        painter.restore()
