"""This program's training beside a plain script, in one run, as ratios.

Each side runs in a process of its own, in turns; the median of the rounds counts.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from workbench.core import places
from workbench.core.job import launch
from workbench.core.job.run_folder import RunFolder
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe

RATIO_WANTED = 1.00
PEAK_ALLOWED = 1.05


def ours(model: str, compute: str, steps: int, batch: int, *, packing: bool) -> dict[str, Any]:
    """Trains with the engine; tokens/s as its journal has them."""
    recipe = recipe_text.with_overrides(
        Recipe(),
        [
            f"model.source={model}",
            f"model.compute_dtype={compute}",
            f"training.max_steps={steps}",
            f"training.batch_size={1 if packing else batch}",
            f"training.packing={packing}",
            "training.warmup=0",
            "training.gradient_checkpointing=false",
            "samples.count=0",
        ],
    )
    with tempfile.TemporaryDirectory() as folder:
        run = RunFolder.create(recipe, under=Path(folder))
        if launch.start(run).wait() != 0:
            sys.exit(run.console.read_text())
        history = run.history()
        assert history.ended is not None
        return {
            "tokens_per_second": history.ended.tokens_per_second,
            "peak_memory_bytes": history.ended.peak_memory_bytes,
            "losses": [step.loss for step in history.steps],
        }


def plain(model: str, compute: str, steps: int, batch: int) -> dict[str, Any]:
    """Trains with the plain script."""
    script = Path(__file__).with_name("plain_script.py")
    data = places.built_in_datasets()["shopping"]
    with tempfile.TemporaryDirectory() as out:
        done = subprocess.run(
            [sys.executable, script, model, data, out, compute, str(steps), str(batch)],
            env=launch.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        sys.exit(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def median(results: list[dict[str, Any]], name: str) -> float:
    return statistics.median(result[name] for result in results)


def compare(model: str, compute: str, steps: int, batch: int, rounds: int) -> dict[str, Any]:
    """One compute type: plain, ours unpacked and ours packed, in turns."""
    sides: dict[str, list[dict[str, Any]]] = {"plain": [], "ours": [], "ours packed": []}
    for _ in range(rounds):
        sides["plain"].append(plain(model, compute, steps, batch))
        sides["ours"].append(ours(model, compute, steps, batch, packing=False))
        sides["ours packed"].append(ours(model, compute, steps, batch, packing=True))
    rows = {
        name: {
            "tokens_per_second": round(median(results, "tokens_per_second"), 1),
            "peak_memory_bytes": int(median(results, "peak_memory_bytes")),
            "loss_first": results[0]["losses"][0],
            "loss_last": results[0]["losses"][-1],
        }
        for name, results in sides.items()
    }
    speed = [
        a["tokens_per_second"] / b["tokens_per_second"] for a, b in zip(sides["ours"], sides["plain"], strict=True)
    ]
    peak = [a["peak_memory_bytes"] / b["peak_memory_bytes"] for a, b in zip(sides["ours"], sides["plain"], strict=True)]
    return {
        "compute_dtype": compute,
        "rows": rows,
        "ratio_tokens_per_second": round(statistics.median(speed), 3),
        "ratio_peak_memory": round(statistics.median(peak), 3),
        "meets": statistics.median(speed) >= RATIO_WANTED and statistics.median(peak) <= PEAK_ALLOWED,
    }


def machine() -> dict[str, Any]:
    """Where this was measured."""
    import torch

    card = torch.cuda.get_device_name(0) if torch.cuda.is_available() else ""
    packages = ("torch", "transformers", "trl", "peft", "bitsandbytes")
    return {
        "device": card or f"CPU, {os.cpu_count()} cores, {torch.backends.cpu.get_cpu_capability()}",
        "python": platform.python_version(),
        "versions": {name: metadata.version(name) for name in packages},
    }


def default_compute() -> list[str]:
    """FP32 alone on a CPU without BF16 arithmetic, where the plain script takes minutes for a step in BF16."""
    import torch

    from workbench.engine.model import cpu_bf16

    return ["bf16", "fp32"] if torch.cuda.is_available() or cpu_bf16.is_native() else ["fp32"]


def starter_folder() -> str:
    """The starter model's folder, fetched by a run of one step where it is not kept yet."""
    kept = places.models() / places.STARTER
    if not kept.is_dir():
        ours("starter", "bf16", 1, 1, packing=False)
    return str(kept) if kept.is_dir() else f"HuggingFaceTB/{places.STARTER}"


def main() -> None:
    match sys.argv[1:2]:
        case ["window"]:
            from tests.bench import window

            window.main(sys.argv[2:])
            return
        case ["bits"]:
            from tests.bench import bits

            bits.main(sys.argv[2:])
            return
        case ["memory"]:
            from tests.bench import memory

            memory.main(sys.argv[2:])
            return
        case ["data"]:
            from tests.bench import data

            data.main(sys.argv[2:])
            return
        case ["runs"]:
            from tests.bench import runs

            runs.main(sys.argv[2:])
            return
        case ["gguf"]:
            from tests.bench import gguf

            gguf.main(sys.argv[2:], starter_folder)
            return
    parser = argparse.ArgumentParser(
        prog="main.py bench",
        description=__doc__,
        epilog="`main.py bench window` measures the window instead, `main.py bench bits` formats and the Bits page, "
        "`main.py bench memory` the Memory page, `main.py bench data` a million rows made into tokens, "
        "`main.py bench runs` the list of a thousand runs, `main.py bench gguf` GGUF files beside transformers.",
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--compute", nargs="+", choices=("bf16", "fp32"), default=default_compute())
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    model = starter_folder()
    results = [compare(model, compute, given.steps, given.batch, given.rounds) for compute in given.compute]
    document = {"machine": machine(), "steps": given.steps, "batch": given.batch, "results": results}
    if given.json:
        print(json.dumps(document, indent=2))
    else:
        show(document)
    sys.exit(0 if all(result["meets"] for result in results) else 1)


def show(document: dict[str, Any]) -> None:
    console = Console(highlight=False)
    console.print(f"{document['machine']['device']}, {document['steps']} steps, batch size {document['batch']}")
    for result in document["results"]:
        table = Table("NF4, double quantization, LoRA r 16", "tokens/s", "peak", "first loss", "last loss", box=None)
        for name, row in result["rows"].items():
            table.add_row(
                f"{name}, {result['compute_dtype']}",
                f"{row['tokens_per_second']:.1f}",
                f"{row['peak_memory_bytes'] / 1e9:.2f} GB",
                f"{row['loss_first']:.4f}",
                f"{row['loss_last']:.4f}",
            )
        console.print(table)
        console.print(
            f"ours unpacked beside plain: {result['ratio_tokens_per_second']:.2f} times the tokens/s (wanted "
            f"{RATIO_WANTED:.2f}), {result['ratio_peak_memory']:.3f} times the peak (allowed {PEAK_ALLOWED:.2f})"
        )


if __name__ == "__main__":
    main()
