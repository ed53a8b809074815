"""One row of the data made into what its card shows."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from workbench.core.data.row import DataRow
from workbench.core.data.rows import RowProblem
from workbench.core.tokens.first_look import LookedRow
from workbench.core.tokens.prepared import one_row
from workbench.core.tokens.prepared.kinds import KINDS
from workbench.core.tokens.token_row import TokenRow
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.panes.data.rows.listing import tag_of
from workbench.panes.data.rows.looked import sentence
from workbench.panes.data.seen.row_view import ChatTurn, RowView, Stretch
from workbench.panes.data.seen.shown_tokens import CONTEXT, SPECIAL, TRAINED, TRUNCATED, ShownTokens

_CODES = {"context": CONTEXT, "trained": TRAINED, "special": SPECIAL, "cut": TRUNCATED}


def view_of(
    looked: LookedRow, place: str, tokenizer: TextTokenizer | None, longest: int, why_no_tokens: str, piece: int = 0
) -> RowView:
    """The row in its three views; of a row that becomes several, `piece` says which is shown."""
    tag = tag_of([kind for kind, _, _ in looked.told])
    word, state = tag[:2] if tag else ("", "none")
    if isinstance(looked.row, RowProblem):
        problem = looked.row
        return RowView(place, tag=word, tag_state=state, problem=sentence(problem.text), remedy=problem.remedy)
    problem_text, remedy = _problem(looked)
    made = looked.pieces[piece] if piece < len(looked.pieces) else None
    several = len(looked.pieces)
    return RowView(
        place=f"{place}, part {piece + 1} of {several}" if several > 1 else place,
        turns=tuple(_turns(looked.row, made)),
        stretches=tuple(_stretches(made)) if made is not None else (),
        tokens=shown_tokens(made, tokenizer, longest) if made is not None and tokenizer is not None else None,
        tag=word,
        tag_state=state,
        problem=problem_text,
        remedy=remedy,
        why_no_tokens=why_no_tokens,
    )


def _problem(looked: LookedRow) -> tuple[str, str]:
    """Why a row that could be read is not learned, and what to do."""
    for name, text, _ in looked.told:
        kind = KINDS[name]
        if kind.done == "left out":
            return sentence(text or f"such rows {kind.kind.words}."), kind.kind.remedy
    return "", ""


# -- the conversation --------------------------------------------------------------------------------------------------


def _turns(row: DataRow, made: TokenRow | None) -> Iterator[ChatTurn]:
    """The turns; those are learned in whose words a trained token stands, else the assistant's."""
    if not row.turns:
        yield ChatTurn("text", row.text, is_learned=True)
        return
    for place, turn in enumerate(row.turns):
        role = str(turn["role"])
        if reasoning := turn.get("reasoning_content"):
            yield ChatTurn("reasoning", str(reasoning), _is_learned(role, place, row, made))
        text = str(turn["content"] or "")
        if calls := turn.get("tool_calls"):
            text = f"{text}\n{calls}".strip()
        yield ChatTurn(role, text, _is_learned(role, place, row, made))


def _is_learned(role: str, place: int, row: DataRow, made: TokenRow | None) -> bool:
    if made is None or len(made.contents) != len(row.turns):
        return role == "assistant" and row.turns[place].get("weight") != 0
    start, end = made.contents[place]
    starts, ends = made.offsets.T
    within = (starts < end) & (ends > start)
    return bool((made.trained & within).any())


# -- the tokens --------------------------------------------------------------------------------------------------------


def kinds_of(made: TokenRow) -> NDArray[np.uint8]:
    """What becomes of each token, as places in KINDS of shown_tokens: shape (tokens,)."""
    return np.asarray([_CODES[kind] for kind in one_row.kinds_of(made)], np.uint8)


def shown_tokens(made: TokenRow, tokenizer: TextTokenizer, longest: int) -> ShownTokens:
    """The tokens of a row of the training as they are painted."""
    return ShownTokens.of(made.ids, kinds_of(made), list(_pieces(made, tokenizer)), _lines(made, tokenizer), longest)


def _pieces(made: TokenRow, tokenizer: TextTokenizer) -> Iterator[str]:
    """The text of each token; of a character that several tokens make, the first of them shows it."""
    for piece, number in zip(one_row.pieces_of(made, tokenizer), made.ids.tolist(), strict=True):
        yield piece or tokenizer.token(number)


def _lines(made: TokenRow, tokenizer: TextTokenizer) -> list[int]:
    """The tokens with which messages begin: behind the end of the turn before, and its line break."""
    found: list[int] = []
    starts = made.offsets[:, 0]
    for (_, end), (start, _) in zip(made.contents, made.contents[1:], strict=False):
        first, last = int(np.searchsorted(starts, end)), int(np.searchsorted(starts, start))
        gap = range(first, last)
        ends = [token for token in gap if int(made.ids[token]) in tokenizer.ends]
        begin = ends[-1] + 1 if ends else first
        if begin < last and not made.text[starts[begin] : made.offsets[begin, 1]].strip():
            begin += 1  # the line break belongs to the turn that it ends
        found.append(begin)
    return found


def _stretches(made: TokenRow) -> Iterator[Stretch]:
    """The text in stretches of one kind."""
    kinds, (starts, ends) = kinds_of(made), made.offsets.T
    reached = 0
    begun, kind = 0, CONTEXT
    for token in range(len(kinds)):
        start, end = int(starts[token]), int(ends[token])
        if end <= reached:
            continue
        if int(kinds[token]) != kind:
            if start > begun:
                yield Stretch(made.text[begun:start], kind)
            begun, kind = max(begun, start), int(kinds[token])
        reached = end
    if begun < len(made.text):
        yield Stretch(made.text[begun:], kind)
