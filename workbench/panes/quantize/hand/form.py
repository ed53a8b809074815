"""The By hand view's form: numbers, examples, the method, and why int() is not rounding."""

import math

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QPlainTextEdit, QWidget

from workbench.bridge.timers import once_after
from workbench.core.figures import with_minus
from workbench.core.problems import UserError, in_a_row
from workbench.core.quantized.steps import FORMATS, Share
from workbench.core.units import grouped
from workbench.numerics.blockwise import BLOCK_SIZES
from workbench.numerics.rounding import Rounding
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import Segmented, breakable, label
from workbench.panes.parts.fields import ChoiceBox
from workbench.panes.parts.page import FormColumn, FormGroup
from workbench.panes.parts.slider import Slider
from workbench.panes.quantize.hand.list import PresetList
from workbench.panes.quantize.hand.model import LEAST_CLIP, HandModel
from workbench.panes.quantize.hand.presets import PRESETS
from workbench.panes.quantize.hand.words import ROUNDINGS, TITLES, int_words, short

# Of a longer text the numbers are read when typing pauses.
LONG_TEXT, PAUSE_MILLISECONDS = 2_000, 250
LINES = 2
CLIP_STEPS = 1000
BLOCKS = ("2", "4", "8", "64")
LEVELS = {Rounding.NEAREST_EVEN: "Nearest level", Rounding.TOWARD_ZERO: "Level toward zero"}
ONE_ROW = "A line is a row: of one line, Row is All."


def share_at(place: int) -> float:
    """The share of the largest number at a place of the slider: finer where it is small, for one number far out."""
    return (place / CLIP_STEPS) ** 2


def place_of(share: float) -> int:
    return round(math.sqrt(share) * CLIP_STEPS)


def problem_words(error: UserError) -> str:
    """What is wrong, in a line or two; a reason that points at a character of a word says nothing more."""
    why = "" if error.why.startswith("\u201c") else error.why
    return in_a_row(error.what, why, error.remedy)


class NumbersField(QWidget):
    """Numbers as one types them, and what is wrong with them below.

    Signals:
        typed: The text has changed by hand.
    """

    typed = Signal(str)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.edit = QPlainTextEdit()
        self.edit.setAccessibleName("Numbers")
        self.edit.setAccessibleDescription("Apart by commas or blanks; a line is a row. Fractions such as 1/3 may be.")
        self.edit.setToolTip("Commas or blanks between; fractions such as 1/3 and powers such as 2^-4 are read, too.")
        self.edit.setTabChangesFocus(True)
        self.edit.setPlaceholderText("1.2, -0.5, 1/3")
        self.problem = label("", "problem", wraps=True)
        self.problem.hide()
        in_column(self.edit, self.problem, gap=2, of=self)
        self._pause = once_after(self, PAUSE_MILLISECONDS, lambda: self.typed.emit(self.edit.toPlainText()))
        self.edit.textChanged.connect(self._changed)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self.edit.setFont(self._theme.font("small", mono=True))
        lines = LINES * self.edit.fontMetrics().lineSpacing()
        self.edit.setMaximumHeight(lines + self._theme.px(16))
        edge = self._theme.color("status.danger").name()
        is_wrong = not self.problem.isHidden()
        self.edit.setStyleSheet(f"QPlainTextEdit {{ border-color: {edge}; }}" if is_wrong else "")

    def _changed(self) -> None:
        if len(self.edit.toPlainText()) > LONG_TEXT:
            self._pause.start()
        else:
            self._pause.stop()
            self.typed.emit(self.edit.toPlainText())

    def show_text(self, text: str) -> None:
        """Puts a text there without telling it."""
        self._pause.stop()
        if text != self.edit.toPlainText():
            self.edit.blockSignals(True)
            self.edit.setPlainText(text)
            self.edit.blockSignals(False)

    def say(self, error: UserError | None) -> None:
        words = "" if error is None else problem_words(error)
        self.problem.setText(breakable(words[:300]))
        self.problem.setVisible(bool(words))
        self._restyle()


class SliderRow(QWidget):
    """A slider with its value at the right."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self.slider = Slider(theme, name)
        self.value = label("")
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        in_row((self.slider, 1), self.value, gap=8, of=self)
        theme.follow(self._resize)

    def _resize(self) -> None:
        self.value.setFixedWidth(self._theme.px(48))

    def show_value(self, place: int, text: str) -> None:
        """Puts the knob there without telling it."""
        self.slider.blockSignals(True)
        self.slider.setValue(place)
        self.slider.blockSignals(False)
        self.slider.update()
        self.value.setText(text)
        self.slider.setAccessibleDescription(text)


class HandForm:
    """Fills a column with the groups; what is edited goes to the model, what changes there is shown here."""

    def __init__(self, theme: Theme, model: HandModel, column: FormColumn) -> None:
        self._theme, self._model = theme, model
        self.group = FormGroup(theme, "Numbers")
        self.numbers = NumbersField(theme)
        self.numbers.typed.connect(self._typed)
        self.presets = PresetList(theme, PRESETS)
        self.presets.picked.connect(self._picked)
        self.group.add_wide(self.numbers)
        self.group.add_wide(self.presets)
        column.add_group(self.group)
        self.method = FormGroup(theme, "Method")
        self._build_method()
        column.add_group(self.method)
        self.why = _WhyBox(theme)
        column.add_group(self.why)
        column.end()
        model.changed.connect(self.refresh)
        self.refresh()

    def _build_method(self) -> None:
        theme, model = self._theme, self._model
        self.format = ChoiceBox(theme)
        self.format.setAccessibleName("Format")
        for name in FORMATS:
            self.format.addItem(TITLES[name], name)
        self.format.activated.connect(lambda index: model.set_format(self.format.itemData(index)))
        self.share = Segmented([("all", "All"), ("row", "Row"), ("block", "Block")], "Scale for")
        self.share.setToolTip("The numbers that share one scale: all, those of a line, or a block of consecutive ones.")
        self.share.chosen.connect(model.set_share)
        self.block = Segmented([(size, size) for size in BLOCKS], "Block of")
        self.block.chosen.connect(lambda size: model.set_block_size(int(size)))
        self.share_note = label("", "fact", wraps=True)
        self.rounding = ChoiceBox(theme)
        self.rounding.setAccessibleName("Rounding")
        self.rounding.activated.connect(lambda index: model.set_rounding(Rounding(self.rounding.itemData(index))))
        self.clip = SliderRow(theme, "Clip at")
        self.clip.slider.setRange(place_of(LEAST_CLIP), CLIP_STEPS)
        self.clip.slider.setSingleStep(CLIP_STEPS // 200)
        self.clip.slider.setPageStep(CLIP_STEPS // 10)
        self.clip.slider.setToolTip("What is beyond is held here before there is a scale.")
        self.clip.slider.valueChanged.connect(lambda place: model.set_clip(model.largest * share_at(place)))
        self.zero = SliderRow(theme, "Zero point")
        self.zero.slider.setPageStep(16)
        self.zero.slider.setToolTip("The integer that stands for 0.")
        self.zero.slider.valueChanged.connect(model.set_zero_point)
        self._labels: dict[QWidget, QLabel] = {}
        for words, field in (
            ("Format", self.format),
            ("Scale for", self.share),
            ("Block of", self.block),
            ("", self.share_note),
            ("Rounding", self.rounding),
            ("Clip at", self.clip),
            ("Zero point", self.zero),
        ):
            self._labels[field] = label(words, "label")
            self.method.add_row(self._labels[field], field)

    def _show(self, field: QWidget, is_shown: bool) -> None:
        self._labels[field].setVisible(is_shown)
        field.setVisible(is_shown)

    # -- what is edited -----------------------------------------------------------------------------------------------

    def _typed(self, text: str) -> None:
        try:
            self._model.set_text(text)
        except UserError as error:
            self.numbers.say(error)
        else:
            self.numbers.say(None)

    def _picked(self, name: str) -> None:
        self.numbers.say(None)
        self._model.choose_preset(name)

    # -- what is shown ------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        model, method = self._model, self._model.method
        self.group.fact.setText(grouped(len(model.values)))
        if self.numbers.problem.isHidden():
            self.numbers.show_text(model.text)
        self.presets.show_chosen(model.preset)
        self.format.setCurrentIndex(FORMATS.index(method.format))
        is_fixed = bool(method.fixed_block)
        self.share.setEnabled(not is_fixed)
        self.share.set_value(Share.BLOCK if is_fixed else method.share)
        self._show(self.block, method.share is Share.BLOCK and not is_fixed)
        self.block.set_value(str(method.block_size))
        note = self._share_words()
        self.share_note.setText(note)
        self._show(self.share_note, bool(note))
        self._refresh_rounding()
        share = model.clip / model.largest if model.largest else 1.0
        self.clip.show_value(place_of(share), short(model.clip, 3))
        self.clip.setEnabled(model.largest > 0)
        self._show(self.zero, method.has_zero_point)
        if method.has_zero_point:
            least, most = method.quantizer.integers
            with QSignalBlocker(self.zero.slider):
                self.zero.slider.setRange(least, most)
            self.zero.show_value(min(most, max(least, model.zero_point)), with_minus(model.zero_point))
        self.why.show_words(int_words(model.steps))

    def _refresh_rounding(self) -> None:
        method = self._model.method
        words = ROUNDINGS if method.is_whole else ROUNDINGS | LEVELS
        if method.is_whole and Rounding.NEAREST_AWAY not in method.roundings:  # a tie goes to the lower level
            words = ROUNDINGS | {Rounding.NEAREST_EVEN: "Nearest"}
        choices = [words[rounding] for rounding in method.roundings]
        if [self.rounding.itemText(index) for index in range(self.rounding.count())] != choices:
            self.rounding.clear()
            for rounding in method.roundings:
                self.rounding.addItem(words[rounding], rounding.value)
        self.rounding.setCurrentIndex(method.roundings.index(method.rounding))
        self.rounding.setEnabled(len(choices) > 1)

    def _share_words(self) -> str:
        """What has to be said of rows and blocks as small as these."""
        method = self._model.method
        if method.fixed_block:
            return f"{TITLES[method.format]} has blocks of {method.fixed_block}, and no others."
        if method.share is Share.ROW:
            count = len(self._model.rows)
            return ONE_ROW if count == 1 else f"{grouped(count)} lines are {grouped(count)} rows."
        if method.share is Share.BLOCK and method.scheme.block_size and method.block_size < BLOCK_SIZES[0]:
            return f"For the eye: bitsandbytes takes {method.scheme.block_size}, and none below {BLOCK_SIZES[0]}."
        if method.share is Share.BLOCK and method.scheme.bits == 8:
            return "For the eye: bitsandbytes scales INT8 by rows."
        return ""


class _WhyBox(QFrame):
    """A framed note: its words are of the numbers at hand."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.title = label("Why not int()?", "heading")
        self.words = label("", "small", wraps=True)
        self._layout = in_column(self.title, self.words, of=self)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        px = self._theme.px
        self._layout.setContentsMargins(px(12), px(9), px(12), px(10))
        self._layout.setSpacing(px(3))
        ground, edge = self._theme.color("surface.inset").name(), self._theme.color("border.card").name()
        self.setObjectName("why")
        self.setStyleSheet(f"#why {{ background: {ground}; border: 1px solid {edge}; border-radius: 6px; }}")

    def show_words(self, text: str) -> None:
        self.words.setText(text)
