"""Jinja as transformers sets it up for chat templates, in a sandbox that measures each step."""

import types
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from workbench.core.tokens.templates import guards
from workbench.core.tokens.templates.limits import budget

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
def marking(blocks: list[str], spans: list[tuple[int, int]]) -> Iterator[None]:
    """Adds to `spans` those of the assistant's blocks while `blocks` is filled: (start, end) in characters."""
    token = _marks.set((blocks, spans))
    try:
        yield
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


def _strftime_now(format: str) -> str:
    budget().spend(256 * len(format))  # what Python writes at most
    return datetime.now().strftime(format)


# -- steps -------------------------------------------------------------------------------------------------------------


class BoundedCode(CodeGenerator):
    """Python of a template whose loops take steps, and whose texts are counted."""

    def writeline(self, x: str, node: nodes.Node | None = None, extra: int = 0) -> None:
        super().writeline(x, node, extra)
        if x == "_loop_vars = {}":  # the beginning of a loop's body
            super().writeline("environment.tick()")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write("environment.text(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        self.write(")")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        self.write("environment.concat((")
        for part in node.nodes:
            self.write("environment.text(")
            self.visit(part, frame)
            self.write("), ")
        self.write("))")

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:
        if not isinstance(node.arg, nodes.Slice):
            super().visit_Getitem(node, frame)
            return
        self.write("environment.made(")
        super().visit_Getitem(node, frame)
        self.write(")")

    def visit_Compare(self, node: nodes.Compare, frame: Frame) -> None:
        # What is compared with a word or a number ends at the first difference; lists in lists may share.
        if all(isinstance(part, nodes.Const) for part in (*(operand.expr for operand in node.ops),)):
            super().visit_Compare(node, frame)
            return
        self.write("(environment.weighed(")
        self.visit(node.expr, frame)
        self.write(")")
        for operand in node.ops:
            self.visit(operand, frame)
        self.write(")")

    def visit_Operand(self, node: nodes.Operand, frame: Frame) -> None:
        if isinstance(node.expr, nodes.Const):
            super().visit_Operand(node, frame)
            return
        self.write(f" {_OPERATORS[node.op]} environment.weighed(")
        self.visit(node.expr, frame)
        self.write(")")


_OPERATORS = {
    "eq": "==", "ne": "!=", "gt": ">", "gteq": ">=", "lt": "<", "lteq": "<=", "in": "in", "notin": "not in",
}  # fmt: skip


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox that keeps to the budget of `limits`."""

    code_generator_class = BoundedCode
    intercepted_binops = frozenset(guards.OPERATORS)

    def __init__(self) -> None:
        super().__init__(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
        self.binop_table.update(guards.OPERATORS)
        for known in (self.filters, self.tests):
            functions: dict[str, Any] = dict(known)
            known.update({name: guards.bounded(name, function) for name, function in functions.items()})
        self.filters["tojson"] = guards.tojson
        self.globals["lipsum"] = guards.lipsum
        self.globals["raise_exception"] = _raise
        self.globals["strftime_now"] = _strftime_now
        self.globals["dict"] = TemplateDict()
        self.globals["namespace"] = TemplateNamespace

    def tick(self) -> None:
        """A step of a loop. Raises LimitReached."""
        budget().tick()

    def text(self, value: Any) -> str:
        """A value as it is written. Raises LimitReached."""
        if type(value) is str:
            return value
        given = budget()
        given.spend(given.weigh(value).characters)
        return str(given.made(str(value)))

    def made(self, value: Any) -> Any:
        """A part of a text or a list, once it is counted. Raises LimitReached."""
        return budget().made(value)

    def weighed(self, value: Any) -> Any:
        """A value that is to be compared. Raises LimitReached."""
        budget().weigh(value)
        return value

    def concat(self, parts: Iterable[str]) -> str:
        """The parts as one text, once they are counted. Raises LimitReached."""
        found = parts if isinstance(parts, list | tuple) else list(parts)
        budget().spend(sum(map(len, found)))
        return "".join(found)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        given = budget()
        given.tick()
        if operator == "+" and type(left) is str and type(right) is str:  # most of what templates do
            given.spend(len(left) + len(right))
            return left + right
        return given.made(self.binop_table[operator](left, right))

    def call(__self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        given = budget()
        given.tick()
        for value in args:
            given.weigh(value)
        if isinstance(__obj, types.BuiltinMethodType | types.MethodType):
            args = guards.check_method(__obj, args, kwargs)
        return given.made(super().call(__context, __obj, *args, **kwargs))

    def wrap_str_format(self, value: Any) -> Any:
        """What stands for a text's own `format` and `format_map`; None for anything else."""
        if not isinstance(value, types.BuiltinMethodType | types.MethodType):
            return None
        owner, name = getattr(value, "__self__", None), getattr(value, "__name__", "")
        if not isinstance(owner, str) or name not in ("format", "format_map"):
            return None
        formatter = guards.BoundedFormatter(self)

        def format_text(*args: Any, **kwargs: Any) -> str:
            if name == "format_map":
                (kwargs,), args = args, ()
            return formatter.vformat(owner, args, kwargs)

        return format_text
