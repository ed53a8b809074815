"""How fast `quantize --all` is beside reading the file's bytes through numpy, and how much memory a large file takes.

`python -m tests.bench.quantization` prints its figures as JSON: each side on one core, the best round of each. Bytes
are read by one numpy.fromfile from the system's cache, which is the measure; beside it in pieces, and from the disk.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from tests.tensors import header_of, large_file
from workbench.core.quantized_model import matrices, measured
from workbench.core.quantized_tensor import READ_NUMBERS
from workbench.core.stored_tensor import open_tensors
from workbench.numerics.quantization_scheme import SCHEMES

RATIO_WANTED = 0.5
RESIDENT_ALLOWED_BYTES = 1_500_000_000
LAYERS, SHAPE = 16, (2048, 4096)


def model_file(path: Path, dtype: str) -> Path:
    """Normally distributed weights, as those of a model are."""
    width = {"BF16": 2, "F32": 4}[dtype]
    size = width * SHAPE[0] * SHAPE[1]
    random = np.random.default_rng(0)
    with path.open("wb") as file:
        file.write(header_of({f"layers.{layer}.weight": (dtype, SHAPE, size) for layer in range(LAYERS)}))
        for _ in range(LAYERS):
            values = random.standard_normal(SHAPE, dtype=np.float32) / 50
            file.write(values.tobytes() if dtype == "F32" else (values.view("<u4") >> 16).astype("<u2").tobytes())
    return path


def quantize_all(path: Path, names: list[str]) -> None:
    for _facts in measured(matrices(open_tensors(path)), [SCHEMES[name] for name in names]):
        pass


def read_in_pieces(path: Path) -> None:
    with path.open("rb") as file:
        while len(np.fromfile(file, np.uint8, READ_NUMBERS * 2)):
            pass


def best_seconds(work: Callable[[], object], rounds: int) -> float:
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def seconds_from_the_disk(path: Path, work: Callable[[], object]) -> float:
    """Once, after the system was asked to forget the file; what it keeps all the same is not known."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return best_seconds(work, 1)


def speeds(path: Path, rounds: int) -> dict[str, Any]:
    size = path.stat().st_size
    reading_from_disk = seconds_from_the_disk(path, lambda: np.fromfile(path, np.uint8))
    nf4_from_disk = seconds_from_the_disk(path, lambda: quantize_all(path, ["nf4"]))
    reading = best_seconds(lambda: np.fromfile(path, np.uint8), rounds)
    in_pieces = best_seconds(lambda: read_in_pieces(path), rounds)
    row: dict[str, Any] = {
        "file_bytes": size,
        "read_gb_per_second": round(size / reading / 1e9, 2),
        "read_in_pieces_gb_per_second": round(size / in_pieces / 1e9, 2),
        "read_from_disk_gb_per_second": round(size / reading_from_disk / 1e9, 2),
        "nf4_ratio_from_disk": round(reading_from_disk / nf4_from_disk, 3),
    }
    for names in (["nf4"], ["int8"], ["fp4"], ["nf4", "int8", "fp4"], ["mxfp4"], ["nvfp4"]):
        seconds = best_seconds(partial(quantize_all, path, names), rounds)
        row[" ".join(names)] = {
            "gb_per_second": round(size / seconds / 1e9, 3),
            "ratio": round(reading / seconds, 3),
            "meets": reading / seconds >= RATIO_WANTED,
        }
    return row


def resident(path: Path) -> dict[str, Any]:
    """The whole process, after all of a sparse file of 10 GB."""
    process, peak = psutil.Process(), 0
    for _facts in measured(matrices(open_tensors(path)), [SCHEMES["nf4"], SCHEMES["int8"]]):
        peak = max(peak, process.memory_info().rss)
    return {"file_bytes": path.stat().st_size, "resident_bytes": peak, "meets": peak < RESIDENT_ALLOWED_BYTES}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.quantization", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result: dict[str, Any] = {
            "resident": resident(large_file(Path(folder) / "large.safetensors")),
            "load_before": round(psutil.getloadavg()[0], 2),
        }
        for dtype in ("BF16", "F32"):
            result[dtype] = speeds(model_file(Path(folder) / f"{dtype}.safetensors", dtype), given.rounds)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
