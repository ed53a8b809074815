"""The card with the bars: the rows, the step by step story, or the article's sums."""

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from workbench.bridge.recipe_store import RecipeStore
from workbench.core.memory.scenarios import STEPS
from workbench.core.recipe.recipe import Recipe
from workbench.panes.look.theme import Theme
from workbench.panes.memory.article import LABEL_WIDTH, article_bars, article_words
from workbench.panes.memory.article import TITLE as ARTICLE_TITLE
from workbench.panes.memory.bars import ScenarioBars
from workbench.panes.memory.menus import WaysMenus
from workbench.panes.memory.model import MemoryModel, PredictedWay
from workbench.panes.memory.recipe import is_naive, tokens_words, way_words
from workbench.panes.memory.scale import WayBar, blocks_of
from workbench.panes.memory.story import TITLE as STORY_TITLE
from workbench.panes.memory.story import MemoryStory
from workbench.panes.memory.table import HEAD, Sentences
from workbench.panes.memory.words import (
    amount,
    count_words,
    limit_words,
    verdict_words,
    ways_words,
)
from workbench.panes.parts.cards import STATE_OF_VERDICT, ScopedCard
from workbench.panes.parts.controls import button, set_icon

# Below this width, of the drawing, some buttons are icons; their names stay with them.
LEAST_WORDS = 760
FOLDING = {"article": "The article", "add": "Add", "more": "Row", "save": "Save"}


class WaysCard(ScopedCard):
    """Bars, and the buttons for what is done with the rows.

    Signals:
        turned: It shows rows, the story or the article now; other buttons are there.
    """

    turned = Signal()

    def __init__(
        self,
        theme: Theme,
        model: MemoryModel,
        store: RecipeStore,
        say: Callable[[str], None],
        base: Callable[[], Recipe],
        view: QWidget,
    ) -> None:
        super().__init__(theme, "Four ways to train")
        self._model = model
        self.shows_article = False
        self.set_margins(1, 0, 1, 6)
        self.set_least_head(HEAD)
        self.bars = ScenarioBars(theme)
        self.sentences = Sentences("small")
        self.sentences.hide()
        self.body.addWidget(self.bars, 1)
        self.body.addWidget(self.sentences)
        self.story = MemoryStory(model, self)
        self.story.moved.connect(self._draw)
        self.menus = WaysMenus(self, model, store, say, base, view)
        self.menus.rename_wanted.connect(self.bars.edit_title)
        self._make_buttons()
        bars = self.bars
        bars.row_chosen.connect(model.choose)
        bars.renamed.connect(model.rename)
        bars.rename_wanted.connect(bars.edit_title)
        bars.remove_wanted.connect(lambda: model.remove(model.chosen))
        bars.stepped.connect(self.story.go)
        theme.follow(self._space)
        theme.changed.connect(self._fit_words)

    def _make_buttons(self) -> None:
        theme = self.theme
        self.play = button("Step by step", theme, "play")
        self.play.setToolTip("From naive FP32 to QLoRA, one change at a time")
        self.play.clicked.connect(self._play)
        self.next = button("Next", theme, "caret-right")
        self.next.setToolTip("The next step; right and left go on and back in the picture, too")
        self.next.clicked.connect(lambda: self.story.go(1))
        self.article = button("The article", theme, "book-open", "flat")
        self.article.setToolTip("The article's own sums, as it prints them and as they come out")
        self.article.clicked.connect(lambda: self.show_article(True))
        self.add = button("Add", theme, "plus", "flat")
        self.add.setAccessibleName("Add a row")
        self.add.setMenu(self.menus.add)
        self.more = button("Row", theme, "dots-three", "flat")
        self.more.setAccessibleName("The chosen row")
        self.more.setMenu(self.menus.row)
        self.save = button("Save", theme, "export", "flat")
        self.save.setMenu(self.menus.save)
        self.back = button("Back", theme, "x", "flat")
        self.back.setToolTip("Back to the rows")
        self.back.clicked.connect(self.show_rows)
        self.buttons = (self.play, self.next, self.article, self.add, self.more, self.save, self.back)
        for made in self.buttons:
            made.setAccessibleName(made.accessibleName() or made.text())
            self.add_to_head(made)

    def _space(self) -> None:
        px, pad = self.theme.px, self.theme.size("size.card_padding")
        self.sentences.setContentsMargins(pad, 0, pad, px(4))
        small = f"QPushButton {{ min-height: {px(18)}px; margin: 0; padding: 0 {px(6)}px; }}"
        menu = "QPushButton::menu-indicator { image: none; width: 0; }"
        for made in self.buttons:
            made.setStyleSheet(small + menu)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fold()
        self._fit_words()

    def _fit_words(self) -> None:
        self.sentences.fit(self.width() - 2)

    def _fold(self) -> None:
        """In little width the buttons are icons alone."""
        has_words = self.width() >= self.theme.px(LEAST_WORDS)
        for made, words in FOLDING.items():
            button_ = getattr(self, made)
            text = words if has_words else ""
            if button_.text() != text:
                button_.setText(text)
                set_icon(button_, self.theme, str(button_.property("iconName")), "text.primary")

    # -- what is shown -------------------------------------------------------------------------------------------------

    def _play(self) -> None:
        if self.story.is_shown:
            self.story.play()
        else:
            self.shows_article = False
            self.story.begin()
            self.bars.setFocus()

    def show_article(self, is_shown: bool) -> None:
        had_focus = self.article.hasFocus()
        self.story.end()
        self.shows_article = is_shown
        self._draw()
        if is_shown and had_focus:  # the button is gone
            self.back.setFocus()

    def show_rows(self) -> None:
        """Back from the story or the article."""
        had_focus = self.back.hasFocus()
        self.show_article(False)
        if had_focus:
            self.bars.setFocus()

    def refresh(self) -> None:
        if self.story.is_shown:
            self.story.predict_steps()
        self._draw()

    def _draw(self) -> None:
        is_rows = not self.story.is_shown and not self.shows_article
        has_turned = is_rows == self.back.isVisibleTo(self)
        for made in (self.article, self.add, self.more, self.save):
            made.setVisible(is_rows)
        self.play.setVisible(not self.shows_article)
        self.next.setVisible(self.story.is_shown)
        self.back.setVisible(not is_rows)
        self.sentences.setVisible(self.shows_article)
        if self.story.is_shown:
            self._draw_story()
        elif self.shows_article:
            self._draw_article()
        else:
            self._draw_rows()
        if has_turned:
            self.turned.emit()

    def _draw_rows(self) -> None:
        model, unit = self._model, self._model.unit
        rows, recipes = model.predicted_ways(), [way.recipe for way in model.ways]
        tokens = {(recipe.training.batch_size, recipe.training.max_length) for recipe in recipes}
        self.title.setText(f"{count_words(len(recipes))} to train {_short(model.model_title)}")
        self.scope.set_text(f"{unit}, {tokens_words(recipes[0])}" if len(tokens) == 1 else unit)
        self._name_play("Step by step", "play")
        self.add.setEnabled(model.can_add)
        self.add.setToolTip("" if model.can_add else "There is room for four rows: remove one first")
        bars = [
            _bar(title, row, unit, way_words(row.way.recipe, with_tokens=len(tokens) > 1))
            for title, row in zip(model.titles, rows, strict=False)
        ]
        self.bars.show_bars(
            bars,
            unit=unit,
            limit_bytes=model.card.free_bytes,
            limit_words=limit_words(model.card, unit),
            chosen=model.chosen,
        )
        self.bars.setAccessibleDescription(
            f"{ways_words(model.titles, rows, unit)} {limit_words(model.card, unit)}. Chosen: {model.title}."
        )

    def _draw_story(self) -> None:
        story, model, unit = self.story, self._model, self._model.unit
        self.title.setText(STORY_TITLE)
        self.scope.set_text(f"{unit}, {_short(model.model_title)}, {tokens_words(model.recipe)}")
        if story.is_playing:
            self._name_play("Pause", "pause")
        else:
            self._name_play("Again" if story.is_at_end else "Go on", "play")
        self.next.setEnabled(story.step < len(STEPS) - 1)
        self.bars.show_bars(
            story.bars(),
            unit=unit,
            limit_bytes=model.card.free_bytes,
            limit_words=limit_words(model.card, unit),
            chosen=story.step,
            rows=len(STEPS),
            most_bytes=story.most_bytes,
            sentence=story.sentence,
            can_choose=False,
        )
        self.bars.setAccessibleDescription(f"Step {story.step + 1} of {len(STEPS)}. {story.sentence}")

    def _draw_article(self) -> None:
        model, unit = self._model, "GB"  # the article's own
        self.title.setText(ARTICLE_TITLE)
        self.scope.set_text(f"{unit}, a model of 7 billion")
        self.sentences.setText(article_words())
        self._fit_words()
        self.bars.show_bars(
            article_bars(),
            unit=unit,
            limit_bytes=model.card.free_bytes,
            limit_words=limit_words(model.card, unit),
            can_choose=False,
            label_width=LABEL_WIDTH,
        )
        self.bars.setAccessibleDescription(article_words())

    def _name_play(self, words: str, icon: str) -> None:
        if self.play.text() != words:
            self.play.setText(words)
            set_icon(self.play, self.theme, icon, "text.primary")


def _bar(title: str, row: PredictedWay, unit: str, subtitle: str) -> WayBar:
    note, mark = "", 0.0
    if is_naive(row.way.recipe):
        parts = row.ledger.parts
        weights = parts["weights"] + parts["unquantized"]
        states = parts["optimizer"]
        one = weights + parts["gradients"] + states / 2
        mark = one
        whole = amount(weights + parts["gradients"] + states, unit)
        note = f"the article's way of counting stops at {amount(one, unit)}; Adam keeps two states, so {whole}"
    peak = row.corrected.peak_bytes
    return WayBar(
        title,
        subtitle,
        blocks_of(row.ledger, row.corrected),
        peak,
        amount(peak, unit),
        verdict_words(row.verdict, unit),
        STATE_OF_VERDICT[row.verdict.word],
        note,
        mark,
    )


def _short(title: str) -> str:
    return title if len(title) <= 40 else f"{title[:39]}…"
