"""Tests hold on a machine four times slower: what is waited for has a minute, what is about speed is a bench."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
LEAST_SECONDS = 60
# The seconds that may pass, by the function that waits: their place among the arguments.
PLACES = {"wait_until": 1, "wait_for_tasks": 0, "wait": 0, "communicate": 1, "run": 99}
CLOCKS = {"monotonic", "perf_counter", "time"}
NOT_TESTS = ("bench", "journeys", "data")


def test_that_what_is_waited_for_has_a_minute() -> None:
    assert list(short_waits()) == []


def test_that_no_test_asserts_a_time() -> None:
    assert list(timed_asserts()) == []


def parsed() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(TESTS.rglob("*.py")):
        name = path.relative_to(TESTS)
        if name.parts[0] not in NOT_TESTS:
            yield str(name), ast.parse(path.read_text("utf-8"))


def short_waits() -> Iterator[str]:
    for name, module in parsed():
        refuted = {id(node.operand) for node in ast.walk(module) if isinstance(node, ast.UnaryOp)}  # not wait_...(0.1)
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and id(node) not in refuted and is_short(node):
                yield f"{name}:{node.lineno}: {ast.unparse(node)[:80]}"


def is_short(call: ast.Call) -> bool:
    called = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if called not in PLACES:
        return False
    given = [word.value for word in call.keywords if word.arg in ("timeout", "seconds")]
    given += call.args[PLACES[called] : PLACES[called] + 1]
    # A thread of Qt's waits in milliseconds, which are written 60_000.
    return any(isinstance(value, ast.Constant) and value.value < LEAST_SECONDS for value in given)


def timed_asserts() -> Iterator[str]:
    """Comparisons of a time that has passed with a number of seconds below a minute."""
    for name, module in parsed():
        for node in ast.walk(module):
            if not (isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare)):
                continue
            left, limits = node.test.left, node.test.comparators
            is_passed = isinstance(left, ast.BinOp) and isinstance(left.op, ast.Sub) and is_clock(left.left)
            if is_passed and any(isinstance(limit, ast.Constant) and limit.value < LEAST_SECONDS for limit in limits):
                yield f"{name}:{node.lineno}: {ast.unparse(node)[:80]}"


def is_clock(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS
