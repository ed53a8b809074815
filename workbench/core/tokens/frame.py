"""How a template makes a conversation's text of its turns, found once for all conversations of the same roles."""

from collections.abc import Sequence
from typing import NamedTuple

from workbench.core.data.row import Turn
from workbench.core.tokens.token_kinds import Finding
from workbench.core.tokens.token_row import Span

_KEYS = ({"role", "content"}, {"role", "content", "weight"})
_EDGE = " \n "  # whether a template takes the space at the edges of a turn away
MISSES = 50  # rows in turn that are made otherwise, after which a frame is made anew


class Placed(NamedTuple):
    """Where in a text the answers and the turns' own words stand."""

    answers: list[tuple[int, int, int]]
    contents: list[Span | None]


class _Slot(NamedTuple):
    """A turn's words within the text, and what the template writes before them."""

    before: str
    turn: int
    strips_left: bool
    strips_right: bool


class _Edge(NamedTuple):
    """A place in the text: so far behind the end of a slot, of which there are `slots` before it."""

    slots: int
    behind: int


class Frame:
    """A text as the template's own words around the turns'.

    Attributes:
        findings: What is to be told of every row that is made so.
    """

    def __init__(
        self,
        slots: list[_Slot],
        tail: str,
        answers: list[tuple[int, _Edge, _Edge]],
        findings: tuple[Finding, ...],
    ) -> None:
        self.findings = findings
        self._slots = slots
        self._tail = tail
        self._answers = answers
        self._misses = 0

    @staticmethod
    def probes(turns: Sequence[Turn]) -> list[Turn]:
        """Turns of the same roles whose words stand in no other text."""
        return [{"role": turn["role"], "content": f"{_EDGE}{_mark(place)}{_EDGE}"} for place, turn in enumerate(turns)]

    @classmethod
    def of(
        cls, text: str, turns: int, answers: Sequence[tuple[int, int, int]], findings: tuple[Finding, ...]
    ) -> "Frame | None":
        """Of the rendered probes; None where a turn does not stand in the text once, or its edges are changed."""
        spans: list[tuple[int, int, int, bool, bool]] = []
        for turn in range(turns):
            mark = _mark(turn)
            if text.count(mark) != 1:
                return None
            start = text.index(mark)
            end = start + len(mark)
            has_left = text.endswith(_EDGE, 0, start)
            has_right = text.startswith(_EDGE, end)
            spans.append(
                (start - len(_EDGE) * has_left, end + len(_EDGE) * has_right, turn, not has_left, not has_right)
            )
        spans.sort()
        slots, position = [], 0
        for start, end, turn, strips_left, strips_right in spans:
            if start < position:
                return None
            slots.append(_Slot(text[position:start], turn, strips_left, strips_right))
            position = end
        edges = []
        for turn, start, end in answers:
            first, last = _edge(start, spans), _edge(end, spans)
            if first is None or last is None:
                return None
            edges.append((turn, first, last))
        return cls(slots, text[position:], edges, findings)

    @property
    def is_outdated(self) -> bool:
        """Whether it did not fit many rows in turn."""
        return self._misses >= MISSES

    def place(self, text: str, turns: Sequence[Turn]) -> Placed | None:
        """Where things stand in a rendering of these turns; None where it is not made as this frame says."""
        parts: list[str] = []
        ends = [0]
        contents: list[Span | None] = [None] * len(turns)
        position = 0
        for before, turn, strips_left, strips_right in self._slots:
            content = turns[turn]["content"]
            if strips_left:
                content = content.lstrip()
            if strips_right:
                content = content.rstrip()
            position += len(before)
            end = position + len(content)
            contents[turn] = (position, end)
            parts += (before, content)
            ends.append(end)
            position = end
        parts.append(self._tail)
        if "".join(parts) != text:
            self._misses += 1
            return None
        self._misses = 0
        answers = [
            (turn, ends[first.slots] + first.behind, ends[last.slots] + last.behind)
            for turn, first, last in self._answers
        ]
        return Placed(answers, contents)


def is_simple(turn: Turn) -> bool:
    """Whether a turn has nothing beside its words that a template could show."""
    return (len(turn) == 2 or turn.keys() in _KEYS) and type(turn["content"]) is str


def _mark(turn: int) -> str:
    return f"\ue000{turn}\ue001"  # of Unicode's private use


def _edge(position: int, spans: Sequence[tuple[int, int, int, bool, bool]]) -> _Edge | None:
    """A place in the probes' text by the slots before it; None within a slot."""
    slots = sum(end <= position for _, end, *_ in spans)
    if slots < len(spans) and spans[slots][0] < position:
        return None
    return _Edge(slots, position - (spans[slots - 1][1] if slots else 0))
