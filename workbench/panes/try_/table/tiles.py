"""The tiles over the table: how many answers of each are right, how often they differ, and how far the table is."""

from PySide6.QtWidgets import QWidget

from workbench.core.chat.table.columns import TITLES
from workbench.core.chat.table.table import Scores
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.cards import Tile
from workbench.panes.try_.table.shown import COLORS, ShownTable

NONE_YET = "\u2013"
HIDDEN = "hidden"


class TableTiles(QWidget):
    """Follows the scores."""

    def __init__(self, theme: Theme, shown: ShownTable) -> None:
        super().__init__()
        self._theme, self._shown = theme, shown
        self.answers = [Tile(theme, title, mark=COLORS[role]) for role, title in TITLES.items()]
        self.differ = Tile(theme, "They differ")
        self.rated = Tile(theme, "Rated", has_bar=True)
        self._line = in_row(*((tile, 1) for tile in (*self.answers, self.differ, self.rated)), of=self)
        self.is_projected = False
        theme.follow(self._restyle)
        self.refresh()

    def _restyle(self) -> None:
        self._line.setSpacing(self._theme.size("space.card_gap"))

    def refresh(self) -> None:
        """Shows the scores as they are."""
        table = self._shown.table
        roles = list(TITLES)
        there = {column.role: place for place, column in enumerate(table.columns)} if table is not None else {}
        scores = table.scores() if table is not None else None
        for role, tile in zip(roles, self.answers, strict=True):
            place = there.get(role)
            tile.setVisible(place is not None or (table is None and role != "second"))
            if place is None or scores is None:
                tile.show_figure(NONE_YET, "right")
            else:
                self._show_right(tile, scores, place)
        self.differ.setVisible(not self.is_projected and (table is None or len(there) > 1))
        of = f"of {grouped(scores.answered)} rows" if scores is not None else ""
        self.differ.show_figure(grouped(scores.differ) if scores is not None and scores.answered else NONE_YET, of)
        self.rated.setVisible(not self.is_projected)
        if scores is None:
            self.rated.show_figure(NONE_YET)
        else:
            self._show_progress(scores)

    def _show_right(self, tile: Tile, scores: Scores, place: int) -> None:
        if self._shown.is_blind:
            tile.show_figure(HIDDEN, "while blind")
            tile.setToolTip("Switch Blind off to see who is who.")
            return
        f1 = scores.f1[place]
        told = [f"{scores.json[place]} of {scores.said[place]} answers are valid JSON"]
        if f1 is not None:
            told.insert(0, f"token F1 {f1:.2f}")
        tile.setToolTip(", ".join(told) if scores.said[place] else "")
        if scores.rated:
            tile.show_figure(grouped(scores.right[place]), f"of {grouped(scores.rated)} right")
        else:
            tile.show_figure(NONE_YET, "no row is rated by all" if scores.answered else "right")

    def _show_progress(self, scores: Scores) -> None:
        running = self._shown.control.is_running
        done = scores.answered if running else scores.rated
        self.rated.set_name("Answered" if running else "Rated")
        self.rated.show_figure(grouped(done), f"of {grouped(scores.rows)} rows")
        assert self.rated.bar is not None
        self.rated.bar.set_share(done / scores.rows)
