"""How long a safetensors file of 10 GB takes to open, and a first picture of it to read.

Run it with `python -m tests.bench.stored_tensor`; it prints seconds as JSON. The file is sparse: it takes no room.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.tensors import large_file
from workbench.core.model.stored_tensor import open_tensors

ROUNDS = 5
SECONDS_WANTED = 0.3


def median_seconds(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return round(statistics.median(seconds), 4)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = large_file(Path(folder) / "model.safetensors")
        opening = median_seconds(lambda: open_tensors(path))
        tensor = open_tensors(path)[-1]
        result = {
            "file_bytes": path.stat().st_size,
            "open_seconds": opening,
            "sample_seconds": median_seconds(tensor.sample),
            "whole_picture_seconds": median_seconds(
                lambda: tensor.window(range(0, tensor.lines, 8), range(0, tensor.line_length, 8))
            ),
            "meets": opening < SECONDS_WANTED,
        }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
