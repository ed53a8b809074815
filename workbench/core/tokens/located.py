"""Where in a rendered conversation its answers stand: by the template's marks, by prefixes, or a row for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workbench.core.data.row import DataRow, Turn
from workbench.core.tokens.frame import Frame, is_simple
from workbench.core.tokens.templates.chat_template import ChatTemplate, TemplateFailure, TemplateLimit
from workbench.core.tokens.token_kinds import Finding
from workbench.core.tokens.token_row import Span, Way

Tools = Sequence[dict[str, Any]]
_PROBE = "\ue002"  # of Unicode's private use


@dataclass(slots=True)
class Located:
    """A text that becomes one row of the training.

    Attributes:
        turns: The turns it is of.
        answers: What is learned: the turn's index (-1 where it is of no one turn), and its characters.
        contents: Where each turn's own words stand in the text, None where they do not stand there whole.
        turn: The turn that is learned where every answer is a row of its own, else -1.
    """

    text: str
    turns: Sequence[Turn]
    answers: list[tuple[int, int, int]]
    contents: list[Span | None]
    way: Way
    turn: int = -1
    findings: tuple[Finding, ...] = ()


class Locator:
    """Renders conversations and finds in them what is learned.

    Rows of the same roles are rendered once each: how their text is made of their turns was found for the first of
    them, and is compared with each row's own rendering.
    """

    def __init__(self, template: ChatTemplate, ends: Sequence[str]) -> None:
        """`ends` are the texts of the tokens that end an answer."""
        self.template = template
        self._ends = tuple(ends)
        self._frames: dict[tuple[tuple[str, ...], tuple[int, ...]], Frame | Literal["changes", "unknown"]] = {}

    def locate(self, row: DataRow, learned: tuple[int, ...], *, all_of_it: bool = False) -> list[Located]:
        """The texts that a row is learned as: one, or one for each of the turns in `learned`.

        Raises TemplateFailure.
        """
        if all_of_it:
            text = self.template.render(row.turns, row.tools).text
            contents = contents_in(text, row.turns, ())
            return [Located(text, row.turns, [(-1, 0, len(text))], contents, "prefixes")]
        if self.template.marks:
            marked = self._by_marks(row, learned)
            if marked is not None:
                return [marked]
        whole = self._whole(row.turns, row.tools, learned)
        if whole is not None:
            return [whole]
        return [self._one_answer(row, turn) for turn in learned]

    def _one_answer(self, row: DataRow, turn: int) -> Located:
        """A conversation up to an answer, of which only that is learned."""
        turns = row.turns[: turn + 1]
        found = self._whole(turns, row.tools, (turn,))
        if found is None:
            asked = self.template.render(turns[:-1], row.tools, for_answer=True).text
            text = self.template.render(turns, row.tools).text
            start = common(asked, text)
            contents = contents_in(text, turns, [(turn, start, len(text))])
            otherwise = Finding("asked otherwise", asked[start:])
            found = Located(text, turns, [(turn, start, len(text))], contents, "a row a turn", findings=(otherwise,))
        found.way, found.turn = "a row a turn", turn
        return found

    def _by_marks(self, row: DataRow, learned: tuple[int, ...]) -> Located | None:
        """None where the template's marks cannot be told apart by turns."""
        text, spans = self.template.render(row.turns, row.tools)
        answering = [place for place, turn in enumerate(row.turns) if turn["role"] == "assistant"]
        if spans and len(spans) == len(answering):
            pairs = zip(answering, spans, strict=True)
            answers = [(place, *span) for place, span in pairs if place in learned and span[0] < span[1]]
        elif spans and answering == list(learned):
            answers = [(-1, *span) for span in spans if span[0] < span[1]]
        else:
            return None
        return Located(text, row.turns, answers, contents_in(text, row.turns, answers), "marks")

    # -- prefixes ------------------------------------------------------------------------------------------------------

    def _whole(self, turns: Sequence[Turn], tools: Tools, learned: tuple[int, ...]) -> Located | None:
        """All that is learned in one text; None where earlier text changes with later turns."""
        if tools or not all(map(is_simple, turns)):
            return self._by_prefixes(turns, tools, learned)
        key = (tuple([turn["role"] for turn in turns]), learned)
        frame = self._frames.get(key)
        if frame is None:
            frame = self._frames[key] = self._new_frame(turns, learned)
        if frame == "changes":
            return None
        if isinstance(frame, Frame):
            text = self.template.render(turns).text
            placed = frame.place(text, turns)
            if placed is not None:
                return Located(text, turns, placed.answers, placed.contents, "prefixes", findings=frame.findings)
            if frame.is_outdated:  # a template may write the date
                del self._frames[key]
        return self._by_prefixes(turns, tools, learned)

    def _new_frame(self, turns: Sequence[Turn], learned: tuple[int, ...]) -> Frame | Literal["changes", "unknown"]:
        """How these roles become text, found by turns that can be told apart in it."""
        try:
            found = self._by_prefixes(Frame.probes(turns), (), learned)
        except TemplateLimit:
            raise
        except TemplateFailure:
            return "unknown"
        if found is None:
            return "changes"
        return Frame.of(found.text, len(turns), found.answers, found.findings) or "unknown"

    def _by_prefixes(self, turns: Sequence[Turn], tools: Tools, learned: tuple[int, ...]) -> Located | None:
        """None where what is asked, or an answer's end, does not begin the whole text: earlier text changes later."""
        text = self.template.render(turns, tools).text
        answers: list[tuple[int, int, int]] = []
        findings: tuple[Finding, ...] = ()
        for turn in learned:
            asked = self._asked(turns[:turn], tools)
            if asked and text.startswith(asked):
                start = len(asked)
            elif turn == 0:
                start = self._first_start(text, turns, tools)
            else:
                start = common(asked, text)
                if start < common(asked, self.template.render(turns[:turn], tools).text):
                    return None
                findings = (Finding("asked otherwise", asked[start:]),)
            end = len(text) if turn == len(turns) - 1 else self._end(text, start, turns[: turn + 1], tools)
            if end <= start:
                return None
            answers.append((turn, start, end))
        return Located(text, turns, answers, contents_in(text, turns, answers), "prefixes", findings=findings)

    def _asked(self, turns: Sequence[Turn], tools: Tools) -> str:
        """What an answer to these turns is asked with; empty before the first turn where a template takes no such."""
        try:
            return self.template.render(turns, tools, for_answer=True).text
        except TemplateLimit:
            raise
        except TemplateFailure:
            if turns:
                raise
            return ""

    def _first_start(self, text: str, turns: Sequence[Turn], tools: Tools) -> int:
        """Where an answer begins that stands before anything was asked: behind what answers are asked with elsewhere.

        A template may write something of its own before it, such as a system text, which is not learned.
        """
        other = [{"role": "assistant", "content": _PROBE}, *turns[1:]]
        words = common(text, self.template.render(other, tools).text)
        question: list[Turn] = [{"role": "user", "content": _PROBE}]
        try:
            before, asked = (self.template.render(question, for_answer=way).text for way in (False, True))
        except TemplateLimit:
            raise
        except TemplateFailure:
            return words
        head = asked.removeprefix(before)
        at = text.rfind(head, 0, words) if asked != before else -1
        return words if at < 0 else at + len(head)

    def _end(self, text: str, start: int, turns: Sequence[Turn], tools: Tools) -> int:
        """Where the last of these turns ends in the whole text; 0 where that cannot be said."""
        ended = self.template.render(turns, tools).text
        if text.startswith(ended):
            return len(ended)
        # A template may write something at the very end alone: a line break, or another end token.
        agreed = common(ended, text)
        if not ended[agreed:].strip():
            return agreed
        last = {token: text.rfind(token, start, agreed) for token in self._ends}
        end = max((at + len(token) for token, at in last.items() if at >= 0), default=0)
        if not end:
            return 0
        return end + len(text[end:agreed]) - len(text[end:agreed].lstrip())


def common(left: str, right: str) -> int:
    """How many first characters agree."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def contents_in(text: str, turns: Sequence[Turn], answers: Sequence[tuple[int, int, int]]) -> list[Span | None]:
    """Where each turn's own words stand, in the order of turns; None where they do not stand there whole.

    Space at their edges may be missing.
    """
    known = {turn: (start, end) for turn, start, end in answers if turn >= 0}
    found: list[Span | None] = []
    position = 0
    for place, turn in enumerate(turns):
        start, end = known.get(place, (position, len(text)))
        content = turn["content"] or ""
        at = text.find(content, start, end)
        if at < 0:
            content = content.strip()
            at = text.find(content, start, end)
        if at < 0 and place not in known:
            at = text.find(content)  # a template may move a system turn
        found.append(None if at < 0 else (at, at + len(content)))
        position = max(position, end if place in known else at + len(content))
    return found
