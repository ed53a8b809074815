"""How long it takes to list many runs: with the index, without it, and again in the same process.

`python3 main.py bench runs` keeps its figures in tests/bench/results. Each listing has a process of its own.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.bits import machine
from tests.bench.keeping import finish

RUNS = 1000
ROUNDS = 5
LISTED_SECONDS_ALLOWED = 0.3
# Most are over in one way or another, and some are long.
KEPT = ("finished", "stopped", "cancelled", "finished", "resumed", "html")
JOURNALS = Path(__file__).resolve().parents[1] / "data" / "journals"


def make_runs(home: Path, count: int) -> None:
    (home / "runs").mkdir(parents=True)
    for number, name in zip(range(count), cycle(KEPT), strict=False):
        run = home / "runs" / f"2026-{1 + number // 28 % 12:02}-{1 + number % 28:02}-1107-starter-shopping-{number}"
        shutil.copytree(JOURNALS / name, run)
        (run / "engine.lock").touch()
        if number % 3 == 0:
            (run / "label.toml").write_text(f'name = "run {number}"\ntags = ["keep", "rank {number % 7}"]\n')
            (run / "notes.txt").write_text("It learns slowly, and forgets what it knew.\n" * 5)


def listing() -> dict[str, float]:
    """In this process: a list by the index as it is found, then another."""
    from workbench.core.runs.index import RunIndex

    index = RunIndex()
    began = time.perf_counter()
    rows = index.rows()
    listed = time.perf_counter()
    index.rows()
    return {
        "runs": len(rows),
        "listed_seconds": listed - began,
        "again_seconds": time.perf_counter() - listed,
    }


def run(home: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        env={**os.environ, "WORKBENCH_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stderr)
    return done.stdout


def listed(home: Path) -> dict[str, float]:
    return dict(json.loads(run(home, "tests.bench.runs", "listing")))


def measured(count: int, rounds: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as folder:
        home = Path(folder)
        make_runs(home, count)
        anew, known, verbs = [], [], []
        for _ in range(rounds):
            (home / "runs" / ".index.json").unlink(missing_ok=True)
            anew.append(listed(home))
            known.append(listed(home))
            began = time.perf_counter()
            run(home, "workbench.cli", "runs", "--json")
            verbs.append(time.perf_counter() - began)
        size_bytes = (home / "runs" / ".index.json").stat().st_size
    assert known[0]["runs"] == count
    seconds = statistics.median(one["listed_seconds"] for one in known)
    return {
        "machine": machine(),
        "runs": count,
        "listed_seconds": round(seconds, 3),
        "again_seconds": round(statistics.median(one["again_seconds"] for one in known), 3),
        "without_index_seconds": round(statistics.median(one["listed_seconds"] for one in anew), 3),
        "verb_seconds": round(statistics.median(verbs), 3),
        "index_bytes": size_bytes,
        "rounds": [one["listed_seconds"] for one in known],
        "meets": seconds < LISTED_SECONDS_ALLOWED,
    }


def show(document: dict[str, Any]) -> None:
    table = Table(f"{document['runs']} runs", "seconds", "wanted", box=None)
    table.add_row("listed", f"{document['listed_seconds']:.3f}", f"under {LISTED_SECONDS_ALLOWED}")
    table.add_row("again in the same process", f"{document['again_seconds']:.3f}", "")
    table.add_row("where there is no index yet", f"{document['without_index_seconds']:.3f}", "")
    table.add_row("`workbench runs --json`, all of it", f"{document['verb_seconds']:.3f}", "")
    Console(highlight=False).print(table)


def main(arguments: list[str]) -> None:
    if arguments == ["listing"]:
        print(json.dumps(listing()))
        return
    parser = argparse.ArgumentParser(prog="main.py bench runs", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    finish("runs", measured(given.runs, given.rounds), show, as_json=given.json)


if __name__ == "__main__":
    main(sys.argv[1:])
