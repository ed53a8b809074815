"""The bar of the Bits page: the value, and how it is rounded."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFontMetrics, QKeyEvent, QKeySequence, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QToolButton, QWidget

from workbench.core.bits.state import WORD, BitsState
from workbench.core.problems import UserError
from workbench.numerics.rounding import Rounding
from workbench.panes.bits.chips import HEIGHT, Chips
from workbench.panes.bits.shown.model import BitsModel
from workbench.panes.bits.shown.presets import PRESETS, Preset
from workbench.panes.bits.words_line import HINT, WordsLine
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import icon_button
from workbench.panes.parts.fields import ChoiceBox

WORDS_FOR_ROUNDING = {
    Rounding.NEAREST_EVEN: "To the nearer neighbour; a tie goes to the even code. What hardware does.",
    Rounding.NEAREST_AWAY: "To the nearer neighbour; a tie goes away from zero, as at school.",
    Rounding.TOWARD_ZERO: "Cuts off what does not fit.",
    Rounding.UP: "To the neighbour above.",
    Rounding.DOWN: "To the neighbour below.",
    Rounding.STOCHASTIC: "By chance: the nearer a neighbour, the likelier. On average nothing is lost.",
}


class ValueField(QLineEdit):
    """The value as text; what cannot be read changes nothing but this field."""

    def __init__(self, theme: Theme, model: BitsModel) -> None:
        super().__init__()
        self._theme = theme
        self._model = model
        self._fact = QLabel("value", self)
        self._fact.setProperty("role", "fact")
        self.setAccessibleName("Value")
        self.setMaxLength(100_000)  # a pasted text is refused with a sentence, not cut
        self.textEdited.connect(self._edited)
        self.returnPressed.connect(self.selectAll)
        model.changed.connect(self.refresh)
        theme.follow(self._restyle)
        self.refresh()

    def _restyle(self) -> None:
        self.setFont(self._theme.font("equation", mono=True))
        self.setFixedHeight(self._theme.px(HEIGHT))
        self.setTextMargins(0, 0, self._fact.sizeHint().width() + self._theme.px(6), 0)
        self._place()

    def _place(self) -> None:
        hint = self._fact.sizeHint()
        left, top = self.width() - hint.width() - self._theme.px(12), (self.height() - hint.height()) // 2
        self._fact.setGeometry(left, top, hint.width(), hint.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._restyle()

    def refresh(self) -> None:
        if self.text() != self._model.text:
            self.setText(self._model.text)
            self.setCursorPosition(len(self._model.text) if self.hasFocus() else 0)
        state = "danger" if self._model.problem else ""
        if self.property("state") != state:
            polish(self, state=state)
        self.setAccessibleDescription(self._model.problem or HINT)

    def _edited(self, text: str) -> None:
        if text.split()[:1] == [WORD]:
            try:
                self._model.set_state(BitsState.from_text(text.strip()))
            except UserError as error:
                self._model.refuse(text, str(error))
            return
        self._model.set_text(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys, model = Qt.Key, self._model
        if event.matches(QKeySequence.StandardKey.Undo):
            model.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            model.redo()
        elif event.key() in (keys.Key_Up, keys.Key_Down) and not event.modifiers():
            model.shift(model.selected, 1 if event.key() == keys.Key_Up else -1)
        elif event.key() == keys.Key_Escape and model.problem:
            model.drop_problem()
        else:
            super().keyPressEvent(event)


class RoundingBox(ChoiceBox):
    """How the value is rounded, with the word for it inside."""

    def __init__(self, theme: Theme, model: BitsModel) -> None:
        super().__init__(theme)
        self._model = model
        self._word = QLabel("Round", self)
        self._word.setProperty("role", "fact")
        for rounding in Rounding:
            self.addItem(rounding.value.capitalize(), rounding)
            self.setItemData(self.count() - 1, WORDS_FOR_ROUNDING[rounding], Qt.ItemDataRole.ToolTipRole)
        self.setAccessibleName("Rounding")
        self.activated.connect(lambda index: model.set_rounding(Rounding(self.itemData(index))))
        model.changed.connect(self.refresh)
        theme.follow(self._restyle)
        self.refresh()

    def _restyle(self) -> None:
        px, hint = self._theme.px, self._word.sizeHint()
        left = px(11) + hint.width() + px(7)
        self.setStyleSheet(f"ChoiceBox {{ padding-left: {left}px; }} ChoiceBox:focus {{ padding-left: {left - 1}px; }}")
        self.setFixedHeight(px(HEIGHT))
        metrics = QFontMetrics(self._theme.font("body"))
        widest = max(metrics.horizontalAdvance(self.itemText(index)) for index in range(self.count()))
        self.setFixedWidth(left + widest + px(34))
        self._word.setGeometry(px(12), (self.height() - hint.height()) // 2, hint.width(), hint.height())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._restyle()

    def refresh(self) -> None:
        self.setCurrentIndex(list(Rounding).index(self._model.rounding))
        self.setToolTip(WORDS_FOR_ROUNDING[self._model.rounding])


class ValueBar(QWidget):
    """All of it; `menu` has every preset, and what concerns the page as a whole is added to it by the page."""

    def __init__(self, theme: Theme, model: BitsModel) -> None:
        super().__init__()
        self._theme = theme
        self._model = model
        self.field = ValueField(theme, model)
        self.rounding = RoundingBox(theme, model)
        self.again = icon_button("Draw the chance anew", theme, "arrow-clockwise")
        self.again.clicked.connect(lambda: model.set_seed(model.seed + 1))
        self.saturate = QToolButton()
        self.saturate.setText("Saturate")
        self.saturate.setProperty("role", "chip")
        self.saturate.setCheckable(True)
        self.saturate.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.saturate.setToolTip("What is too large becomes the largest value, and not infinity or NaN")
        self.saturate.clicked.connect(model.set_saturate)
        self.chips = Chips(theme, model)
        self.chips.taken.connect(self.show_preset)
        self.more = icon_button("More values, rows, and this page as one line of text", theme, "dots-three")
        self.menu = QMenu(self)
        self.menu.setToolTipsVisible(True)
        self.presets: list[QAction] = []
        for preset in PRESETS:
            action = self.menu.addAction(preset.chip)
            action.setToolTip(preset.sentence)
            action.triggered.connect(lambda _checked=False, preset=preset: self.show_preset(preset))
            self.presets.append(action)
        self.menu.addSeparator()
        self.more.clicked.connect(lambda: self.menu.popup(self.more.mapToGlobal(self.more.rect().bottomLeft())))
        self.words = WordsLine(theme, model)
        self._line = in_row(self.field, self.rounding, self.again, self.saturate, (self.chips, 1), self.more, gap=10)
        self.below = in_row((self.words, 1), gap=10)
        in_column(self._line, self.below, gap=4, of=self)
        model.changed.connect(self._refresh)
        theme.follow(self._restyle)
        self._refresh()

    def show_preset(self, preset: Preset) -> None:
        """Shows a preset in the row where there is something to see."""
        names = [format_.name for format_ in self._model.formats]
        if preset.format in names:
            self._model.select(names.index(preset.format))
        self._model.set_text(preset.text)

    def _refresh(self) -> None:
        self.again.setVisible(self._model.rounding is Rounding.STOCHASTIC)
        self.saturate.setChecked(self._model.saturate)

    def _restyle(self) -> None:
        self.field.setFixedWidth(self._theme.px(252))
        self.saturate.setFixedHeight(self._theme.px(27))
