"""How many numbers a second are encoded in BF16 and FP8 on one core, beside ml_dtypes; and how quick the Bits page is.

`python3 main.py bench bits` keeps its figures in tests/bench/results.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from importlib import metadata
from typing import Any

import ml_dtypes
import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from tests.bench.bits_page import MILLISECONDS_ALLOWED
from tests.bench.keeping import finish
from workbench.numerics.arrays import decode_array, encode_array
from workbench.numerics.named_formats import NUMBER_FORMATS
from workbench.numerics.rounding import Rounding

NUMBERS = 10_000_000
# Of the formats that the wish names; the others are measured beside them.
PER_SECOND_WANTED = {"BF16": 10e6, "FP8 E4M3": 10e6, "FP8 E5M2": 10e6}
THEIRS = {
    "BF16": ml_dtypes.bfloat16,
    "FP16": np.float16,
    "FP8 E4M3": ml_dtypes.float8_e4m3fn,
    "FP8 E5M2": ml_dtypes.float8_e5m2,
    "FP4 E2M1": ml_dtypes.float4_e2m1fn,
    "INT8": None,
    "NF4": None,
}


def per_second(work: Callable[[], Any], rounds: int) -> float:
    """Numbers a second, the median of the rounds, after one that warms up."""
    seconds = []
    for number in range(rounds + 1):
        started = time.perf_counter()
        work()
        if number:
            seconds.append(time.perf_counter() - started)
    return round(NUMBERS / statistics.median(seconds))


def measured(name: str, rounds: int) -> dict[str, Any]:
    """Weights as they are in a model: normally distributed, in FP32."""
    entry, other = NUMBER_FORMATS[name], THEIRS[name]
    weights = np.random.default_rng(1).standard_normal(NUMBERS, dtype=np.float32) / 4
    codes = encode_array(entry, weights)
    row: dict[str, Any] = {
        "encoded_per_second": per_second(lambda: encode_array(entry, weights), rounds),
        "decoded_per_second": per_second(lambda: decode_array(entry, codes), rounds),
    }
    if name in PER_SECOND_WANTED:
        in_fp64 = weights.astype(np.float64)
        row["encoded_per_second_from_fp64"] = per_second(lambda: encode_array(entry, in_fp64), rounds)
        row["encoded_per_second_stochastic"] = per_second(
            lambda: encode_array(entry, weights, Rounding.STOCHASTIC), rounds
        )
        row["meets"] = row["encoded_per_second"] >= PER_SECOND_WANTED[name]
    if other is not None:
        theirs = weights.astype(other)
        row["library_encoded_per_second"] = per_second(lambda: weights.astype(other), rounds)
        row["same_codes"] = bool(np.array_equal(theirs.view(codes.dtype), codes))
    return row


def machine() -> dict[str, Any]:
    return {
        "device": f"{platform.processor() or platform.machine()}, one of {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.machine()}",
        "load_before": round(psutil.getloadavg()[0], 2),
        "python": platform.python_version(),
        "versions": {name: metadata.version(name) for name in ("numpy", "ml_dtypes")},
    }


def page() -> dict[str, Any]:
    """From a keystroke to all rows repainted, in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "tests.bench.bits_page"], capture_output=True, text=True, check=False)
    if not done.stdout:
        sys.exit(done.stderr)
    return dict(json.loads(done.stdout))


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="main.py bench bits", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    document: dict[str, Any] = {"machine": machine(), "page": page(), "numbers": NUMBERS}
    if sys.platform == "linux":
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    document["formats"] = {name: measured(name, given.rounds) for name in THEIRS}
    is_quick = document["page"]["wall"]["p95_milliseconds"] <= MILLISECONDS_ALLOWED
    document["meets"] = is_quick and all(
        row.get("meets", True) and row.get("same_codes", True) for row in document["formats"].values()
    )
    finish("bits", document, show, as_json=given.json)


def show(document: dict[str, Any]) -> None:
    table = Table("Millions a second", "encoded", "decoded", "library encodes", "wanted", box=None, pad_edge=False)
    for name, row in document["formats"].items():
        theirs = row.get("library_encoded_per_second")
        table.add_row(
            name,
            f"{row['encoded_per_second'] / 1e6:.0f}",
            f"{row['decoded_per_second'] / 1e6:.0f}",
            "" if theirs is None else f"{theirs / 1e6:.0f}",
            f"{PER_SECOND_WANTED[name] / 1e6:.0f}" if name in PER_SECOND_WANTED else "",
        )
    Console(highlight=False).print(table)
    wall, own = document["page"]["wall"], document["page"]["of this process"]
    print(
        f"A keystroke to all {document['page']['rows']} rows repainted: {wall['median_milliseconds']:.1f} ms, 95 % "
        f"within {wall['p95_milliseconds']:.1f} (wanted {MILLISECONDS_ALLOWED:.0f}); "
        f"{own['p95_milliseconds']:.1f} of them this process's own."
    )


if __name__ == "__main__":
    main(sys.argv[1:])
