"""The sample prompts: what the base model answered beside what the tuned one answers."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from workbench.core.job.history import History
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import ElidedLabel, icon_button, label
from workbench.panes.train.live.sample_block import SampleBlock
from workbench.panes.train.live.sample_book import SampleBook, Stage, scores_in_words

TALL_BLOCK = 200
EARLIER = "…"
NOTHING_YET = "The prompts are answered before training, and then again as the recipe says."


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
        self.setMinimumWidth(self.sizeHint().width())
        self.setAccessibleName(name)
        self.setToolTip(name)

    def width_of(self, words: str) -> int:
        """Pixels that a chip with these words takes."""
        self.ensurePolished()
        self.setText(words)
        return self.sizeHint().width()


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
        self.scope.hide()
        self._measure = Chip()
        self._measure.setParent(self)
        self._measure.hide()
        chips = QWidget()
        self._chip_line = in_row(of=chips)
        self.before = icon_button("The sample before", theme, "caret-left")
        self.after = icon_button("The next sample", theme, "caret-right")
        self.before.clicked.connect(lambda: self.turn(-1))
        self.after.clicked.connect(lambda: self.turn(1))
        for widget in (chips, self.before, self.after):
            self.add_to_head(widget)
        self.quiet = label(NOTHING_YET, "sentence", wraps=True)
        self.blocks = [SampleBlock(theme), SampleBlock(theme)]
        self.scores = ElidedLabel("", "fact", Qt.TextElideMode.ElideRight)
        self.set_margins(14, 0, 8, 4)
        self.body.addWidget(self.quiet)
        for block in self.blocks:
            self.body.addWidget(block, 1)
        self.head.insertWidget(1, self.scores, 1000)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self._chip_line.setSpacing(self.theme.px(3))
        self.body.setSpacing(self.theme.px(4))
        self._show()

    # -- what is shown ------------------------------------------------------------------------------------------------

    def set_stacked(self, is_stacked: bool) -> None:
        """One below the other, for a narrow column."""
        if is_stacked != self._is_stacked:
            self._is_stacked = is_stacked
            for block in self.blocks:
                block.set_stacked(is_stacked)
            if is_stacked:  # the head has room for the moments alone
                self.body.addWidget(self.scores)
            else:
                self.head.insertWidget(1, self.scores, 1000)
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
        is_scored = bool(self.book.asked) and self.book.asked[self._place].is_scored
        chosen = self._stage(stages) if stages else None
        shown = self._fitting(stages, chosen, is_scored=is_scored)
        hidden = [stage for stage in stages if stage not in shown]
        wanted = len(shown) + bool(hidden)
        while len(self.chips) < wanted:
            chip = Chip()
            chip.clicked.connect(lambda _checked=False, chip=chip: self._pressed(chip))
            self._chip_line.addWidget(chip)
            self.chips.append(chip)
        for chip in self.chips[wanted:]:
            chip.hide()
        groups = ([hidden] if hidden else []) + [[stage] for stage in shown]
        for chip, stages in zip(self.chips, groups, strict=False):
            if stages is hidden:
                chip.show_stages(stages, EARLIER, "Earlier moments", is_chosen=False)
            else:
                is_chosen = stages[0] == chosen
                words, name = self._chip_words(stages[0], is_scored, is_chosen=is_chosen)
                chip.show_stages(stages, words, name, is_chosen=is_chosen)
            chip.show()

    def _fitting(self, stages: list[Stage], chosen: Stage | None, *, is_scored: bool) -> list[Stage]:
        """The newest moments for whose chips there is room, and the chosen one, which always has some."""
        taken = self.title.sizeHint().width() + self.before.sizeHint().width() + self.after.sizeHint().width()
        room = self.width() - taken - 2 * self.theme.size("size.card_padding") - 4 * self.head.spacing()

        def wide(stage: Stage) -> int:
            words, _ = self._chip_words(stage, is_scored, is_chosen=stage == chosen)
            return self._measure.width_of(words) + self._chip_line.spacing()

        if sum(map(wide, stages)) <= room:
            return stages
        room -= self._measure.width_of(EARLIER) + self._chip_line.spacing() + (wide(chosen) if chosen else 0)
        fitting = {chosen}
        for stage in reversed(stages):
            if stage != chosen:
                room -= wide(stage)
                if room < 0:
                    break
                fitting.add(stage)
        return [stage for stage in stages if stage in fitting]

    def _chip_words(self, stage: Stage, is_scored: bool, *, is_chosen: bool) -> tuple[str, str]:
        right, known = self.book.count(stage, is_scored=is_scored)
        is_long = is_chosen and not stage.is_after and not self._is_stacked
        short = f"step {stage.words}" if is_long else stage.words
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
