"""GGUF files of the starter, or of another model folder: size, time, memory, errors; and what llama.cpp makes of them.

Where llama.cpp is installed: 200 texts in several scripts as tokens, and greedy answers token by token, beside
transformers. `npm install node-llama-cpp` in an empty folder, and WORKBENCH_LLAMA_CPP with its path, installs it.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from tests.bench.keeping import finish
from tests.core.llamacpp.texts import TEXTS
from workbench.core import places
from workbench.core.llamacpp import gguf_export, gguf_types, packing, runtime
from workbench.core.llamacpp.runtime import Runtime, Sampling
from workbench.core.tokens import kept_tokenizer

LONGEST = 48


def main(words: list[str], starter: Callable[[], str]) -> None:
    parser = argparse.ArgumentParser(prog="main.py bench gguf", description=__doc__)
    parser.add_argument("model", nargs="?", default="", help="a model folder; the starter where none is named")
    parser.add_argument("--types", nargs="+", default=["f16", "q8_0", "q4_0"], choices=gguf_types.NAMES)
    parser.add_argument("--answers", type=int, default=8)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(words)
    folder = Path(given.model or starter())
    prompts = _prompts(folder, given.answers)
    wanted = _answers(folder, prompts) if not runtime.why_not() else []
    with tempfile.TemporaryDirectory() as out:
        rows = [_measured(folder, kind, Path(out), prompts, wanted) for kind in given.types]
    document = {
        "model": folder.name,
        "llama_cpp": runtime.why_not() or "installed",
        "texts": len(TEXTS),
        "answers": len(prompts),
        "rows": rows,
        "meets": all(row["is_right"] and row.get("same_texts", len(TEXTS)) == len(TEXTS) for row in rows)
        and all(row.get("same_answers", len(prompts)) == len(prompts) for row in rows if row["type"] in ("f16", "f32")),
    }
    finish("gguf", document, show, as_json=given.json, is_whole=not words)


def _measured(folder: Path, kind: str, out: Path, prompts: list[list[int]], wanted: list[list[int]]) -> dict[str, Any]:
    process, most = psutil.Process(), 0

    def told(_done: int) -> None:
        nonlocal most
        most = max(most, process.memory_info().rss)

    planned, path = gguf_export.plan(folder, kind), out / f"{kind}.gguf"
    before, began = process.memory_info().rss, time.monotonic()
    packing.write(planned, path, told)
    written = time.monotonic()
    checks = packing.compare(planned, path, told)
    row: dict[str, Any] = {
        "type": kind,
        "bytes": path.stat().st_size,
        "seconds_written": round(written - began, 2),
        "seconds_compared": round(time.monotonic() - written, 2),
        "memory_grown_bytes": max(0, most - before),
        "is_right": path.stat().st_size == planned.size_bytes and all(check.is_right for check in checks),
        "checks": [check.in_words for check in checks],
    }
    if wanted:
        row |= _in_llama_cpp(folder, path, prompts, wanted)
    path.unlink()
    return row


def _in_llama_cpp(folder: Path, path: Path, prompts: list[list[int]], wanted: list[list[int]]) -> dict[str, Any]:
    tokenizer = kept_tokenizer.make(folder)
    with Runtime(path, context=2048) as loaded:
        same = sum(ids == tokenizer.ids_of(text) for text, ids in zip(TEXTS, loaded.tokenize(TEXTS), strict=True))
        began = time.monotonic()
        answers = [[token for token, _ in loaded.ask(ids, Sampling(LONGEST), tuple(tokenizer.ends))] for ids in prompts]
        seconds = time.monotonic() - began
    return {
        "release": loaded.release,
        "same_texts": same,
        "same_answers": sum(answer == other for answer, other in zip(answers, wanted, strict=True)),
        "tokens_per_second": round(sum(map(len, answers)) / seconds, 1),
    }


def _prompts(folder: Path, count: int) -> list[list[int]]:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    with places.built_in_datasets()["shopping"].open(encoding="utf-8") as file:
        rows = [json.loads(line) for _, line in zip(range(count), file, strict=False)]
    asked = [[{"role": "user", "content": row["prompt"]}] for row in rows]
    return [tokenizer.apply_chat_template(turns, add_generation_prompt=True, return_dict=False) for turns in asked]


def _answers(folder: Path, prompts: list[list[int]]) -> list[list[int]]:
    """The greedy answers of transformers in FP32, without their ends."""
    import torch
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    ends = sorted(kept_tokenizer.make(folder).ends)
    found = []
    for ids in prompts:
        made = model.generate(torch.tensor([ids]), max_new_tokens=LONGEST, do_sample=False, eos_token_id=ends)
        found.append([token for token in made[0, len(ids) :].tolist() if token not in ends])
    return found


def show(document: dict[str, Any]) -> None:
    console = Console(highlight=False)
    table = Table("type", "size", "written", "compared", "memory", "texts", "answers", "tokens/s", box=None)
    for row in document["rows"]:
        table.add_row(
            row["type"],
            f"{row['bytes'] / 1e6:.1f} MB",
            f"{row['seconds_written']} s",
            f"{row['seconds_compared']} s",
            f"+{row['memory_grown_bytes'] / 1e6:.0f} MB",
            f"{row.get('same_texts', '-')} of {document['texts']}",
            f"{row.get('same_answers', '-')} of {document['answers']}",
            str(row.get("tokens_per_second", "-")),
        )
    console.print(table)
    console.print(f"{document['model']}:")
    for row in document["rows"]:
        console.print("\n".join(row["checks"]), soft_wrap=True)
    if document["llama_cpp"] != "installed":
        console.print(document["llama_cpp"], soft_wrap=True)
