"""What the card of one row shows: plain values, made beside the window."""

from dataclasses import dataclass

from workbench.panes.data.seen.shown_tokens import CONTEXT, ShownTokens

# A text that is longer is shown up to here: laying out a line of millions takes minutes.
LONGEST_SHOWN = 20_000
MOST_TURNS = 200


@dataclass(frozen=True)
class ChatTurn:
    """One turn of a conversation; `is_learned` where the loss is counted in it."""

    role: str
    text: str
    is_learned: bool = False


@dataclass(frozen=True)
class Stretch:
    """A stretch of the rendered text whose tokens are of one of KINDS."""

    text: str
    kind: int = CONTEXT


@dataclass(frozen=True, eq=False)
class RowView:
    """One row in its three views.

    Attributes:
        place: Where it stands, such as "row 214".
        turns: The conversation, or the one text of a row without turns.
        stretches: The rendering that is tokenized, in order.
        tokens: None where there is no tokenizer, or no tokens can be made of the row.
        tag, tag_state: A word for what is wrong with the row, or done to it.
        problem, remedy: What is wrong with it, and what a person can do.
        why_no_tokens: What is said in place of tokens.
    """

    place: str
    turns: tuple[ChatTurn, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    tokens: ShownTokens | None = None
    tag: str = ""
    tag_state: str = "none"
    problem: str = ""
    remedy: str = ""
    why_no_tokens: str = ""
