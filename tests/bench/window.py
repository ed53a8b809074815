"""How quick the window is: to its first paint beside an empty one, while a run trains, and with what is large.

`python3 main.py bench window` keeps its figures in tests/bench/results. Each measure has a process of its own.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from tests.bench.keeping import finish
from workbench.core import places

ROOT = Path(__file__).resolve().parents[2]
EMPTY = [sys.executable, str(Path(__file__).with_name("empty_window.py"))]
OURS = [sys.executable, "-m", "workbench.cli", "window", "--smoke", "--json"]
# None of these is needed for a first paint, and each takes a good part of a second to import.
HEAVY = ("torch", "transformers", "peft", "datasets", "bitsandbytes", "pyqtgraph", "pandas", "scipy")

FIRST_PAINT_SECONDS_ALLOWED = 1.5
FIRST_PAINT_RATIO_ALLOWED = 3.0
RESIDENT_BYTES_ALLOWED = 200_000_000
# Batches come 30 times a second: who is later than one of them is behind.
LATE_MILLISECONDS_ALLOWED = 30.0
REDRAW_MILLISECONDS_ALLOWED = 16.0
# Of 100 000 steps: their numbers in the history take 23 MB, their lines in the log 12, what is drawn some 10.
GROWTH_BYTES_ALLOWED = 50_000_000
DRIFT_ALLOWED = 2000
# What a person takes for a halt, beside what the same act takes with something small.
HALT_MILLISECONDS_ALLOWED = 50.0


def environment(home: str, byte_code: str = "") -> dict[str, str]:
    """What a measure runs in; in the folder `byte_code` Python keeps its own, whatever this shell says of that."""
    chosen = {} if os.environ.get("DISPLAY") else {"QT_QPA_PLATFORM": "offscreen"}
    made = {**chosen, **os.environ, "WORKBENCH_HOME": home, "PYTHONPATH": str(ROOT)}
    if byte_code:
        made.pop("PYTHONDONTWRITEBYTECODE", None)
        made["PYTHONPYCACHEPREFIX"] = byte_code
    return made


def run(command: list[str], home: str, byte_code: str = "") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command, env=environment(home, byte_code), cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr}")
    return done


def first_paint(rounds: int) -> dict[str, Any]:
    """Both windows in turns, each in a new home, with Python's byte code kept; the median of the rounds counts."""
    sides: dict[str, list[dict[str, Any]]] = {"empty": [], "ours": []}
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as byte_code:
        for number in range(rounds + 1):
            for name, command in (("empty", EMPTY), ("ours", OURS)):
                with tempfile.TemporaryDirectory(prefix="workbench-bench-") as home:
                    told = started(command, home, byte_code)
                if number:  # the first round writes the byte code, and warms the disk's cache
                    sides[name].append(told)
    seconds = {name: [told["first_paint_seconds"] for told in rows] for name, rows in sides.items()}
    ratios = [ours / empty for ours, empty in zip(seconds["ours"], seconds["empty"], strict=True)]
    return {
        "empty_seconds": median(seconds["empty"]),
        "ours_seconds": median(seconds["ours"]),
        "ratio": round(statistics.median(ratios), 2),
        "empty_process_seconds": median(told["process_seconds"] for told in sides["empty"]),
        "ours_process_seconds": median(told["process_seconds"] for told in sides["ours"]),
        "rounds": seconds,
        "empty_resident_bytes": int(statistics.median(told["resident_bytes"] for told in sides["empty"])),
        "ours_resident_bytes": int(statistics.median(told["resident_bytes"] for told in sides["ours"])),
        "torch_imported": any(told["torch_imported"] for told in sides["ours"]),
        "pages": sides["ours"][0]["pages"],
    }


def started(command: list[str], home: str, byte_code: str) -> dict[str, Any]:
    """What a window tells at its end, and the seconds until then."""
    began = time.perf_counter()
    done = run(command, home, byte_code)
    return {**json.loads(done.stdout), "process_seconds": time.perf_counter() - began}


def median(values: Any) -> float:
    return round(statistics.median(values), 3)


def imported() -> dict[str, Any]:
    """What a start imports until all its pages are there, and whether anything heavy is among it."""
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as home:
        done = run([sys.executable, "-X", "importtime", *OURS[1:]], home)
    lines = [line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines() if line.startswith("import time:")]
    roots = {line.partition(".")[0] for line in lines}
    return {"modules": len(lines), "heavy": sorted(roots.intersection(HEAVY))}


def measured(name: str, home: str) -> dict[str, Any]:
    """One measure of tests.bench.window_measures."""
    done = run([sys.executable, "-m", "tests.bench.window_measures", name], home)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def halts() -> dict[str, Any]:
    """What tests.bench.window_halts measures."""
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as home:
        done = run([sys.executable, "-m", "tests.bench.window_halts"], home)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def lateness() -> dict[str, Any]:
    """How late the window's timer is, beside that of an empty program in the same minutes."""
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as home:
        kept = places.models()
        if (kept / places.STARTER).is_dir():
            (Path(home) / "models").mkdir()
            (Path(home) / "models" / places.STARTER).symlink_to(kept / places.STARTER)
        bare = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.window_measures", "bare-lateness"],
            env=environment(home), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            figures = measured("lateness", home)
        finally:
            told, _ = bare.communicate("")
        return {**figures, "an empty program beside it": json.loads(told)}


def machine() -> dict[str, Any]:
    """Where this was measured."""
    packages = ("PySide6_Essentials", "pyqtgraph", "numpy", "pydantic", "torch")
    return {
        "device": f"{processor()}, {os.cpu_count()} cores, {psutil.virtual_memory().total / 1e9:.0f} GB",
        "system": f"{platform.system()} {platform.machine()}",
        "screen": os.environ.get("QT_QPA_PLATFORM") or ("x11" if os.environ.get("DISPLAY") else "offscreen"),
        "load_before": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "versions": {name: metadata.version(name) for name in packages},
    }


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def verdicts(document: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """Each figure with what is wanted of it, and whether it is met."""
    paint, late = document["first_paint"], document["lateness"]
    training = late["while the starter trains"]["p99_milliseconds"]
    beside = late["an empty program beside it"]["p99_milliseconds"]
    plot, updates, signals = document["points"], document["updates"], document["signals"]
    return [
        (
            "first paint",
            f"{paint['ours_seconds']:.2f} s",
            f"under {FIRST_PAINT_SECONDS_ALLOWED:.1f} s",
            paint["ours_seconds"] < FIRST_PAINT_SECONDS_ALLOWED,
        ),
        (
            "first paint beside an empty window's",
            f"{paint['ratio']:.2f} times {paint['empty_seconds']:.2f} s",
            f"at most {FIRST_PAINT_RATIO_ALLOWED:.0f} times",
            paint["ratio"] <= FIRST_PAINT_RATIO_ALLOWED,
        ),
        (
            "imported by a start",
            f"{document['imported']['modules']} modules, of the heavy ones {document['imported']['heavy'] or 'none'}",
            "none of the heavy ones",
            not document["imported"]["heavy"] and not paint["torch_imported"],
        ),
        (
            "resident memory",
            f"{paint['ours_resident_bytes'] / 1e6:.0f} MB, an empty window's {paint['empty_resident_bytes'] / 1e6:.0f}",
            f"at most {RESIDENT_BYTES_ALLOWED / 1e6:.0f} MB",
            paint["ours_resident_bytes"] <= RESIDENT_BYTES_ALLOWED,
        ),
        (
            "10 ms timer while the starter trains, 99th percentile",
            f"{training:.1f} ms late, an empty program {beside:.1f} ms",
            f"at most {LATE_MILLISECONDS_ALLOWED:.0f} ms",
            training <= LATE_MILLISECONDS_ALLOWED,
        ),
        (
            f"{plot['points']:,} points redrawn",
            f"{plot['median_milliseconds']:.1f} ms, slowest {plot['largest_milliseconds']:.1f} ms",
            f"at most {REDRAW_MILLISECONDS_ALLOWED:.0f} ms",
            plot["median_milliseconds"] <= REDRAW_MILLISECONDS_ALLOWED,
        ),
        (
            f"{updates['updates']:,} steps drawn live",
            f"{updates['growth_bytes'] / 1e6:.1f} MB of growth, {updates['mean_milliseconds']:.2f} ms a step",
            f"at most {GROWTH_BYTES_ALLOWED / 1e6:.0f} MB",
            updates["growth_bytes"] <= GROWTH_BYTES_ALLOWED,
        ),
        (
            f"{signals['signals']:,} signals across threads",
            f"{signals['seconds']:.2f} s, reference counts moved by {signals['reference_drift']}",
            f"at most {DRIFT_ALLOWED}",
            signals["reference_drift"] <= DRIFT_ALLOWED,
        ),
        *(
            (
                f"longest halt, {name}: 500 MB of data, a journal of 60 MB",
                f"{halt['large_milliseconds']:.0f} ms, with something small {halt['small_milliseconds']:.0f} ms",
                f"at most {HALT_MILLISECONDS_ALLOWED:.0f} ms more",
                halt["large_milliseconds"] - halt["small_milliseconds"] <= HALT_MILLISECONDS_ALLOWED,
            )
            for name, halt in document["halts"].items()
        ),
    ]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="main.py bench window", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    document: dict[str, Any] = {"machine": machine(), "first_paint": first_paint(given.rounds), "imported": imported()}
    with tempfile.TemporaryDirectory(prefix="workbench-bench-") as home:
        document |= {name: measured(name, home) for name in ("points", "updates", "signals")}
    document["halts"] = halts()
    document["lateness"] = lateness()
    rows = verdicts(document)
    document["meets"] = all(meets for *_, meets in rows)
    finish("window", document, lambda found: show(found, rows), as_json=given.json)


def show(document: dict[str, Any], rows: list[tuple[str, str, str, bool]]) -> None:
    console = Console(highlight=False)
    console.print(f"{document['machine']['device']}, {document['machine']['screen']}")
    table = Table("The window", "measured", "wanted", "", box=None, pad_edge=False)
    for name, figure, wanted, meets in rows:
        table.add_row(name, figure, wanted, "ok" if meets else "[bold]not met[/bold]")
    console.print(table)
