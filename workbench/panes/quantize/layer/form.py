"""What is chosen for the picture of a layer: a tensor, a format with its blocks, and what is shown."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton

from workbench.core.model.stored_tensor import StoredTensor
from workbench.core.units import counted, grouped
from workbench.numerics.blockwise import BLOCK_SIZES
from workbench.numerics.quantization_scheme import SCHEMES, Grouping, Scheme
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import Switch, label
from workbench.panes.parts.fields import ChoiceBox, paint_caret, side_by_side
from workbench.panes.parts.model_field import ModelField, add_model_row
from workbench.panes.parts.page import FormGroup
from workbench.panes.parts.slider import Slider
from workbench.panes.quantize.layer.tensors import ShortTensorList, in_order, is_linear
from workbench.panes.quantize.layer.words import comparable, default_comparison, title_of


class TensorGroup(FormGroup):
    """The model, a filter and its tensors."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Tensor")
        self._tensors: list[StoredTensor] = []
        self.model = ModelField(theme)
        add_model_row(self, self.model)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter, such as 0 mlp or norm")
        self.filter.setAccessibleName("Filter tensors")
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._narrow)
        self.list = ShortTensorList(theme)
        self.add_wide(self.filter)
        self.add_wide(self.list)
        self.grid.setRowStretch(self.grid.rowCount() - 1, 1)
        self.layout().setStretch(1, 1)  # type: ignore[union-attr]

    def show_tensors(self, tensors: Sequence[StoredTensor]) -> None:
        self._tensors = in_order(tensors)
        self.list.show_tensors(self._tensors)
        self._count()

    def _narrow(self, text: str) -> None:
        self.list.filter(text)
        self._count()

    def _count(self) -> None:
        shown, whole = len(self.list.tensors), len(self._tensors)
        linear = sum(map(is_linear, self._tensors))
        if shown < whole:
            self.fact.setText(f"{grouped(shown)} of {grouped(whole)} tensors")
        elif linear:
            self.fact.setText(counted(linear, "linear layer"))
        else:
            self.fact.setText(counted(whole, "tensor") if whole else "")


class FormatGroup(FormGroup):
    """A format, the size of its blocks and double quantization.

    Signals:
        changed: Another Scheme.
    """

    changed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Format")
        self.format = ChoiceBox(theme)
        self.format.setAccessibleName("Format")
        for name in SCHEMES:
            self.format.addItem(SCHEMES[name].label, name)
        self.blocks = Slider(theme, "Block size")
        self.blocks.setRange(0, len(BLOCK_SIZES) - 1)
        self.blocks.setPageStep(1)
        self.size_label = label("", "medium")
        self.size_label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.double_quant = Switch(theme)
        self.double_quant.setAccessibleName("Double quantization")
        self.saving = label("", "fact")
        self.add_row(label("Format", "label"), self.format)
        self.add_row(label("Block size", "label"), side_by_side(self.blocks, self.size_label, stretches=True))
        self.add_row(label("Double quant.", "label"), side_by_side(self.double_quant, self.saving))
        self._scheme = SCHEMES["nf4"]
        self._wants_double_quant = False  # while a format is chosen that has none
        self._refresh()
        self.format.activated.connect(lambda _row: self._change_scheme())
        self.blocks.valueChanged.connect(lambda _value: self._change_scheme())
        self.double_quant.clicked.connect(self._turn)
        theme.changed.connect(self._refresh)

    @property
    def scheme(self) -> Scheme:
        return self._scheme

    def show_scheme(self, scheme: Scheme) -> None:
        """Shows it without telling it."""
        self._scheme = scheme
        if scheme.has_choice_of_blocks:
            self._wants_double_quant = scheme.double_quant
        self._refresh()

    def _turn(self, wants: bool) -> None:
        self._wants_double_quant = wants
        self._change_scheme()

    def _change_scheme(self) -> None:
        chosen = SCHEMES[self.format.currentData()]
        if chosen.has_choice_of_blocks:
            size = BLOCK_SIZES[self.blocks.value()]
            chosen = chosen.with_blocks(size, double_quant=self._wants_double_quant)
        if chosen != self._scheme:
            self._scheme = chosen
            self._refresh()
            self.changed.emit(chosen)

    def _refresh(self) -> None:
        scheme, has_choice = self._scheme, self._scheme.has_choice_of_blocks
        self.format.setCurrentIndex(self.format.findData(scheme.name))
        self.blocks.setEnabled(has_choice)
        self.double_quant.setEnabled(has_choice)
        self.size_label.setFixedWidth(self.theme.px(44))
        is_block = scheme.grouping is Grouping.BLOCK
        self.size_label.setText(grouped(scheme.block_size) if is_block else scheme.grouping.value)
        self.saving.setText("")
        self.double_quant.setChecked(scheme.double_quant)
        if has_choice:
            self.blocks.blockSignals(True)
            self.blocks.setValue(BLOCK_SIZES.index(scheme.block_size))
            self.blocks.blockSignals(False)
            self.saving.setText(_saving_in_words(scheme))


class ShowGroup(FormGroup):
    """What is drawn, and which formats are compared.

    Signals:
        bands_changed: Whether the bounds are drawn.
        comparison_changed: The list of Scheme.
    """

    bands_changed = Signal(bool)
    comparison_changed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Show")
        self.bands = Switch(theme)
        self.bands.setAccessibleName("Boundaries")
        self.bands.setToolTip("Bands from bound to bound: what lies in one goes to the level within it.")
        self.bands.setChecked(True)
        self.compare = CompareField(theme)
        self.add_row(label("Boundaries", "label"), side_by_side(self.bands))
        self.add_row(label("Compare", "label"), self.compare)
        self.bands.toggled.connect(self.bands_changed)
        self.compare.changed.connect(self.comparison_changed)


class CompareField(QPushButton):
    """A field that opens a list of formats to tick.

    Signals:
        changed: The list of Scheme that are ticked.
    """

    changed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setProperty("kind", "field")
        self.setAutoDefault(False)
        self.list = _StayingMenu(self)
        self.actions_by_scheme: dict[Scheme, QAction] = {}
        for scheme in comparable():
            action = self.list.addAction(title_of(scheme))
            action.setCheckable(True)
            action.setChecked(scheme in default_comparison())
            action.toggled.connect(self._tell)
            self.actions_by_scheme[scheme] = action
        self.clicked.connect(self._open)
        self._say()

    @property
    def schemes(self) -> list[Scheme]:
        """Those that are ticked, in the blocks they have by default."""
        return [scheme for scheme, action in self.actions_by_scheme.items() if action.isChecked()]

    def _open(self) -> None:
        self.list.setMinimumWidth(self.width())
        self.list.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _tell(self) -> None:
        self._say()
        self.changed.emit(self.schemes)

    def _say(self) -> None:
        count = len(self.schemes)
        self.setText(f"{count} format{'s' * (count != 1)}" if count else "The chosen one")
        self.setAccessibleName(f"Compare: {self.text()}")

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_caret(painter, self, self._theme)


class _StayingMenu(QMenu):
    """Ticks without closing; Escape or a click elsewhere closes it."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        action = self.actionAt(event.position().toPoint())
        if action is not None:
            action.trigger()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        action = self.activeAction()
        if action is not None and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            action.trigger()
        else:
            super().keyPressEvent(event)


def _saving_in_words(scheme: Scheme) -> str:
    """ "4.5 to 4.127 bits", of a tensor without end."""
    plain = scheme.bits + 32 / scheme.block_size
    doubled = scheme.bits + 8 / scheme.block_size + 32 / (scheme.block_size * 256)
    return f"{_bits(plain)} to {_bits(doubled)} bits"


def _bits(bits: float) -> str:
    return f"{bits:.3f}".rstrip("0").rstrip(".")
