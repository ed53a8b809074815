"""The picture of the Race view: what NF4 buys and costs, the figures, the answers and the losses."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from workbench.core.race.measures import title_of
from workbench.core.race.race import Race
from workbench.panes.look.theme import Theme
from workbench.panes.parts.card_grid import fix_width, keep_edge, place_cards, share_room
from workbench.panes.parts.cards import Message, ScopedCard
from workbench.panes.parts.controls import Segmented, breakable, button, label
from workbench.panes.parts.form_rows import in_form_words
from workbench.panes.quantize.race.answers import AnswersCard
from workbench.panes.quantize.race.curves import RaceCurves
from workbench.panes.quantize.race.picture import KL, NOTHING_YET, PERPLEXITY, RacePicture
from workbench.panes.quantize.race.table import RaceModel, RaceTable
from workbench.panes.quantize.race.words import RaceRow

AT_WORK = "A precision becomes a point here as soon as it is measured."
WIDE_COLUMN = 392
PROJECTOR_ROWS = 5


class RaceCards(QObject):
    """Cards that show what they are given."""

    def __init__(self, theme: Theme, view: QWidget) -> None:
        super().__init__(view)
        self.theme = theme
        self.message_card = Message(theme)
        self.message_card.add_close()
        self.message_card.hide()
        self._make_picture()
        self._make_table()
        self.answers = AnswersCard(theme)
        self.curves_card = ScopedCard(theme, "Loss", is_apart=True)
        self.curves_card.set_margins(14, 0, 8, 8)
        self.curves = RaceCurves(theme)
        self.curves_card.body.addWidget(self.curves, 1)
        self.curves_card.hide()
        self.grid = QGridLayout(view)
        self._trains = self._is_wide = False

    def _make_picture(self) -> None:
        theme = self.theme
        self.picture_card = ScopedCard(theme, "What NF4 buys and costs", is_apart=True)
        self.picture_card.set_margins(14, 0, 14, 8)
        self.measure = Segmented([(PERPLEXITY, "Perplexity"), (KL, "KL")], "Upwards")
        self.measure.set_value(PERPLEXITY)
        self.picture = RacePicture(theme)
        self.measure.chosen.connect(self.picture.show_measure)
        self.picture_card.add_to_head(self.measure)
        self.sentence = label("", "small", wraps=True)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.sentence.hide()
        self.picture_card.body.addWidget(self.sentence)
        self.picture_card.body.addWidget(self.picture, 1)

    def _make_table(self) -> None:
        theme = self.theme
        self.table_card = ScopedCard(theme, "Figures", is_apart=True)
        self.table_card.set_margins(0, 0, 0, 8)
        self.copy = button("Copy table", theme, "copy", "flat")
        self.csv = button("Save CSV", theme, "floppy-disk", "flat")
        self.report = button("Open report", theme, "arrow-square-out")
        self.save_report = button("Save report as", theme, "export")
        for made in (self.copy, self.csv, self.report, self.save_report):
            self.table_card.add_to_head(made)
        self.model = RaceModel()
        self.table = RaceTable(theme, self.model)
        self.table.row_chosen.connect(lambda _index: self.picture.choose(self.table.chosen))
        self.notes = label("", "small", wraps=True)
        self.notes.setContentsMargins(14, 0, 14, 0)
        self.notes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.notes.hide()
        self.table_card.body.addWidget(self.table, 1)
        self.table_card.body.addWidget(self.notes)

    def show_race(
        self, race: Race | None, rows: Sequence[RaceRow], prompts: Sequence[str], *, is_busy: bool, train_steps: int
    ) -> None:
        """What has been measured, and what is to come."""
        planned = [row for row in rows if row.found is None]
        self.picture.show_race(race, planned, AT_WORK if is_busy else NOTHING_YET)
        bought = title_of(race.bought.precision) if race and race.bought else "NF4"
        self.picture_card.title.setText(f"What {bought} buys and costs")
        self.picture_card.scope.set_text(race.model_name if race else "")
        sentence = race.sentence if race else ""
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence) and self._is_wide)
        self.table.show_rows(rows, race)
        has_run = race is not None and bool(race.ran)
        self.table_card.scope.set_text("the best of each column is bold" if has_run else "as computed, before the race")
        for made in (self.copy, self.csv, self.report, self.save_report):
            made.setEnabled(has_run)
        notes = race.notes if race else ()
        self.notes.setText(breakable(" ".join(notes)))
        self._limit()
        self.answers.show_race(race if has_run else None, rows, prompts)
        if (train_steps > 0) != self._trains:
            self._trains = train_steps > 0
            self.curves_card.setVisible(self._trains)
            self.arrange(is_wide=self._is_wide)
        self.curves.show_rows(race.ran if race else (), train_steps)
        missing = [
            f"{title_of(row.precision)} was not trained: {in_form_words(row.training_problem)}"
            for row in (race.ran if race else ())
            if row.training_problem
        ]
        self.curves_card.scope.set_text(" ".join(missing) or "by step of a short training")

    def _limit(self) -> None:
        """The table takes what its rows need; for the projector it scrolls, and does without its notes."""
        projector = self.theme.projector
        rows = max(1, len(self.model.rows))
        self.table.setMaximumHeight(self.table.height_for(min(rows, PROJECTOR_ROWS) if projector else rows))
        self.notes.setVisible(bool(self.notes.text()) and not projector)

    def arrange(self, *, is_wide: bool) -> None:
        """Two columns above the table; in a wide window the answers are a column of their own."""
        self._is_wide = is_wide  # the arrow in the picture tells the same, in fewer words
        self.sentence.setVisible(is_wide and bool(self.sentence.text()))
        theme, grid = self.theme, self.grid
        keep_edge(grid, theme)
        place_cards(
            grid,
            {
                self.message_card: (0, 0, 1, 2),
                self.picture_card: (1, 0, 1, 1) if is_wide else (1, 0, 2, 1),
                self.table_card: (2, 0, 1, 1) if is_wide else (3, 0, 1, 2),
                self.curves_card: (3, 0, 1, 1) if is_wide else (2, 1, 1, 1),
                self.answers: (1, 1, 3, 1) if is_wide else (1, 1, 1 if self._trains else 2, 1),
            },
        )
        fix_width(self.answers, theme.px(WIDE_COLUMN) if is_wide else 0)
        if is_wide:
            share_room(grid, (1, 0), (0, 64, 0, 36 * self._trains))
        else:
            share_room(grid, (55, 45), (0, 56, 44, 0))
        self._limit()
        self.measure.setFixedHeight(theme.px(24))
        for made in (self.copy, self.csv, self.report, self.save_report):
            made.setFixedHeight(theme.px(24))
