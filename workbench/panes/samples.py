"""The sample prompts: what the base model answered beside what the tuned one answers."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent, QTextCharFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QMenu, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from workbench.core.history import History
from workbench.panes.cards import Card, Tag
from workbench.panes.controls import ElidedLabel, icon_button, label
from workbench.panes.sample_book import Asked, SampleBook, Stage, scores_in_words, verdict
from workbench.panes.theme import Theme

# A text view lays out what it holds; longer answers are told as cut.
LONGEST_SHOWN = 20_000
CHIP_WIDTH = 62
TALL_BLOCK = 150
EARLIER = "…"
NOTHING_YET = "The prompts are answered before training, and then again as the recipe says."


class QuietText(QPlainTextEdit):
    """A text to read, select and copy, without a frame; it scrolls where it does not fit."""

    def __init__(self, theme: Theme, name: str, *, mono: bool) -> None:
        super().__init__()
        self._theme = theme
        self._mono = mono
        self._shown: tuple[str, str] | None = None
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.setMinimumHeight(theme.px(30))
        self._restyle()
        theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        ring = self._theme.color("focus.ring").name()
        size = self._theme.size("font.small" if self._mono else "font.body")
        self.setStyleSheet(
            f"QPlainTextEdit {{ background: transparent; border: none; padding: 2px; min-height: 0; "
            f"font-size: {size}px; }}"
            f"QPlainTextEdit:focus {{ border: 2px solid {ring}; border-radius: 4px; padding: 0; }}"
        )
        self.setFont(self._theme.font("small" if self._mono else "body", mono=self._mono))
        if self._shown is not None:
            self._write(*self._shown)

    def show_text(self, text: str, beside: str = "") -> None:
        """Shows a text, and a quieter one below it."""
        if len(text) > LONGEST_SHOWN:
            text = f"{text[:LONGEST_SHOWN]}… ({len(text)} characters)"
        if self._shown != (text, beside):
            self._shown = (text, beside)
            self._write(text, beside)

    def _write(self, text: str, beside: str) -> None:
        self.setPlainText(text)
        if beside:
            quiet = QTextCharFormat()
            quiet.setForeground(self._theme.color("text.tertiary"))
            cursor = QTextCursor(self.document())
            cursor.movePosition(QTextCursor.MoveOperation.End)
            cursor.insertText("\n" + beside if text else beside, quiet)


class Column(QWidget):
    """A text under its name, with the verdict on it and a bar in its model's colour."""

    def __init__(self, theme: Theme, name: str, color: str = "") -> None:
        super().__init__()
        self._theme = theme
        self._color = color
        self.name = label(name, "small")
        self.tag = Tag(theme)
        self.text = QuietText(theme, name, mono=bool(color))
        head = QHBoxLayout()
        head.setSpacing(theme.px(8))
        head.setContentsMargins(2, 0, 0, 0)
        head.addWidget(self.name)
        head.addWidget(self.tag)
        head.addStretch(1)
        layout = self._layout = QVBoxLayout(self)
        layout.setSpacing(theme.px(2))
        layout.addLayout(head)
        layout.addWidget(self.text, 1)
        self._restyle()
        theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        self._layout.setContentsMargins(self._theme.px(11) if self._color else 0, 0, 0, 0)
        self.name.setMinimumHeight(self._theme.px(20))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._color:
            painter = QPainter(self)
            painter.fillRect(QRectF(0, 0, self._theme.px(3), self.height()), self._theme.color(self._color))


class SampleBlock(QWidget):
    """One prompt: side by side where there is width, one below the other where there is none."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.prompt = Column(theme, "Prompt")
        self.base = Column(theme, "Base", "curves.base")
        self.tuned = Column(theme, "Tuned", "curves.tuned")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self.set_stacked(False)

    def set_stacked(self, is_stacked: bool) -> None:
        for column in (self.prompt, self.base, self.tuned):
            self._grid.removeWidget(column)
        self.prompt.name.setVisible(not is_stacked)
        for place, column in enumerate((self.prompt, self.base, self.tuned)):
            row, across = (place, 0) if is_stacked else (0, place)
            self._grid.addWidget(column, row, across)
            self._grid.setColumnStretch(place, (1, 0, 0)[place] if is_stacked else (5, 6, 6)[place])
            self._grid.setRowStretch(place, (3, 4, 5)[place] if is_stacked else (1, 0, 0)[place])
        self._grid.setHorizontalSpacing(self._theme.px(14))
        self._grid.setVerticalSpacing(self._theme.px(6))

    def show_sample(self, asked: Asked, first: Stage, chosen: Stage) -> None:
        base, tuned = asked.answers.get(first), asked.answers.get(chosen)
        is_trained = chosen.step > 0 or chosen.is_after
        is_right = is_trained and tuned is not None and verdict(tuned, asked.expected)[1] == "success"
        expected = "" if asked.expected is None or is_right else f"Expected: {asked.expected}"
        self.prompt.text.show_text(asked.prompt, expected)
        has_base = base is not None and not first.step and not first.is_after
        self._show(self.base, base if has_base else None, asked, "Not answered before training.")
        self._show(
            self.tuned, tuned if is_trained else None, asked, "Not trained yet." if not is_trained else "No answer."
        )

    def _show(self, column: Column, answer: str | None, asked: Asked, otherwise: str) -> None:
        if answer is None:
            column.text.show_text("", otherwise)
            column.tag.show_state("", "none")
            return
        column.text.show_text(answer, "" if answer.strip() else "An empty answer.")
        column.tag.show_state(*verdict(answer, asked.expected))


class Chip(QToolButton):
    """A moment at which prompts were answered, or the earlier ones that have no room."""

    def __init__(self) -> None:
        super().__init__()
        self.stages: list[Stage] = []
        self.setProperty("role", "chip")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_stages(self, stages: list[Stage], words: str, name: str, *, is_chosen: bool) -> None:
        self.stages = stages
        self.setCheckable(words != EARLIER)
        self.setChecked(is_chosen)
        self.setText(words)
        self.setAccessibleName(name)
        self.setToolTip(name)


class SamplesCard(Card):
    """Pages through the prompts, and through the moments at which they were answered."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Samples")
        self.book = SampleBook()
        self._seen: tuple[History | None, int, int] = (None, 0, 0)
        self._place = 0
        self._chosen: Stage | None = None  # None follows the newest
        self._is_stacked = False
        self.chips: list[Chip] = []
        self._chip_line = QHBoxLayout()
        self._chip_line.setSpacing(theme.px(3))
        chips = QWidget()
        chips.setLayout(self._chip_line)
        self._chip_line.setContentsMargins(0, 0, 0, 0)
        self.before = icon_button("The sample before", theme, "caret-left")
        self.after = icon_button("The next sample", theme, "caret-right")
        self.before.clicked.connect(lambda: self.turn(-1))
        self.after.clicked.connect(lambda: self.turn(1))
        for widget in (chips, self.before, self.after):
            self.add_to_head(widget)
        self.quiet = label(NOTHING_YET, "sentence", wraps=True)
        self.blocks = [SampleBlock(theme), SampleBlock(theme)]
        self.scores = ElidedLabel("", "fact", Qt.TextElideMode.ElideRight)
        self.body.setContentsMargins(theme.size("size.card_padding"), 0, theme.px(8), theme.px(8))
        self.body.setSpacing(theme.px(4))
        self.body.addWidget(self.quiet)
        for block in self.blocks:
            self.body.addWidget(block, 1)
        self.body.addWidget(self.scores)
        self._show()

    # -- what is shown ------------------------------------------------------------------------------------------------

    def set_stacked(self, is_stacked: bool) -> None:
        """One below the other, for a narrow column."""
        if is_stacked != self._is_stacked:
            self._is_stacked = is_stacked
            for block in self.blocks:
                block.set_stacked(is_stacked)
            self._show()

    def refresh(self, history: History) -> None:
        seen = (history, len(history.samples) + len(history.scores), history.rewrites)
        if seen == self._seen:
            return
        if history is not self._seen[0]:
            self._place, self._chosen = 0, None
        self._seen = seen
        self.book = SampleBook(history.samples)
        if self._chosen not in self.book.stages:
            self._chosen = None
        whole, groups = scores_in_words(history.scores)
        self.scores.set_text(f"{whole}. {groups}" if groups else whole)
        self.scores.setVisible(bool(whole))
        self._show()

    @property
    def place(self) -> int:
        return self._place

    def turn(self, by: int) -> None:
        """Shows an earlier or a later prompt."""
        self._place += by
        self._show()

    def choose(self, stage: Stage) -> None:
        """Shows the answers of a moment; the newest one is followed from then on."""
        stages = self._stages()
        self._chosen = None if stages and stage == stages[-1] else stage
        self._show()

    def _stages(self) -> list[Stage]:
        is_scored = bool(self.book.asked) and self.book.asked[self._place].is_scored
        return self.book.stages_of(is_scored=is_scored)

    def _stage(self, stages: list[Stage]) -> Stage:
        return self._chosen if self._chosen in stages else stages[-1]

    def _show(self) -> None:
        asked = self.book.asked
        self._place = min(max(0, self._place), max(0, len(asked) - 1))
        self.title.setText(self.book.name(self._place) if asked else "Samples")
        self.quiet.setVisible(not asked)
        self.before.setEnabled(self._place > 0)
        self.after.setEnabled(self._place + 1 < len(asked))
        for button in (self.before, self.after):
            button.setVisible(bool(asked))
        count = 2 if self._is_stacked and self.height() >= 2 * self.theme.px(TALL_BLOCK) else 1
        stages = self._stages() if asked else []
        for offset, block in enumerate(self.blocks):
            place = self._place + offset
            is_there = offset < count and place < len(asked) and bool(stages)
            if is_there and asked[place].is_scored == asked[self._place].is_scored:
                block.show_sample(asked[place], stages[0], self._stage(stages))
                block.show()
            else:
                block.hide()
        self._show_chips(stages)

    def _show_chips(self, stages: list[Stage]) -> None:
        room = self.width() - self.theme.px(250 if not self._is_stacked else 210)
        most = max(1, room // self.theme.px(CHIP_WIDTH))
        shown = stages[-most:]
        chosen = self._stage(stages) if stages else None
        if chosen is not None and chosen not in shown:
            shown = [chosen, *shown[1:]]
        hidden = [stage for stage in stages if stage not in shown]
        wanted = len(shown) + bool(hidden)
        while len(self.chips) < wanted:
            chip = Chip()
            chip.clicked.connect(lambda _checked=False, chip=chip: self._pressed(chip))
            self._chip_line.addWidget(chip)
            self.chips.append(chip)
        for chip in self.chips[wanted:]:
            chip.hide()
        is_scored = bool(self.book.asked) and self.book.asked[self._place].is_scored
        groups = ([hidden] if hidden else []) + [[stage] for stage in shown]
        for chip, stages in zip(self.chips, groups, strict=False):
            if stages is hidden:
                chip.show_stages(stages, EARLIER, "Earlier moments", is_chosen=False)
            else:
                is_chosen = stages[0] == chosen
                words, name = self._chip_words(stages[0], is_scored, is_chosen=is_chosen)
                chip.show_stages(stages, words, name, is_chosen=is_chosen)
            chip.show()

    def _chip_words(self, stage: Stage, is_scored: bool, *, is_chosen: bool) -> tuple[str, str]:
        right, known = self.book.count(stage, is_scored=is_scored)
        short = f"step {stage.words}" if is_chosen and not stage.is_after else stage.words
        where = "after training" if stage.is_after else f"at step {stage.words}" if stage.step else "before training"
        counted = f"  {right}/{known}" if known else ""
        return short + counted, f"The answers {where}" + (f", {right} of {known} right" if known else "")

    def _pressed(self, chip: Chip) -> None:
        if chip.isCheckable():
            self.choose(chip.stages[0])
            return
        menu = QMenu(chip)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        is_scored = self.book.asked[self._place].is_scored
        for stage in chip.stages:
            _, name = self._chip_words(stage, is_scored, is_chosen=False)
            menu.addAction(name).triggered.connect(lambda _checked=False, stage=stage: self.choose(stage))
        menu.popup(chip.mapToGlobal(chip.rect().bottomLeft()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show()
