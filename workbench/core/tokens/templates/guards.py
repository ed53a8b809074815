"""What a template may call, measured before it is done: operators, methods of texts, filters and tests."""

import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from itertools import islice
from string import Formatter
from typing import Any

from jinja2.sandbox import SandboxedFormatter

from workbench.core.tokens.templates.limits import MOST_ITEMS, LimitReached, budget

WIDEST = 10_000  # characters to which a text is filled, or digits of a number
MOST_BITS = 100_000  # of a whole number
LONGEST_SEARCHED = 200_000  # characters that a filter searches by patterns which may go back and forth

_WIDTH = re.compile(r"\d{5,}")
# A width or a precision of five digits, or one that is given as a value.
_PERCENT_WIDTH = re.compile(r"%(?:\([^)]*\))?[-+ #0]*(?:\d{5,}|\*|\d*\.(?:\d{5,}|\*))")


# -- operators ---------------------------------------------------------------------------------------------------------


def add(left: Any, right: Any) -> Any:
    if isinstance(left, str | bytes | list | tuple):
        budget().spend(len(left) + len(right) if hasattr(right, "__len__") else len(left))
    return left + right


def multiply(left: Any, right: Any) -> Any:
    for repeated, times in ((left, right), (right, left)):
        if isinstance(repeated, str | bytes | list | tuple) and isinstance(times, int):
            budget().spend(len(repeated) * max(times, 0))
    if isinstance(left, int) and isinstance(right, int):
        _refuse_long_number(left.bit_length() + right.bit_length())
    return left * right


def power(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int):
        _refuse_long_number(left.bit_length() * max(right, 0))
    return left**right


def modulo(left: Any, right: Any) -> Any:
    if isinstance(left, str | bytes):
        _check_percent(left, right)
    return operator.mod(left, right)


def _check_percent(text: str | bytes, values: Any) -> None:
    """Before `text % values`. Raises LimitReached."""
    spelled = str(text)
    if _PERCENT_WIDTH.search(spelled):
        raise LimitReached("it fills a text to more than 10 000 characters")
    given = budget()
    given.spend(len(text) + given.weigh(values).characters * max(1, spelled.count("%")))


OPERATORS: dict[str, Callable[[Any, Any], Any]] = {"+": add, "*": multiply, "**": power, "%": modulo}


def _refuse_long_number(bits: int) -> None:
    if bits > MOST_BITS:
        raise LimitReached(f"it makes a number of more than {MOST_BITS} bits")


# -- methods -----------------------------------------------------------------------------------------------------------


def check_method(method: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[Any, ...]:
    """The arguments for a method of a text or a number, once it is sure that what it makes is small enough.

    Raises LimitReached.
    """
    owner = getattr(method, "__self__", None)
    name = getattr(method, "__name__", "")
    if isinstance(owner, str | bytes):
        return _check_text_method(owner, name, args, kwargs)
    if isinstance(owner, int) and name == "to_bytes":
        budget().spend(max((value for value in (*args, *kwargs.values()) if isinstance(value, int)), default=0))
    return args


def _check_text_method(
    owner: str | bytes, name: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]
) -> tuple[Any, ...]:
    spend = budget().spend
    match name:
        case "center" | "ljust" | "rjust" | "zfill":
            spend(max(len(owner), *(value for value in (*args, *kwargs.values(), 0) if isinstance(value, int))))
        case "expandtabs":
            width = next((value for value in (*args, *kwargs.values()) if isinstance(value, int)), 8)
            tabs = owner.count(b"\t") if isinstance(owner, bytes) else owner.count("\t")
            spend(len(owner) + tabs * max(width, 0))
        case "replace":
            spend(_replaced_size(owner, *args[:2]) if len(args) > 1 else len(owner))
        case "join":
            items = listed(args[0]) if args else []
            spend(sum(len(item) + len(owner) for item in items if isinstance(item, str | bytes)))
            return (items, *args[1:])
        case "translate":
            table = args[0] if args and isinstance(args[0], Mapping) else {}
            longest = max((len(value) for value in table.values() if isinstance(value, str)), default=1)
            spend(len(owner) * max(longest, 1))
        case "split" | "rsplit" | "splitlines":
            separator = args[0] if args and isinstance(args[0], str | bytes) and args[0] else None
            pieces = owner.count(separator) if separator is not None else len(owner) // 2  # type: ignore[arg-type]
            if pieces > MOST_ITEMS:
                raise LimitReached("it splits a text into more than 2 000 000 pieces")
    return args


def _replaced_size(text: Any, old: Any, new: Any) -> int:
    if not (isinstance(text, str | bytes) and type(text) is type(old) is type(new)):
        return 0  # it raises by itself
    times: int = text.count(old)  # type: ignore[arg-type]  # they are of one type
    return len(text) + max(0, len(new) - len(old)) * times


def listed(items: Iterable[Any]) -> list[Any]:
    """The items, of which there are not too many. Raises LimitReached."""
    found = list(islice(items, MOST_ITEMS + 1))
    if len(found) > MOST_ITEMS:
        raise LimitReached("it makes a list of more than 2 000 000 items")
    budget().spend(8 * len(found))
    return found


class BoundedFormatter(SandboxedFormatter):
    """As "{:>10}".format(…), which fills no text to more than WIDEST characters."""

    def vformat(self, format_string: str, args: Any, kwargs: Any) -> str:
        budget().spend(len(format_string))
        return Formatter.vformat(self, format_string, args, kwargs)

    def format_field(self, value: Any, format_spec: str) -> Any:
        if _WIDTH.search(format_spec):
            raise LimitReached("it fills a text to more than 10 000 characters")
        given = budget()
        given.tick()
        given.spend(given.weigh(value).characters)
        return super().format_field(value, format_spec)

    def convert_field(self, value: Any, conversion: Any) -> Any:
        budget().weigh(value)
        return super().convert_field(value, conversion)


# -- filters and tests -------------------------------------------------------------------------------------------------


def bounded(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter or a test of Jinja's whose arguments are weighed, and whose result is counted."""
    check = _CHECKS.get(name)
    own = 1 if hasattr(function, "jinja_pass_arg") else 0  # Jinja's context comes before what a template gives

    @wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        given = budget()
        given.tick()
        for value in args[own:]:
            given.weigh(value)
        if kwargs:
            for value in kwargs.values():
                given.weigh(value)
        if check is not None:
            args = (*args[:own], *check(args[own:], kwargs))
        return given.made(function(*args, **kwargs))

    return called


def tojson(
    value: Any, ensure_ascii: bool = False, indent: Any = None, separators: Any = None, sort_keys: bool = False
) -> str:
    """As transformers writes JSON into a chat: Jinja's own writes < as \\u003c."""
    weight = budget().weigh(value)
    margin = len(indent) if isinstance(indent, str) else indent if isinstance(indent, int) else 0
    between = sum(map(len, separators)) if separators else 0
    size = weight.characters + weight.items * (max(margin, 0) * weight.depth + between)
    budget().spend(size + max(margin, 0) * weight.depth)
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


Arguments = tuple[Any, ...]


def _value(args: Arguments, kwargs: Mapping[str, Any], place: int, name: str, default: Any = None) -> Any:
    return kwargs.get(name, args[place] if place < len(args) else default)


def _check_center(args: Arguments, kwargs: Mapping[str, Any]) -> Arguments:
    width = _value(args, kwargs, 1, "width", 80)
    budget().spend(width if isinstance(width, int) else 0)
    return args


def _check_indent(args: Arguments, kwargs: Mapping[str, Any]) -> Arguments:
    width = _value(args, kwargs, 1, "width", 4)
    margin = len(width) if isinstance(width, str) else width if isinstance(width, int) else 0
    budget().spend((str(args[0]).count("\n") + 1) * max(margin, 0) + len(str(args[0])))
    return args


def _check_replace(args: Arguments, kwargs: Mapping[str, Any]) -> Arguments:
    old, new = _value(args, kwargs, 1, "old"), _value(args, kwargs, 2, "new")
    budget().spend(_replaced_size(str(args[0]), str(old), str(new)))
    return args


def _check_join(args: Arguments, kwargs: Mapping[str, Any]) -> Arguments:
    items = listed(args[0])
    given = budget()
    between = len(str(_value(args, kwargs, 1, "d", "")))
    given.spend(sum(given.weigh(item).characters + between for item in items))
    return (items, *args[1:])


def _check_count(args: Arguments, kwargs: Mapping[str, Any]) -> Arguments:
    """Of batch and slice: into how many, or of how many."""
    for value in (*args[1:2], *kwargs.values()):
        if isinstance(value, int) and value > WIDEST:
            raise LimitReached(f"it makes parts of more than {WIDEST} items")
    return args


def _check_digits(args: Arguments, kwargs: Mapping[str, Any]) -> Arguments:
    digits = _value(args, kwargs, 1, "precision", 0)
    if isinstance(digits, int) and abs(digits) > 300:
        raise LimitReached("it rounds to more than 300 digits")
    return args


def _check_format(args: Arguments, kwargs: Mapping[str, Any]) -> Arguments:
    _check_percent(str(args[0]), kwargs or args[1:])
    return args


def _check_list(args: Arguments, kwargs: Mapping[str, Any]) -> Arguments:
    return (listed(args[0]), *args[1:])


def _check_text(args: Arguments, kwargs: Mapping[str, Any]) -> Arguments:
    """Of a value that becomes text as it is written."""
    budget().spend(budget().weigh(args[0]).characters)
    return args


def _check_searched(args: Arguments, kwargs: Mapping[str, Any]) -> Arguments:
    given = budget()
    if sum(given.weigh(value).characters for value in (*args, *kwargs.values())) > LONGEST_SEARCHED:
        raise LimitReached(f"it searches a text of more than {LONGEST_SEARCHED} characters by patterns")
    return args


def _check_sum(args: Arguments, kwargs: Mapping[str, Any]) -> Arguments:
    start = _value(args, kwargs, 2, "start", 0)
    if not isinstance(start, int | float):
        raise LimitReached("it sums what are not numbers")
    return args


_CHECKS: dict[str, Callable[[Arguments, Mapping[str, Any]], Arguments]] = {
    "center": _check_center,
    "indent": _check_indent,
    "replace": _check_replace,
    "join": _check_join,
    "batch": _check_count,
    "slice": _check_count,
    "round": _check_digits,
    "format": _check_format,
    "list": _check_list,
    "string": _check_text,
    "sum": _check_sum,
    **dict.fromkeys(("pprint", "striptags", "urlize", "wordwrap", "wordcount", "xmlattr"), _check_searched),
}


def lipsum(n: int = 5, html: bool = True, min: int = 20, max: int = 100) -> str:
    """Jinja's own, of a few paragraphs."""
    from jinja2.utils import generate_lorem_ipsum

    if n > 20 or max > 1000:
        raise LimitReached("it makes more than 20 paragraphs of any words")
    return str(generate_lorem_ipsum(n, html, min, max))
