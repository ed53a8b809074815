"""One side of the page's answer: its name in its colour, what it makes of the whole text, and the tokens."""

from workbench.core.job.chat_kinds import TextScored
from workbench.core.problems import shortened
from workbench.panes.charts.legends import Legend, Mark, square, stroke
from workbench.panes.charts.probability_colors import legend_pieces
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import ScopedCard
from workbench.panes.try_.tokens.flow import ScoreFlow
from workbench.panes.try_.tokens.scored import ScoredTokens

IDENTITY = 9
LONGEST_NAME = 48
PERCENT = "how likely it held each, in percent"


class SideCard(ScopedCard):
    """A flow of tokens under the name of who holds them likely."""

    def __init__(self, theme: Theme, name: str, color: str, *, has_legend: bool = False) -> None:
        super().__init__(theme, shortened(name, LONGEST_NAME))
        self.color = color
        self.mark = Legend(theme, (Mark(IDENTITY, IDENTITY, square, color),))
        self.head.insertWidget(0, self.mark)
        if has_legend:
            pieces, said = legend_pieces()
            parting = (14, Mark(14, 2, stroke, "text.primary"), 6, "the sides part")
            self.add_to_head(Legend(theme, (*pieces, *parting), f"{said}; a line below: the sides part"))
        self.flow = ScoreFlow(theme, name)
        self.body.addWidget(self.flow, 1)
        self.set_margins(0, 0, 0, 4)

    def show_scored(self, tokens: ScoredTokens | None, title: str, empty: str) -> None:
        """Shows what the side holds; without it says why there is nothing."""
        words = shortened(title, LONGEST_NAME)
        if words != self.title.text():
            self.title.setText(words)
            self.setAccessibleName(title)
        self.flow.empty_words = empty
        self.flow.show_tokens(tokens, keeps_place=True)
        self.scope.set_text(PERCENT if tokens is not None else "")
        self.setToolTip(proof_of(tokens.scored) if tokens is not None else "")


def proof_of(scored: TextScored) -> str:
    """Which weights have said it."""
    adapter = (
        f"adapter {scored.adapter_sha256[:12]} at strength {scored.strength:g}"
        if scored.adapter_sha256
        else ("no adapter at work")
    )
    return f"Base {scored.base_hash[:12]}, {adapter}."
