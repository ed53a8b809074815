"""How fast a million rows become tokens on disk, beside the bare tokenizer on the same text, and in how much memory.

`python3 main.py bench data` keeps its figures in tests/bench/results. Each side runs in a process of its own.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from tests.bench.bits import machine
from tests.bench.keeping import finish
from workbench.core import places
from workbench.core.data.texts import our_text
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe

ROWS = 1_000_000
RATIO_WANTED = 0.5
RESIDENT_BYTES_ALLOWED = 10**9
FIRST_ROWS_SECONDS_ALLOWED = 1.0
HALT_MILLISECONDS_ALLOWED = 50.0
SETTLE_SECONDS = 1.0
FIRST_ROWS = 20
WORDS_OF_A_ROW = (20, 600)  # of a row of 2 kB in the mean
ROWS_AT_ONCE = 512
# Each is run so often, in turns: other programs take their share of a machine now and then.
ROUNDS = 1


def write_rows(path: Path, count: int, seed: int = 1) -> None:
    """Rows of prompt and completion from the words of our text, the commonest the most often."""
    words = np.array(sorted(set(our_text().read_text(encoding="utf-8").split())))
    chance = np.random.default_rng(seed)
    weights = 1 / np.arange(1, len(words) + 1)
    weights /= weights.sum()
    with path.open("w", encoding="utf-8") as file:
        for start in range(0, count, ROWS_AT_ONCE):
            lengths = chance.integers(*WORDS_OF_A_ROW, min(ROWS_AT_ONCE, count - start))
            chosen = words[chance.choice(len(words), lengths.sum(), p=weights)].tolist()
            place = 0
            for length in lengths.tolist():
                text = chosen[place : place + length]
                place += length
                asked = length // 4
                row = {"prompt": " ".join(text[:asked]) + "?", "completion": " ".join(text[asked:]) + "."}
                file.write(json.dumps(row, ensure_ascii=False) + "\n")


def recipe_of(rows: str, model: str) -> Recipe:
    changes = [f"data.path={rows}", f"model.source={model}", "training.max_length=2048", "evaluation.fraction=0.01"]
    return recipe_text.with_overrides(Recipe(), changes)


# -- each in a process of its own --------------------------------------------------------------------------------------


def bare(rows: str, model: str) -> dict[str, float]:
    """Tokens a second of the tokenizer's own encode_batch on the texts as the template spells them."""
    from workbench.core.data.row import DataRow
    from workbench.core.data.rows import OpenRows
    from workbench.core.tokens import kept_tokenizer
    from workbench.core.tokens.tokenizing import RowTokenizer

    recipe = recipe_of(rows, model)
    tokenizer = kept_tokenizer.make(Path(model))
    template = RowTokenizer(tokenizer, recipe).template
    assert template is not None

    def texts() -> Iterator[list[str]]:
        found: list[str] = []
        for _, row in OpenRows(recipe.data).each():
            assert isinstance(row, DataRow)
            found.append(template.render(row.turns).text)
            if len(found) == ROWS_AT_ONCE:
                yield found
                found = []
        if found:
            yield found

    seconds, tokens = 0.0, 0
    for batch in texts():
        began = time.perf_counter()
        encoded = tokenizer.encode(batch)
        seconds += time.perf_counter() - began
        tokens += sum(len(encoding) for encoding in encoded)
    return {"tokens": tokens, "seconds": seconds, "tokens_per_second": tokens / seconds}


def ours(rows: str, model: str) -> dict[str, float]:
    """Tokens a second of a whole preparation, what it holds above what its libraries do, and the first rows alone."""
    from workbench.core.data.row import DataRow
    from workbench.core.data.rows import OpenRows
    from workbench.core.tokens import kept_tokenizer
    from workbench.core.tokens.prepared.preparing import Preparation
    from workbench.core.tokens.tokenizing import RowTokenizer

    recipe = recipe_of(rows, model)
    tokenizer = kept_tokenizer.make(Path(model))
    began = time.perf_counter()
    opened = OpenRows(recipe.data)
    first: list[DataRow] = []
    for _, row in opened.each():
        assert isinstance(row, DataRow)
        first.append(row)
        if len(first) == FIRST_ROWS:
            break
    RowTokenizer(tokenizer, recipe).rows(first)
    first_seconds = time.perf_counter() - began
    process = psutil.Process()
    at_first = peak = process.memory_info().rss
    is_done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not is_done.wait(0.05):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    prepared = Preparation(recipe, tokenizer, lambda *_: None).make(lambda *_: None)
    seconds = time.perf_counter() - began
    is_done.set()
    watcher.join()
    again = time.perf_counter()
    found = Preparation(recipe, tokenizer, lambda *_: None).find()
    assert found is not None
    return {
        "tokens": prepared.tokens,
        "seconds": seconds,
        "first_rows_seconds": first_seconds,
        "again_seconds": time.perf_counter() - again,
        "resident_bytes": peak - at_first,
        "libraries_bytes": at_first,
        "sequences": prepared.sequences,
        "fill": prepared.fill,
        "held_out": prepared.held_out,
        "near_duplicates": prepared.near_duplicates,
        "processor_seconds": sum(process.cpu_times()[:2]),
    }


def opened(rows: str, model: str) -> dict[str, float]:
    """How long a window takes until it shows the first rows token by token, and its longest halt meanwhile."""
    from tests.bench.window_measures import Lateness, spin
    from workbench.core.data.row import DataRow
    from workbench.panes.data.page import DataPage
    from workbench.window import app

    window = app.build(app.application())
    app.collect_here(window)
    window.resize(1366, 738)
    window.show()
    window.store.set("model.source", model)
    window.show_page("data")
    page = window.pages["data"]
    assert isinstance(page, DataPage)

    def shows(path: Path) -> bool:
        if page.seen_path != path or page.seen.tokens is None or page.reading.seen is None:
            return False
        first = page.reading.seen.look.rows[0].row
        return isinstance(first, DataRow) and first.asked in page.seen.chat.words

    first, small = places.home() / "first.jsonl", places.home() / "small.jsonl"
    for seed, path in enumerate((first, small), start=2):
        write_rows(path, 500, seed)
    found = {}
    for name, path in (("first", first), ("small", small), ("large", Path(rows))):  # the first one imports
        spin(seconds=SETTLE_SECONDS)
        late = Lateness()
        late.start()
        began = time.perf_counter()
        window.open_path(path)
        spin(until=lambda path=path: shows(path))
        found[f"{name}_page_seconds"] = time.perf_counter() - began
        spin(seconds=SETTLE_SECONDS)
        found[f"{name}_halt_milliseconds"] = float(late.figures()["largest_milliseconds"])
    window.close()
    return found


def run(side: str, rows: Path, model: str, home: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.data", side, str(rows), model],
        env={**os.environ, "WORKBENCH_HOME": home, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(done.stderr)
    return dict(json.loads(done.stdout.splitlines()[-1]))


SIDES = {"bare": bare, "ours": ours, "opened": opened}


# -- together ----------------------------------------------------------------------------------------------------------


def main(arguments: list[str]) -> None:
    if arguments and arguments[0] in SIDES:
        print(json.dumps(SIDES[arguments[0]](*arguments[1:])))
        return
    parser = argparse.ArgumentParser(prog="main.py bench data", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS, help="a million of them are about 2 GB")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    model = starter_folder()
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / "rows.jsonl"
        write_rows(rows, given.rows)
        rounds = []
        for number in range(given.rounds):
            rounds.append({side: run(side, rows, model, f"{folder}/home-{number}") for side in SIDES})
        document = together(rounds, given.rows, rows.stat().st_size)
    finish("data", document, show, as_json=given.json, is_whole=given.rows >= ROWS)


def starter_folder() -> str:
    """The starter model's folder, which another bench fetches."""
    kept = places.models() / places.STARTER
    if not kept.is_dir():
        sys.exit(f"There is no {kept}: `workbench demo` fetches it.")
    return str(kept)


def together(rounds: list[dict[str, dict[str, float]]], rows: int, size_bytes: int) -> dict[str, Any]:
    def median(side: str, name: str) -> float:
        return statistics.median(one[side][name] for one in rounds)

    # The bare tokenizer is given every row, of which a hundredth is held out: each side's own tokens count.
    ratio = median("bare", "seconds") / median("ours", "seconds")
    resident, first = max(one["ours"]["resident_bytes"] for one in rounds), median("ours", "first_rows_seconds")
    page, halt = median("opened", "large_page_seconds"), median("opened", "large_halt_milliseconds")
    is_quick = max(first, page) < FIRST_ROWS_SECONDS_ALLOWED and halt < HALT_MILLISECONDS_ALLOWED
    return {
        "machine": machine() | {name: metadata.version(name) for name in ("tokenizers", "pyarrow", "datasketch")},
        "rows": rows,
        "size_bytes": size_bytes,
        "bare_tokens_per_second": round(median("bare", "tokens_per_second")),
        "ours_tokens_per_second": round(median("bare", "tokens") / median("ours", "seconds")),
        "ratio": round(ratio, 3),
        "ratio_wanted": RATIO_WANTED,
        "resident_bytes_above_libraries": round(resident),
        "resident_bytes_allowed": RESIDENT_BYTES_ALLOWED,
        "first_rows_seconds": round(first, 3),
        "first_rows_seconds_allowed": FIRST_ROWS_SECONDS_ALLOWED,
        "page_seconds": round(page, 3),
        "page_seconds_of_500_rows": round(median("opened", "small_page_seconds"), 3),
        "halt_milliseconds": round(halt, 1),
        "halt_milliseconds_of_500_rows": round(median("opened", "small_halt_milliseconds"), 1),
        "halt_milliseconds_allowed": HALT_MILLISECONDS_ALLOWED,
        "again_seconds": round(median("ours", "again_seconds"), 3),
        "rounds": rounds,
        "meets": ratio >= RATIO_WANTED and resident < RESIDENT_BYTES_ALLOWED and is_quick,
    }


def show(document: dict[str, Any]) -> None:
    table = Table(f"{document['rows']:,} rows, {document['size_bytes'] / 1e9:.2f} GB", "is", "wanted", box=None)
    table.add_row("tokens/s of the bare tokenizer", f"{document['bare_tokens_per_second']:,}", "")
    table.add_row("tokens/s of a whole preparation", f"{document['ours_tokens_per_second']:,}", "")
    table.add_row("ours beside the bare one", f"{document['ratio']:.2f}", f"{RATIO_WANTED:.2f} at least")
    resident = f"{document['resident_bytes_above_libraries'] / 1e6:,.0f} MB"
    table.add_row("resident above the libraries", resident, f"{RESIDENT_BYTES_ALLOWED / 1e6:,.0f} MB at most")
    first = f"{document['first_rows_seconds'] * 1000:.0f} ms"
    first_allowed = f"{FIRST_ROWS_SECONDS_ALLOWED * 1000:.0f} ms"
    table.add_row("the first rows as tokens", first, f"{first_allowed} at most")
    page, small = (f"{document[name] * 1000:.0f} ms" for name in ("page_seconds", "page_seconds_of_500_rows"))
    table.add_row("the same on the page", f"{page}; {small} of 500 rows", f"{first_allowed} at most")
    halt, small = (f"{document[name]:.0f} ms" for name in ("halt_milliseconds", "halt_milliseconds_of_500_rows"))
    allowed = f"{HALT_MILLISECONDS_ALLOWED:.0f} ms at most"
    table.add_row("the window's longest halt meanwhile", f"{halt}; {small} of 500 rows", allowed)
    table.add_row("prepared again, nothing changed", f"{document['again_seconds'] * 1000:.0f} ms", "")
    Console(highlight=False).print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
