"""The picture of the Tokens view: what sides make of one text, token by token, and what else could have come."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtWidgets import QWidget

from workbench.core.chat.parting import parting
from workbench.core.figures import with_minus
from workbench.core.job.chat_kinds import TextScored
from workbench.core.units import counted, grouped, three_digits
from workbench.panes.charts.key_caps import KeyCaps
from workbench.panes.charts.token_text import label_of
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.cards import ScopedCard, Tile
from workbench.panes.try_.tokens.likeliest import LikeliestColumn
from workbench.panes.try_.tokens.scored import ScoredTokens
from workbench.panes.try_.tokens.side_card import SideCard

COLORS = ("curves.base", "curves.tuned", "compare.c")
KEYS = (("← →", "token"), ("N P", "where they part"))
EMPTY = "Show the tokens of an answer: how likely each was held, and what else could have come."


class Shown(NamedTuple):
    """One side: its name, its colour, and what it holds of the text; None before that is known."""

    title: str
    color: str
    scored: TextScored | None


class TokensPicture(QWidget):
    """A card a side, and one of the token that is looked at; all tell of the same token."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._shown: tuple[Shown, ...] = ()
        self._parted: tuple[int, ...] = ()
        self.cards: list[SideCard] = []
        self.lists: list[LikeliestColumn] = []
        self.tiles = [Tile(theme, "", mark=COLORS[0]), Tile(theme, "", mark=COLORS[1]), Tile(theme, "They part")]
        self._tiles_row = in_row(*((tile, 1) for tile in self.tiles))
        self._cards_column = in_column()
        self.token = ScopedCard(theme, "What else could have come")
        self.keys = KeyCaps(theme, KEYS)
        self.token.add_to_head(self.keys)
        self._lists_row = in_row(gap=14)
        self.token.body.addLayout(self._lists_row, 1)
        self._outer = in_column(self._tiles_row, (self._cards_column, 1), self.token, of=self)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        gap = self._theme.size("space.card_gap")
        for layout in (self._tiles_row, self._cards_column, self._outer):
            layout.setSpacing(gap)
        self.arrange()

    def arrange(self) -> None:
        """Keys go where the window is too narrow for them, tiles where what is shown is so large."""
        self.keys.setVisible(self.keys.fits() and not self._theme.projector)
        self._show_which_tiles()

    # -- what is shown -------------------------------------------------------------------------------------------------

    def show_sides(self, sides: Sequence[Shown], empty: str = EMPTY) -> None:
        """Shows what sides hold of a text; where there is nothing yet, `empty` says why."""
        if tuple(sides) == self._shown and all(card.flow.empty_words == empty for card in self.cards):
            return
        self._shown = tuple(sides)
        self._make_cards(sides)
        scored = [side.scored for side in sides if side.scored is not None]
        self._parted = parting(scored[0], scored[1]) if len(scored) > 1 else ()
        for card, side in zip(self.cards, sides, strict=True):
            tokens = ScoredTokens.of(side.scored, self._parted) if side.scored is not None else None
            card.show_scored(tokens, side.title, empty)
        self._show_tiles(scored)
        self.show_token(max(0, self.cards[0].flow.chosen) if self.cards else 0)

    def _make_cards(self, sides: Sequence[Shown]) -> None:
        wanted = [side.color for side in sides]
        if [card.color for card in self.cards] == wanted:
            return
        for old in (*self.cards, *self.lists):
            old.hide()
            old.deleteLater()
        self.cards = [
            SideCard(self._theme, side.title, side.color, has_legend=place == 0) for place, side in enumerate(sides)
        ]
        self.lists = [LikeliestColumn(self._theme, side.title, side.color) for side in sides]
        for card, rows in zip(self.cards, self.lists, strict=True):
            self._cards_column.addWidget(card, 1)
            card.flow.told.connect(self.show_token)
            card.flow.chose.connect(self._choose)
            self._lists_row.addWidget(rows, 1)

    def _show_tiles(self, scored: Sequence[TextScored]) -> None:
        for tile, side in zip(self.tiles, self._shown[:2], strict=False):
            tile.set_name(side.title, side.color)
            if side.scored is not None:
                sum_of = with_minus(f"{side.scored.log_probability:.2f}")
                tile.show_figure(sum_of, f"log-probability, perplexity {three_digits(side.scored.perplexity)}")
            else:
                tile.show_figure("–")  # noqa: RUF001
        self._show_which_tiles()
        if len(scored) > 1:
            self.tiles[2].show_figure(grouped(len(self._parted)), f"of {counted(len(scored[0].tokens), 'token')}")
        else:
            self.tiles[2].show_figure("–")  # noqa: RUF001

    def _show_which_tiles(self) -> None:
        has_room = not self._theme.projector
        for tile, is_there in zip(self.tiles, (True, len(self._shown) > 1, len(self._shown) > 1), strict=True):
            if tile.parentWidget() is not None:  # without a parent it would be a window
                tile.setVisible(is_there and has_room)

    # -- one token -----------------------------------------------------------------------------------------------------

    def _choose(self, token: int) -> None:
        for card in self.cards:
            if card.flow.tokens is not None and token < len(card.flow.tokens):
                card.flow.show_chosen(token)
        self.show_token(token)

    def show_token(self, token: int) -> None:
        """Shows what each side held likeliest in a token's place."""
        found = None
        for card, rows, side in zip(self.cards, self.lists, self._shown, strict=True):
            is_there = side.scored is not None and 0 <= token < len(side.scored.tokens)
            at = side.scored.tokens[token] if side.scored is not None and is_there else None
            rows.show_token(at, side.title)
            found = found or at
            if not card.flow.underMouse():
                card.flow.show_pointed(token if is_there and token != card.flow.chosen else -1)
        if found is None:
            self.token.scope.set_text("")
            return
        count = max(len(side.scored.tokens) for side in self._shown if side.scored is not None)
        parts = ", the sides part here" if token in self._parted else ""
        self.token.scope.set_text(
            f"in place of token {grouped(token + 1)} of {grouped(count)}, {label_of(found.text)}{parts}"
        )
