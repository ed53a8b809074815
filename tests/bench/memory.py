"""How quick the Memory page is, and how quick each answer of the account book it asks.

`python3 main.py bench memory` keeps its figures in tests/bench/results.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.bits import machine
from tests.bench.keeping import finish
from tests.bench.memory_page import MILLISECONDS_ALLOWED, meets
from workbench.core.memory import fitting, ledger
from workbench.core.model import catalogue
from workbench.core.recipe.recipe import Recipe

ANSWER_MILLISECONDS = 3.0
MODELS = ("Llama-3-8B", "Qwen3-30B-A3B", "GPT-2")
LIMIT_BYTES = 12 * 10**9


def answers(rounds: int) -> dict[str, dict[str, float]]:
    """Milliseconds of each question, the median of the rounds."""
    recipe = fitting.with_changes(Recipe(), {"training.max_length": 2048})
    found: dict[str, dict[str, float]] = {}
    for name in MODELS:
        shape = catalogue.find(name).shape()
        questions: dict[str, Callable[[], object]] = {
            "predict": lambda shape=shape: ledger.predict(shape, recipe, device="cuda"),  # type: ignore[misc]
            **{
                question: lambda ask=ask, shape=shape: ask(shape, recipe, "cuda", LIMIT_BYTES)  # type: ignore[misc]
                for question, ask in fitting.QUESTIONS.items()
            },
            "changes": lambda shape=shape: fitting.changes(shape, recipe, "cuda", LIMIT_BYTES),  # type: ignore[misc]
        }
        found[name] = {question: round(_milliseconds(ask, rounds), 3) for question, ask in questions.items()}
    return found


def _milliseconds(ask: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken[1:])


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="main.py bench memory", description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    command = [sys.executable, "-m", "tests.bench.memory_page"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout:
        sys.exit(done.stderr)
    document: dict[str, Any] = {"machine": machine(), "page": json.loads(done.stdout), "answers": answers(given.rounds)}
    document["meets"] = meets(document["page"])
    finish("memory", document, show, as_json=given.json)


def show(document: dict[str, Any]) -> None:
    table = Table("Milliseconds, 95 % within", "frame", "frame after", "of this process", box=None, pad_edge=False)
    for name, entry in document["page"]["changes"].items():
        own = sum(frame["of this process"]["p95_milliseconds"] for frame in entry.values())
        walls = [f"{frame['wall']['p95_milliseconds']:.1f}" for frame in entry.values()]
        table.add_row(name, *walls, f"{own:.1f}")
    painted = document["page"]["painted without a change"]
    walls = [f"{painted['wall']['p95_milliseconds']:.1f}", ""]
    table.add_row("the same page painted alone", *walls, f"{painted['of this process']['p95_milliseconds']:.1f}")
    Console(highlight=False).print(table)
    print(f"Wanted of each frame: {MILLISECONDS_ALLOWED:.0f}.")
    for name, entry in document["answers"].items():
        print(f"{name}: " + ", ".join(f"{question} {value:.2f} ms" for question, value in entry.items()))


if __name__ == "__main__":
    main(sys.argv[1:])
