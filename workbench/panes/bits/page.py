"""The Bits page: one value in every format, and every bit alive."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.core.bits.state import BitsState
from workbench.core.problems import UserError, shortened
from workbench.panes.bits.conversions.conversions import ConversionsView
from workbench.panes.bits.line.line import NumberLineCard
from workbench.panes.bits.quiz.quiz import QuizView
from workbench.panes.bits.rows.formats import RowsDialog
from workbench.panes.bits.rows.table import BitsTable
from workbench.panes.bits.shown.model import BitsModel
from workbench.panes.bits.value import ValueBar
from workbench.panes.bits.weight.weight import WeightView
from workbench.panes.bits.worked.worked import WorkedCard
from workbench.panes.charts.picture_files import ask_for_picture, copy_picture
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import Segmented, button
from workbench.panes.parts.lab_view import Views
from workbench.panes.parts.page import Page

# The cards below the table keep this height, in pixels of the drawing; the table scrolls where there is less for it.
CARDS_HEIGHT = 294
# One card alone, as wide as the page, has its facts beside the workings.
ONE_CARD_HEIGHT, ONE_CARD_WIDTH = 240, 780
LEAST_CARD_WIDTH = 420
LEAST_ROWS = 3.5  # half a row says that there are more
MOST_ROW_EXTRA = 8
ROOMY_WIDTH, ROOMY_HEIGHT = 1500, 880  # from here on the rows are written larger
MARGIN = 16


class BitsView(QWidget):
    """The bar, the table, and the cards of the selected row below it: both, or one where there is no room for two."""

    def __init__(self, theme: Theme, model: BitsModel) -> None:
        super().__init__()
        self._theme = theme
        self._model = model
        self.bar = ValueBar(theme, model)
        self.table = BitsTable(theme, model)
        self.worked = WorkedCard(theme, model)
        self.line = NumberLineCard(theme, model)
        self.cards = Segmented((("worked", "Worked out"), ("line", "Number line")), "Card")
        self.cards.set_value("worked")
        self.cards.chosen.connect(self._show_cards)
        self.bar.below.addWidget(self.cards)
        self._cards = in_row((self.worked, 1), (self.line, 1))
        self._layout = in_column(self.bar, self.table, (self._cards, 1), of=self)
        self.table.copied.connect(self.say_copied)
        model.changed.connect(self._fit_to_rows)
        theme.changed.connect(self._restyle)
        self._row_count = 0
        self._restyle()

    def say_copied(self, text: str) -> None:
        self.bar.words.say(f"Copied: {shortened(text.replace(chr(9), '  '), 120)}")

    def minimumSizeHint(self) -> QSize:
        """With one card and a few rows: what it is at the moment may be more."""
        margins, gaps = self._layout.contentsMargins(), 2 * self._layout.spacing()
        cards = (self.worked.minimumSizeHint(), self.line.minimumSizeHint())
        width = max(self.bar.minimumSizeHint().width(), *(hint.width() for hint in cards))
        height = self.bar.sizeHint().height() + self._least_table() + max(hint.height() for hint in cards) + gaps
        return QSize(width + margins.left() + margins.right(), height + margins.top() + margins.bottom())

    def _restyle(self) -> None:
        px = self._theme.px
        self._layout.setContentsMargins(px(MARGIN), px(9), px(MARGIN), px(10))
        self._layout.setSpacing(px(7))
        self._cards.setSpacing(self._theme.size("space.card_gap"))
        self._fit()

    def _fit_to_rows(self) -> None:
        if len(self._model.rows) != self._row_count:
            self._fit()

    def _least_table(self) -> int:
        """The head and a few rows of one line each."""
        row = self._theme.size("size.bit_height") + self._theme.px(7)
        return self.table.head.sizeHint().height() + round(row * min(LEAST_ROWS, len(self._model.rows)))

    def _fit(self) -> None:
        """The table is as high as its rows, unless the cards would be left with too little."""
        self._show_cards()  # the bar is higher with the choice between them
        self._row_count = len(self._model.rows)
        px = self._theme.px
        self.table.set_roomy(self.width() >= px(ROOMY_WIDTH) and self.height() >= px(ROOMY_HEIGHT))
        margins = self._layout.contentsMargins()
        room = self.height() - margins.top() - margins.bottom() - 2 * self._layout.spacing()
        is_flat = self._has_one_card() and self.width() >= px(ONE_CARD_WIDTH)
        room -= self.bar.sizeHint().height() + px(ONE_CARD_HEIGHT if is_flat else CARDS_HEIGHT)
        natural = self.table.natural_height()
        extra = min(px(MOST_ROW_EXTRA), max(0, room - natural) // 2 // max(1, self._row_count))
        self.table.set_row_extra(extra)
        self.table.setFixedHeight(min(natural + extra * self._row_count, max(self._least_table(), room)))
        self.table.show_selected_soon()

    def _has_one_card(self) -> bool:
        """Whether half of the width is too little for a card."""
        px = self._theme.px
        return self.width() - 2 * px(MARGIN) - self._cards.spacing() < 2 * px(LEAST_CARD_WIDTH)

    def _show_cards(self) -> None:
        is_one = self._has_one_card()
        self.cards.setVisible(is_one)
        self.worked.setVisible(not is_one or self.cards.value() == "worked")
        self.line.setVisible(not is_one or self.cards.value() == "line")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()


class BitsPage(Page):
    """One value in every format, a quiz about it, and the values of a real model."""

    sentence = "One value in every format: what is stored, and what is lost."

    def __init__(self, theme: Theme, model: BitsModel | None = None) -> None:
        super().__init__(theme, has_form=False)
        self.model = model or BitsModel()
        self.view = BitsView(theme, self.model)
        self.conversions = ConversionsView(theme, self.model)
        self.weight = WeightView(theme, self.model)
        self.quiz = QuizView(theme, self.model)
        self.stack = Views()
        self._padding: list[QVBoxLayout] = []
        self._holders: dict[QWidget, QWidget] = {
            self.view: self.view,
            self.conversions: self.conversions,
            self.weight: self._padded(self.weight),
            self.quiz: self._padded(self.quiz),
        }
        for holder in self._holders.values():
            self.stack.addWidget(holder)
        in_column(self.stack, of=self.picture)
        self.quiz_button = button("Quiz", theme, "student", "flat")
        self.weight_button = button("A real weight", theme, "dots-nine")
        self.save_button = button("Save picture", theme, "image")
        for made in (self.quiz_button, self.weight_button, self.save_button):
            self.header.add(made)
        for made, view in ((self.quiz_button, self.quiz), (self.weight_button, self.weight)):
            made.setCheckable(True)
            made.clicked.connect(lambda is_on, view=view: self.show_view(view if is_on else self.view))
        for closed in (self.quiz.closed, self.weight.closed, self.conversions.closed):
            closed.connect(self._close_view)
        self.view.worked.conversions_wanted.connect(lambda: self.show_view(self.conversions))
        self.save_button.clicked.connect(self.save_picture)
        self._add_actions()

    def show_view(self, view: QWidget) -> None:
        """Puts the rows, the quiz, the conversions or the real weight into the page."""
        self.stack.setCurrentWidget(self._holders[view])
        self.quiz_button.setChecked(view is self.quiz)
        self.weight_button.setChecked(view is self.weight)
        self._ordering.start()

    def _padded(self, view: QWidget) -> QWidget:
        """Between the edges that the table has."""
        holder = QWidget()
        layout = in_column(view, of=holder)
        self._padding.append(layout)
        return holder

    def arranged(self) -> None:
        px = self.theme.px
        for layout in self._padding:
            layout.setContentsMargins(px(MARGIN), px(10), px(MARGIN), px(10))

    def _close_view(self) -> None:
        self.show_view(self.view)
        self.view.bar.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def shown_first(self) -> None:
        self.view.bar.field.setFocus(Qt.FocusReason.OtherFocusReason)
        self.view.bar.field.selectAll()

    # -- the whole page -----------------------------------------------------------------------------------------------

    def _add_actions(self) -> None:
        menu, model = self.view.bar.menu, self.model
        for words, act, keys in (
            ("Copy this page as a line of text", self.copy_state, "Ctrl+Shift+C"),
            ("Paste such a line", self.paste_state, "Ctrl+Shift+V"),
            ("Copy as a picture", self.copy_picture, ""),
            ("", None, ""),
            ("Choose rows…", self.choose_rows, "Ctrl+R"),
            ("Undo", model.undo, "Ctrl+Z"),
            ("Redo", model.redo, "Ctrl+Shift+Z"),
        ):
            if act is None:
                menu.addSeparator()
                continue
            action = menu.addAction(words)
            action.triggered.connect(lambda _checked=False, act=act: act())
            if keys:
                action.setShortcut(QKeySequence(keys))
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                self.addAction(action)
        menu.aboutToShow.connect(self._refresh_menu)
        self.actions_by_words = {action.text(): action for action in menu.actions() if action.text()}
        to_value = QShortcut(QKeySequence("Ctrl+L"), self)
        to_value.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        to_value.activated.connect(self.shown_first)
        self.view.table.head.rows_button.clicked.connect(self.choose_rows)

    def _refresh_menu(self) -> None:
        self.actions_by_words["Undo"].setEnabled(self.model.can_undo)
        self.actions_by_words["Redo"].setEnabled(self.model.can_redo)

    def copy_state(self) -> None:
        """Puts the value, the rows and the locks on the clipboard, as a line that the command line takes too."""
        QGuiApplication.clipboard().setText(self.model.state().to_text())
        self.view.bar.words.say("Copied: this page as one line of text. Paste it into the value field, or send it.")

    def paste_state(self) -> None:
        text = QGuiApplication.clipboard().text().strip()
        try:
            self.model.set_state(BitsState.from_text(text))
        except UserError as error:
            self.view.bar.words.say(str(error))
        else:
            self.view.bar.words.say("Pasted: value, rows and locks are those of the line. Undo brings yours back.")

    def copy_picture(self) -> None:
        copy_picture(self._shown_view(), self.theme)
        self.view.bar.words.say("Copied: the page as a picture.")

    def save_picture(self) -> None:
        """Asks for a file and writes what the page shows, as PNG or SVG."""
        ask_for_picture(self._shown_view(), self.theme, self.view.bar.words.say, "Bits")

    def _shown_view(self) -> QWidget:
        return self.stack.currentWidget() or self.view

    def choose_rows(self) -> None:
        RowsDialog(self.theme, self.model, self).open()
