"""Tests hold on a machine four times slower: what is waited for has a minute, what is about speed is a bench."""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
LEAST_SECONDS = 60
# The seconds that may pass, by the function that waits: their place among the arguments.
PLACES = {"wait_until": 1, "wait_for_tasks": 0, "wait": 0, "communicate": 1, "run": 99}
CLOCKS = {"monotonic", "perf_counter", "time", "thread_time", "process_time"}
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


SHORT_WAITS = (
    "wait_until(done, 5)",
    "process.wait(timeout=5)",
    "thread.wait(5_000)",
    "def end(seconds=20.0):\n    wait_until(done, seconds)",
)
TIMED_ASSERTS = (
    "seconds = time.monotonic() - began\n    assert seconds < 40",
    "assert time.thread_time() - began < 3",
    "assert 5 > time.time() - began",
    "assert max(after - before for before, after in pairwise(ticks)) < 0.4",
)


def test_that_a_short_wait_is_found() -> None:
    assert tuple(text for text in SHORT_WAITS if list(short_waits_of(ast.parse(text)))) == SHORT_WAITS
    assert not list(short_waits_of(ast.parse("process.wait(60); thread.wait(60_000); wait_until(done, 120)")))


def test_that_a_timed_assert_is_found() -> None:
    functions = {text: ast.parse(f"def test():\n    {text}") for text in TIMED_ASSERTS}
    assert tuple(text for text, function in functions.items() if list(timed_asserts_of(function))) == TIMED_ASSERTS
    assert not list(timed_asserts_of(ast.parse("def test():\n    assert time.monotonic() - began < 60")))


def short_waits() -> Iterator[str]:
    for name, module in parsed():
        yield from (f"{name}:{found}" for found in short_waits_of(module))


def short_waits_of(module: ast.Module) -> Iterator[str]:
    refuted = {id(node.operand) for node in ast.walk(module) if isinstance(node, ast.UnaryOp)}  # not wait_...(0.1)
    for node in ast.walk(module):
        is_short_call = isinstance(node, ast.Call) and id(node) not in refuted and is_short(node)
        if is_short_call or (isinstance(node, ast.FunctionDef) and is_short_by_default(node)):
            yield f"{node.lineno}: {ast.unparse(node)[:80]}"


def is_short(call: ast.Call) -> bool:
    called = called_name(call)
    if called not in PLACES:
        return False
    given = [word.value for word in call.keywords if word.arg in ("timeout", "seconds")]
    given += call.args[PLACES[called] : PLACES[called] + 1]
    # A thread of Qt's waits in milliseconds: what is written as a number above 60 is a minute of them at least.
    is_milliseconds = called == "wait" and bool(call.args)
    return any(
        is_below_a_minute(value) or (is_milliseconds and LEAST_SECONDS < value.value < 1000 * LEAST_SECONDS)
        for value in given
        if isinstance(value, ast.Constant)
    )


def called_name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def is_short_by_default(function: ast.FunctionDef) -> bool:
    """Whether it waits, and has less than a minute for it where nothing is said."""
    if not any(isinstance(node, ast.Call) and called_name(node) in PLACES for node in ast.walk(function)):
        return False
    arguments = function.args
    given = list(zip(reversed(arguments.args), reversed(arguments.defaults), strict=False))
    given += [(name, value) for name, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value]
    return any(name.arg in ("seconds", "timeout") and is_below_a_minute(value) for name, value in given)


def timed_asserts() -> Iterator[str]:
    for name, module in parsed():
        yield from (f"{name}:{found}" for found in timed_asserts_of(module))


def timed_asserts_of(module: ast.Module) -> Iterator[str]:
    """Comparisons of a time that has passed, or of the longest gap, with a number of seconds below a minute."""
    for function in [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]:
        nodes = [node for statement in function.body for node in ast.walk(statement)]
        assigned = [node for node in nodes if isinstance(node, ast.Assign) and is_passed(node.value)]
        passed = {ast.unparse(target) for node in assigned for target in node.targets}
        for node in nodes:
            if isinstance(node, ast.Assert) and isinstance(node.test, ast.Compare):
                for less, limit in bounds(node.test):
                    is_timed = is_passed(less) or is_longest_gap(less) or ast.unparse(less) in passed
                    if is_timed and is_below_a_minute(limit):
                        yield f"{node.lineno}: {ast.unparse(node)[:80]}"


def bounds(test: ast.Compare) -> Iterator[tuple[ast.expr, ast.expr]]:
    """What is compared, each with what it has to stay below."""
    for left, how, right in zip([test.left, *test.comparators], test.ops, test.comparators, strict=False):
        yield (right, left) if isinstance(how, ast.Gt | ast.GtE) else (left, right)


def is_passed(node: ast.expr) -> bool:
    """Whether it is a clock's time less another."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) and isinstance(node.left, ast.Call)):
        return False
    return isinstance(node.left.func, ast.Attribute) and node.left.func.attr in CLOCKS


def is_longest_gap(node: ast.expr) -> bool:
    """Whether it is max(after - before for ...)."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "max"):
        return False
    return any(isinstance(each, ast.GeneratorExp) and isinstance(each.elt, ast.BinOp) for each in node.args)


def is_below_a_minute(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and node.value < LEAST_SECONDS
