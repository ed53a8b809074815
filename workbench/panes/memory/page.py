"""The Memory page: whether a training fits, with every byte of it named, before it runs."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.timers import once_after
from workbench.core.memory.fitting import Change, with_changes
from workbench.core.model import catalogue
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.panes.look.theme import Theme
from workbench.panes.memory.card import DEFAULT_GB
from workbench.panes.memory.changes import ChangesCard
from workbench.panes.memory.curve import StepCurve
from workbench.panes.memory.form import MemoryForm
from workbench.panes.memory.model import MemoryModel, assumed
from workbench.panes.memory.most import MostPanel
from workbench.panes.memory.picture import WaysCard
from workbench.panes.memory.recipe import for_train
from workbench.panes.memory.table import HEAD, LinesCard
from workbench.panes.memory.words import tag_words
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.card_grid import keep_edge
from workbench.panes.parts.cards import STATE_OF_VERDICT, Card, Tag
from workbench.panes.parts.controls import button
from workbench.panes.parts.page import Page

# The question of most people: the page begins with rows of this many tokens.
FIRST_LENGTH = 2048
STARTER = "starter"
# Of the drawing: the least and the most height of the bars, the width of what stands beside the lines.
BARS_LEAST, BARS_MOST, BARS_SHARE = 232, 430, 0.4
ASIDE_WIDE = 560
# Below this height the changes have no place, below the other the curve neither.
CHANGES_LEAST, CURVE_LEAST = 300, 190


class MemoryPage(Page):
    """Four ways side by side; the form is about the chosen one, whose lines, step and changes stand below."""

    sentence = "Will it fit? Every byte named, before you run."

    def __init__(self, store: RecipeStore, gpu: GpuWatch, theme: Theme) -> None:
        super().__init__(theme)
        assert self.form is not None
        self._store = store
        self._is_stale = True
        self._source: str | None = None  # the recipe's, when the page last came up
        self.model = MemoryModel(self._base(), assumed(DEFAULT_GB), self)
        self.controls = MemoryForm(theme, self.model, gpu, self.form)
        self.most = MostPanel(theme, self.model)
        self.form.action_bar.hide()
        self.form.outer.insertWidget(1, self.most)
        self._make_header()
        self._make_picture()
        self._rest = once_after(self, 0, self._draw_rest)
        self.model.changed.connect(self.refresh)
        for turned in (self.ways.turned, self.controls.source.sizes_wanted):
            turned.connect(lambda *_: self._ordering.start())  # Tab has other stops then
        theme.follow(self._space)

    def _base(self) -> Recipe:
        """What the four ways begin with: the recipe on Train, at the length that is asked about most."""
        return with_changes(self._store.recipe, {"training.max_length": FIRST_LENGTH})

    def _make_header(self) -> None:
        self.tag = Tag(self.theme)
        self.use = button("Use in Train", self.theme, "chart-line-up")
        self.use.setToolTip("Puts the chosen row's settings and the model into the recipe, and goes to Train")
        self.use.clicked.connect(self.use_in_train)
        self.header.add(self.tag)
        self.header.add(self.use)

    def _make_picture(self) -> None:
        theme = self.theme
        self.ways = WaysCard(theme, self.model, self._store, self.header.say, self._base, self.picture)
        self.lines = LinesCard(theme, self.model)
        self.ways.bars.part_chosen.connect(self.lines.show_part)
        self.curve = StepCurve(theme)
        self.curve_card = Card(theme, "One training step", "GB")
        self.curve_card.set_margins(1, 0, 1, 6)
        self.curve_card.body.addWidget(self.curve)
        self.changes = ChangesCard(theme)
        for card in (self.curve_card, self.changes):
            card.set_least_head(HEAD)
        self.changes.chosen.connect(self._apply)
        self._aside = QWidget()
        self._column = in_column((self.curve_card, 3), (self.changes, 2), of=self._aside)
        self._below = in_row((self.lines, 52), (self._aside, 48))
        self._outer = in_column(self.ways, (self._below, 1), of=self.picture)
        self.picture.installEventFilter(self)

    # -- life ----------------------------------------------------------------------------------------------------------

    def shown_first(self) -> None:
        """Takes the recipe's model each time that has changed; before anybody has chosen one, one many ask about."""
        source, before = self._store.recipe.model.source, self._source
        self._source = source
        if before is None:
            self.controls.source.look_around()
            if self.model.shape is None:
                self.controls.source.show_default()
        if source != (before or STARTER):
            self.controls.source.open(source)
        self.model.look_again()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self.ways.story.is_playing:
            self.ways.story.play()  # held until it is looked at

    def refresh(self) -> None:
        """Draws all of it anew; while nobody looks, once it comes up."""
        self._is_stale = not self.isVisible()
        if self._is_stale:
            return
        model, row = self.model, self.model.row
        self.ways.refresh()
        self.lines.refresh()
        self.curve.show_ledger(row.ledger if row else None, model.unit, model.card.free_bytes)
        self.curve.setAccessibleDescription(self.curve.describe())
        self.curve_card.scope.setText(f"{model.unit}, as predicted" if model.correction.runs else model.unit)
        self._rest.start()
        self.use.setEnabled(row is not None)
        if row is not None:
            self.tag.show_state(tag_words(model.title, row, model.card, model.unit), STATE_OF_VERDICT[row.verdict.word])

    def _draw_rest(self) -> None:
        """What asks for many predictions comes a frame later."""
        if self.isVisible():
            self.most.refresh()
            self.changes.show_changes(self.model.changes(), self.model.unit)

    @property
    def is_pending(self) -> bool:
        """Whether something is still to be drawn."""
        return self._is_stale or self._rest.isActive()

    # -- doing ---------------------------------------------------------------------------------------------------------

    def _apply(self, change: Change) -> None:
        try:
            self.model.change(dict(change.changes))
        except UserError as error:
            self.header.say(str(error))

    def use_in_train(self) -> None:
        """Puts the chosen row into the recipe at hand, as one step to undo."""
        try:
            self._store.set_many(for_train(self.model.recipe, self.model.source))
        except UserError as error:
            self.header.say(str(error))
            return
        self.go_to.emit("train")

    def open_model(self, name: str) -> None:
        """Shows a model by its title, id or folder."""
        try:
            self.controls.source.choose_model(catalogue.find(name))
        except UserError:
            self.controls.source.open(name)

    # -- arrangement ---------------------------------------------------------------------------------------------------

    def arranged(self) -> None:
        if hasattr(self, "_outer"):
            self._space()

    def _space(self) -> None:
        theme, gap = self.theme, self.theme.size("space.card_gap")
        keep_edge(self._outer, theme)
        for layout in (self._below, self._column):
            layout.setSpacing(gap)
        self._fit()

    def _fit(self) -> None:
        """The bars take two fifths; what has no room below them is left out, the changes first."""
        theme, px = self.theme, self.theme.px
        high, wide = self.picture.height(), self.picture.width()
        bars = max(px(BARS_LEAST), min(px(BARS_MOST), round(BARS_SHARE * high)))
        self.ways.setFixedHeight(bars)
        rest = high - bars - theme.size("space.card_gap") - 2 * px(11)
        self.changes.setVisible(rest >= px(CHANGES_LEAST))
        is_broad = wide >= px(700)
        self._aside.setVisible(is_broad and rest >= px(CURVE_LEAST) - px(60))
        self._aside.setMaximumWidth(px(ASIDE_WIDE))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.picture and event.type() == QEvent.Type.Resize:
            self._fit()
        return False
