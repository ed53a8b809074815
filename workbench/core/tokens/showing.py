"""Whether a template shows all of a conversation: each turn's words, its other parts, and no token by mistake."""

import re
from collections.abc import Sequence
from typing import Any

from workbench.core.data.row import DataRow, Turn
from workbench.core.problems import shown
from workbench.core.tokens.located import Located
from workbench.core.tokens.templates.chat_template import ChatTemplate, TemplateFailure
from workbench.core.tokens.token_kinds import Finding

# What a turn may have beside its words that a model is to see; an id only joins a call with its result.
TELLING_KEYS = ("reasoning_content", "tool_calls", "name")


class SpecialTexts:
    """Finds texts that a tokenizer takes for special tokens."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._beginnings = tuple({text[:2] for text in texts})
        longest_first = sorted(texts, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)) or "(?!)")

    def first_in(self, text: str) -> str:
        """The first such text within; empty where there is none."""
        if not any(beginning in text for beginning in self._beginnings):
            return ""
        match = self._pattern.search(text)
        return match.group() if match else ""


def has_more(turn: Turn) -> bool:
    """Whether a turn has parts beside its words."""
    return any(turn.get(key) for key in TELLING_KEYS)


def add_findings(
    located: Located, row: DataRow, template: ChatTemplate, special: SpecialTexts, learned: tuple[int, ...]
) -> None:
    """Adds what of the row does not stand in its text as it was given. Raises TemplateFailure."""
    found: list[Finding] = []
    for place, turn in enumerate(located.turns):
        content, span = turn["content"] or "", located.contents[place]
        is_learned = place in learned and located.turn in (-1, place)
        if span is None:
            if turn["role"] != "assistant":
                found.append(Finding("turn not shown", f"{turn['role']}: {shown(content)}"))
            elif is_learned:
                found.append(Finding("answer changed", lost(content, located, place)))
        elif is_learned and span[1] - span[0] != len(content):
            found.append(Finding("trimmed"))
        if token := special.first_in(content):
            found.append(Finding("special in the text", token))
    if row.tools or not all(len(turn) == 2 for turn in located.turns):
        found.extend(_keys_not_shown(located, row, template, learned))
    if found:
        located.findings = (*located.findings, *found)


def lost(content: str, located: Located, place: int) -> str:
    """The first words of an answer that do not stand in its text."""
    spans = [(start, end) for turn, start, end in located.answers if turn in (place, -1)] or [(0, len(located.text))]
    there = "".join(located.text[start:end] for start, end in spans)
    lines = [line.strip() for line in content.splitlines()]
    missing = next((line for line in lines if line and line not in there), content.strip())
    return shown(missing)


def _keys_not_shown(
    located: Located, row: DataRow, template: ChatTemplate, learned: tuple[int, ...]
) -> Sequence[Finding]:
    """Parts without which the text is the same."""
    found: list[Finding] = []
    turns = located.turns
    if row.tools and _is_same(located.text, template, turns, ()):
        found.append(Finding("key not shown", "tools"))
    for key in TELLING_KEYS:
        having = [place for place, turn in enumerate(turns) if turn.get(key)]
        # What a template leaves out of an earlier answer it may still show in the one that is learned.
        asked = [place for place in having if place in learned and located.turn in (-1, place)] or having
        for place in asked:
            without = [turn if at != place else _without(turn, key) for at, turn in enumerate(turns)]
            if _is_same(located.text, template, without, row.tools):
                found.append(Finding("key not shown", f"{key} of the {turns[place]['role']}"))
                break
    return found


def _without(turn: Turn, key: str) -> Turn:
    return {name: value for name, value in turn.items() if name != key}


def _is_same(text: str, template: ChatTemplate, turns: Sequence[Turn], tools: Sequence[dict[str, Any]]) -> bool:
    try:
        return template.render(turns, tools).text == text
    except TemplateFailure:
        return False  # it needs what was left out
