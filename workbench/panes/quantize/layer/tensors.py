"""The tensors of a model as short rows in a form: the linear layers first, as a block applies them."""

import re
from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy

from workbench.core.model.families.known import place_in_block
from workbench.core.model.stored_tensor import StoredTensor
from workbench.panes.look.theme import Theme
from workbench.panes.parts.row_list import RowPainter
from workbench.panes.parts.tensor_list import TensorList, shape_in_words

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


class _ShortRow(RowPainter):
    HEIGHT = ROW_HEIGHT

    def paint_entry(self, painter: QPainter, row: QRect, entry: StoredTensor, *, is_chosen: bool) -> None:
        theme, px = self._theme, self._theme.px
        inside = row.adjusted(px(INDENT), 0, -px(INDENT), 0)
        painter.setFont(theme.font("small"))
        shape = shape_in_words(entry)
        taken = painter.fontMetrics().horizontalAdvance(shape)
        painter.setPen(theme.color("text.tertiary"))
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine | Qt.AlignmentFlag.AlignRight
        painter.drawText(inside, flags, shape)
        painter.setFont(theme.font("body", weight=500 if is_chosen else 400))
        name = inside.adjusted(0, 0, -taken - px(8), 0)
        self.paint_words(painter, name, short_name(entry.name), "text.tertiary" if entry.problem else "text.primary")
