"""A chat template rendered as transformers renders it, with a limit on its time and its size."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from functools import cache, lru_cache
from typing import Any, NamedTuple

from jinja2 import Template
from jinja2.runtime import Context

from workbench.core.problems import shown
from workbench.core.tokens.templates.environment import BoundedEnvironment, marking
from workbench.core.tokens.templates.limits import RENDER_SECONDS, LimitReached, limited

LONGEST_SOURCE = 1_000_000  # characters; the longest in the wild has 30 000

# Where a turn may hold what the assistant thought; templates read one name or another (as in transformers).
REASONING_KEYS = ("reasoning_content", "thinking", "reasoning")


class TemplateFailure(Exception):
    """A template that does not take a conversation; says why in words that may end a sentence."""


class TemplateLimit(TemplateFailure):
    """A template that takes too long, or makes too much: it would do so again."""


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

    def __init__(self, source: str, special_tokens: Mapping[str, str], *, seconds: float = RENDER_SECONDS) -> None:
        """`seconds` is what a rendering may take. Raises TemplateFailure for what Jinja cannot read."""
        self.source = source
        self._seconds = seconds
        self.marks = "endgeneration" in source
        self._template = _compiled(source)
        self._given = {**self._template.globals, **special_tokens}

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
            **self._given,
            **extra,
            "messages": [_turn(turn) for turn in turns],
            "tools": list(tools) or None,
            "documents": None,
            "add_generation_prompt": for_answer,
        }
        template, blocks = self._template, list[str]()
        spans: list[tuple[int, int]] = []
        try:
            with limited(self._seconds) as budget, marking(blocks, spans) if self.marks else nullcontext():
                # Template.render would rewrite the traceback of a failure, which takes longer than most renderings,
                # and Template.new_context would copy what every rendering is given.
                context = Context(template.environment, values, template.name, template.blocks)
                for block in template.root_render_func(context):
                    budget.spend(len(block))
                    blocks.append(block)
        except Exception as error:  # a template raises whatever its author chose
            raise _failure(error) from None
        return Rendered("".join(blocks), tuple(spans) if self.marks else None)


def _turn(turn: Mapping[str, Any]) -> dict[str, Any]:
    """A turn as transformers hands it to a template: no null values, and its reasoning under each of its names."""
    given = {key: value for key, value in turn.items() if value is not None}
    reasoning = next((given[key] for key in REASONING_KEYS if key in given), None)
    return given if reasoning is None else {"thinking": reasoning, **given, "reasoning_content": reasoning}


@cache
def _environment() -> BoundedEnvironment:
    return BoundedEnvironment()


@lru_cache(maxsize=16)
def _compiled(source: str) -> Template:
    if len(source) > LONGEST_SOURCE:
        raise TemplateFailure(f"it has {len(source)} characters, more than {LONGEST_SOURCE}")
    try:
        with limited():
            return _environment().from_string(source)
    except Exception as error:
        raise _failure(error) from None


def _failure(error: Exception) -> TemplateFailure:
    if isinstance(error, RecursionError):
        return TemplateFailure("it goes too deep into itself")
    words = shown(str(error), 200) or type(error).__name__
    if not words.endswith(".."):  # that say to go on
        words = words.removesuffix(".")
    return TemplateLimit(words) if isinstance(error, LimitReached) else TemplateFailure(words)
