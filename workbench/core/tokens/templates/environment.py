"""Jinja as transformers sets it up for chat templates, in a sandbox."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

# What was written so far, and where the blocks that a template marks as the assistant's stand in it.
_Marks = tuple[list[str], list[tuple[int, int]]]
_marks: ContextVar[_Marks | None] = ContextVar("marks of the assistant's blocks", default=None)


class Generation(Extension):
    """{% generation %} … {% endgeneration %}: what stands between them is the assistant's."""

    tags = {"generation"}  # noqa: RUF012  jinja2 declares it so

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("_marked"), [], [], body).set_lineno(line)

    def _marked(self, caller: Any) -> str:
        written = str(caller())
        if (marks := _marks.get()) is not None:
            blocks, spans = marks
            start = sum(map(len, blocks))
            spans.append((start, start + len(written)))
        return written


@contextmanager
def marking(blocks: list[str]) -> Iterator[list[tuple[int, int]]]:
    """Collects the spans of the assistant's blocks while `blocks` is filled: (start, end) in characters."""
    spans: list[tuple[int, int]] = []
    token = _marks.set((blocks, spans))
    try:
        yield spans
    finally:
        _marks.reset(token)


class TemplateDict:
    """dict(…) in a template, without what a class would give away."""

    def __call__(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        return dict(*args, **kwargs)

    def fromkeys(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        return dict.fromkeys(*args, **kwargs)


class TemplateNamespace(jinja2.utils.Namespace):
    """namespace(…) in a template, which holds no name that begins with an underscore."""

    def __init__(*args: Any, **kwargs: Any) -> None:
        self, *given = args
        values = dict(*given, **kwargs)
        for name in values:
            _refuse_underscore(name)
        jinja2.utils.Namespace.__init__(self, values)

    def __setitem__(self, name: str, value: Any) -> None:
        _refuse_underscore(name)
        super().__setitem__(name, value)


def _refuse_underscore(name: Any) -> None:
    if isinstance(name, str) and name.startswith("_"):
        raise jinja2.exceptions.SecurityError(f"A namespace holds no name that begins with an underscore: {name!r}.")


def _raise(message: str) -> None:
    raise jinja2.exceptions.TemplateError(message)


def _tojson(
    value: Any, ensure_ascii: bool = False, indent: Any = None, separators: Any = None, sort_keys: bool = False
) -> str:
    # Jinja's own writes < as \u003c.
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def new_environment() -> ImmutableSandboxedEnvironment:
    """What chat templates are compiled in."""
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols]
    )
    environment.filters["tojson"] = _tojson
    environment.globals["raise_exception"] = _raise
    environment.globals["strftime_now"] = lambda format: datetime.now().strftime(format)
    environment.globals["dict"] = TemplateDict()
    environment.globals["namespace"] = TemplateNamespace
    return environment
