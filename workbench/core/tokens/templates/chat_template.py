"""A chat template rendered as transformers renders it, with a limit on its time and its size."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from jinja2 import Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from workbench.core.problems import shown
from workbench.core.tokens.templates.environment import marking, new_environment

# Where a turn may hold what the assistant thought; templates read one name or another (as in transformers).
REASONING_KEYS = ("reasoning_content", "thinking", "reasoning")


class TemplateFailure(Exception):
    """A template that does not take a conversation; says why in words that may end a sentence."""


class Rendered(NamedTuple):
    """A conversation as text, and the assistant's part of it where the template marks that: (start, end)."""

    text: str
    spans: tuple[tuple[int, int], ...] | None


class ChatTemplate:
    """A template with the special tokens it may spell.

    Attributes:
        source: What Jinja reads.
        marks: It says itself what the assistant writes.
    """

    def __init__(self, source: str, special_tokens: Mapping[str, str]) -> None:
        """Raises TemplateFailure for what Jinja cannot read."""
        self.source = source
        self.marks = "endgeneration" in source
        self._template = _compiled(source)
        self._special_tokens = dict(special_tokens)

    def render(
        self,
        turns: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]] = (),
        *,
        for_answer: bool = False,
        **extra: Any,
    ) -> Rendered:
        """The conversation as the template spells it, ready for an answer where wanted. Raises TemplateFailure."""
        values = {
            **self._special_tokens,
            **extra,
            "messages": [_turn(turn) for turn in turns],
            "tools": list(tools) or None,
            "documents": None,
            "add_generation_prompt": for_answer,
        }
        blocks: list[str] = []
        try:
            if not self.marks:
                return Rendered(self._template.render(values), None)
            with marking(blocks) as spans:
                for block in self._template.generate(values):
                    blocks.append(block)
        except Exception as error:  # a template raises whatever its author chose
            raise TemplateFailure(shown(str(error), 200) or type(error).__name__) from None
        return Rendered("".join(blocks), tuple(spans))


def _turn(turn: Mapping[str, Any]) -> dict[str, Any]:
    """A turn as transformers hands it to a template: no null values, and its reasoning under each of its names."""
    given = {key: value for key, value in turn.items() if value is not None}
    reasoning = next((given[key] for key in REASONING_KEYS if key in given), None)
    return given if reasoning is None else {"thinking": reasoning, **given, "reasoning_content": reasoning}


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return new_environment()


@cache
def _compiled(source: str) -> Template:
    try:
        return _environment().from_string(source)
    except Exception as error:
        raise TemplateFailure(shown(str(error), 200) or type(error).__name__) from None
