"""How fast `quantize --all` is beside reading the file's bytes through numpy, and how much memory a large file takes.

`python -m tests.bench.quantization` prints its figures as JSON: the best round of each, where rounds of all sides take
turns. Bytes are read by one numpy.fromfile into memory, from the system's cache and from the disk; quantizing uses as
many threads as there are cores, and one. With `--large` it measures instead what the layers study takes of a model of
14 GB: a sparse file with random numbers in one part of a hundred.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from tests.tensors import header_of, write_sparse
from workbench.core import crew
from workbench.core.job.run_folder import RunState
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import LayersRequest
from workbench.core.model.stored_tensor import open_tensors
from workbench.core.quantized.model import matrices, measured
from workbench.numerics.quantization_scheme import SCHEMES

RATIO_WANTED = 0.5
RESIDENT_ALLOWED_BYTES = 1_500_000_000
LAYERS, SHAPE = 16, (2048, 4096)
SETS = (("nf4",), ("int8",), ("fp4",), ("nf4", "int8", "fp4"), ("mxfp4",), ("nvfp4",))
LARGE_LAYERS, LARGE_SHAPE, LARGE_EMBEDDING = 72, (11008, 8192), (128_256, 4096)


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


def quantize_all(path: Path, names: tuple[str, ...]) -> None:
    for _facts in measured(matrices(open_tensors(path)), [SCHEMES[name] for name in names]):
        pass


def on_one_core(work: Callable[[], object]) -> None:
    threads, crew.MOST_THREADS = crew.MOST_THREADS, 1
    try:
        work()
    finally:
        crew.MOST_THREADS = threads


def seconds_of(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def seconds_from_the_disk(path: Path, work: Callable[[], object]) -> float:
    """Once, after the system was asked to forget the file; what it keeps all the same is not known."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return seconds_of(work)


def speeds(path: Path, rounds: int) -> dict[str, Any]:
    size = path.stat().st_size
    works: dict[str, Callable[[], object]] = {"read": lambda: np.fromfile(path, np.uint8)}
    for names in SETS:
        works[" ".join(names)] = partial(quantize_all, path, names)
        works[f"{' '.join(names)}, one core"] = partial(on_one_core, works[" ".join(names)])
    cached = dict.fromkeys(works, float("inf"))
    for _ in range(rounds):
        for name, work in works.items():
            cached[name] = min(cached[name], seconds_of(work))
    disk = {
        name: min(seconds_from_the_disk(path, work) for _ in range(2))
        for name, work in works.items()
        if "," not in name
    }
    row: dict[str, Any] = {
        "file_bytes": size,
        "read_gb_per_second": round(size / cached["read"] / 1e9, 2),
        "read_from_disk_gb_per_second": round(size / disk["read"] / 1e9, 2),
    }
    for names in map(" ".join, SETS):
        ratio, from_disk = cached["read"] / cached[names], disk["read"] / disk[names]
        row[names] = {
            "gb_per_second": round(size / cached[names] / 1e9, 3),
            "ratio": round(ratio, 3),
            "meets": ratio >= RATIO_WANTED,
            "ratio_on_one_core": round(cached["read"] / cached[f"{names}, one core"], 3),
            "ratio_from_disk": round(from_disk, 3),
            "meets_from_disk": from_disk >= RATIO_WANTED,
        }
    return row


def large_model(path: Path) -> Path:
    tensors = {
        f"model.layers.{layer}.mlp.up_proj.weight": ("BF16", LARGE_SHAPE, 2 * LARGE_SHAPE[0] * LARGE_SHAPE[1])
        for layer in range(LARGE_LAYERS)
    }
    size = 2 * LARGE_EMBEDDING[0] * LARGE_EMBEDDING[1]
    write_sparse(path, {"model.embed_tokens.weight": ("BF16", LARGE_EMBEDDING, size), **tensors})
    piece = (np.random.default_rng(0).standard_normal(1 << 20, dtype=np.float32).view("<u4") >> 16).astype("<u2")
    with path.open("rb+") as file:
        for start in range(1 << 20, path.stat().st_size - (1 << 22), 200 << 20):
            file.seek(start)
            file.write(piece.tobytes())
    return path


def large_study(folder: Path) -> dict[str, Any]:
    """The engine's process, as the system counts it, over a whole study."""
    os.environ["WORKBENCH_HOME"] = str(folder / "home")
    path = large_model(folder / "large.safetensors")
    run = create_study(LayersRequest(model=str(path), formats=("nf4", "fp4", "int8"), double_quant=True))
    began, peak = time.perf_counter(), 0
    engine = subprocess.Popen([sys.executable, "-m", "workbench.engine", str(run.path)])
    process = psutil.Process(engine.pid)
    while engine.poll() is None:
        try:
            peak = max(peak, process.memory_info().rss)
        except psutil.Error:
            break
        time.sleep(0.05)
    engine.wait()
    seconds = time.perf_counter() - began
    return {
        "file_bytes": path.stat().st_size,
        "formats": ["nf4, double quantization", "fp4, double quantization", "int8"],
        "is_finished": run.state() is RunState.FINISHED,
        "seconds": round(seconds, 1),
        "resident_bytes": peak,
        "meets": peak < RESIDENT_ALLOWED_BYTES,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.quantization", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large", action="store_true", help="the memory of a study of 14 GB")
    given = parser.parse_args()
    result: dict[str, Any] = {"load_before": round(psutil.getloadavg()[0], 2), "cores": os.cpu_count()}
    with tempfile.TemporaryDirectory() as folder:
        if given.large:
            result["large"] = large_study(Path(folder))
        else:
            for dtype in ("BF16", "F32"):
                result[dtype] = speeds(model_file(Path(folder) / f"{dtype}.safetensors", dtype), given.rounds)
    result["load_after"] = round(psutil.getloadavg()[0], 2)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
