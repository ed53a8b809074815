"""What is chosen for a whole model: the model, the formats, and the blocks of those that have a choice."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QToolButton, QWidget

from workbench.core.job.study_kinds import LayersRequest
from workbench.core.quantized.matrix_errors import schemes_with
from workbench.core.units import grouped
from workbench.numerics.blockwise import BLOCK_SIZES
from workbench.numerics.quantization_scheme import SCHEMES, WITH_BLOCKS, Grouping, Scheme
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import Switch, label, set_least_width
from workbench.panes.parts.fields import side_by_side
from workbench.panes.parts.page import FormColumn, FormGroup
from workbench.panes.parts.slider import Slider
from workbench.panes.parts.study_form import StudyForm

AT_FIRST = ("nf4", "fp4", "int8")
# Down the first column, then the second: blocks first.
ORDER = sorted(SCHEMES, key=lambda name: SCHEMES[name].grouping is not Grouping.BLOCK)
LINES = -(-len(ORDER) // 2)


class WholeForm(StudyForm):
    """Fields that tell what was chosen; what follows from it is the view's.

    Signals:
        formats_changed: Other formats, another block size, or double quantization.
    """

    formats_changed = Signal()

    def __init__(self, theme: Theme, form: FormColumn) -> None:
        super().__init__(theme, form, "Model", "Quantize")
        self.formats = FormGroup(theme, "Formats")
        self.chips: dict[str, QToolButton] = {}
        self.formats.add_wide(self._made_chips())
        self.blocks = FormGroup(theme, "Blocks", f"of {', '.join(scheme.short_title for scheme in WITH_BLOCKS)}")
        self.block_size = Slider(theme, "Block size")
        self.block_size.setRange(0, len(BLOCK_SIZES) - 1)
        self.block_size.setPageStep(1)
        self.block_size.setValue(BLOCK_SIZES.index(64))
        self.size_words = label("", "medium")
        self.size_words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.double_quant = Switch(theme)
        self.double_quant.setAccessibleName("Double quantization")
        self.saving = label("", "fact")
        self.blocks.add_row(
            label("Block size", "label"), side_by_side(self.block_size, self.size_words, stretches=True)
        )
        self.blocks.add_row(label("Double quant.", "label"), side_by_side(self.double_quant, self.saving))
        self._add_groups(form, self.source, self.formats, self.blocks)
        self.block_size.valueChanged.connect(lambda _value: self._tell())
        self.double_quant.toggled.connect(lambda _is_on: self._tell())
        theme.changed.connect(self._restyle)
        self._say()

    def _made_chips(self) -> QWidget:
        made = QWidget()
        lines = QGridLayout(made)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(4)
        for place, name in enumerate(ORDER):
            chip = QToolButton()
            chip.setText(SCHEMES[name].label)
            chip.setProperty("role", "chip")
            chip.setCheckable(True)
            chip.setChecked(name in AT_FIRST)
            chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            chip.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            chip.setToolTip(SCHEMES[name].title)
            chip.setAccessibleName(SCHEMES[name].title)
            chip.toggled.connect(lambda _is_on: self._tell())
            self.chips[name] = chip
            lines.addWidget(chip, place % LINES, place // LINES)
        lines.setColumnStretch(0, 1)
        lines.setColumnStretch(1, 1)
        return made

    # -- what was chosen ----------------------------------------------------------------------------------------------

    @property
    def names(self) -> list[str]:
        return [name for name, chip in self.chips.items() if chip.isChecked()]

    @property
    def size(self) -> int:
        return BLOCK_SIZES[self.block_size.value()]

    @property
    def schemes(self) -> list[Scheme]:
        return schemes_with(self.names, self.size, double_quant=self.double_quant.isChecked())

    def request(self) -> LayersRequest | None:
        """What would be started; None where a model or a format is missing."""
        path = self.model.path
        if path is None or not self.names:
            return None
        return LayersRequest(
            model=str(path),
            formats=tuple(self.names),
            block_size=self.size,
            double_quant=self.double_quant.isChecked(),
        )

    def show_request(self, request: LayersRequest) -> None:
        """Shows what a study was asked, without telling it; formats of another version are left out."""
        fields = (*self.chips.values(), self.block_size, self.double_quant)
        before = [field.blockSignals(True) for field in fields]
        for name, chip in self.chips.items():
            chip.setChecked(name in request.formats)
        if request.block_size in BLOCK_SIZES:
            self.block_size.setValue(BLOCK_SIZES.index(request.block_size))
        self.double_quant.setChecked(request.double_quant)
        for field, was in zip(fields, before, strict=True):
            field.blockSignals(was)
        self._say()

    def show_busy(self, is_busy: bool, *, is_cancelling: bool = False) -> None:
        super().show_busy(is_busy, is_cancelling=is_cancelling)
        for field in (self.model, *self.chips.values()):
            field.setEnabled(not is_busy)
        self._say(is_busy=is_busy)

    # -- hands --------------------------------------------------------------------------------------------------------

    def _tell(self) -> None:
        self._say()
        self.formats_changed.emit()

    def _say(self, *, is_busy: bool = False) -> None:
        count = len(self.names)
        self.formats.fact.setText(f"{count} chosen")
        has_choice = any(SCHEMES[name].has_choice_of_blocks for name in self.names)
        for field in (self.block_size, self.double_quant):
            field.setEnabled(has_choice and not is_busy)
        self.size_words.setText(grouped(self.size))
        plain, doubled = 32 / self.size, 8 / self.size + 32 / (self.size * 256)
        self.saving.setText(f"saves {plain - doubled:.3f} bits a weight")
        self._restyle()

    def _restyle(self) -> None:
        theme = self._theme
        set_least_width(self.size_words, theme.px(44))
        side = theme.px(12)
        for chip in self.chips.values():
            chip.setIcon(theme.icon("check", "accent.line") if chip.isChecked() else QIcon())
            chip.setIconSize(QSize(side, side) if chip.isChecked() else QSize(0, 0))
            chip.setMinimumHeight(theme.px(27))
