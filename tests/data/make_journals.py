"""Makes the run folders in tests/data/journals anew: real runs of the starter model, and what is derived from them.

`WORKBENCH_HOME=/tmp/home .venv/bin/python -m tests.data.make_journals [NAME ...]` takes a quarter of an hour of two
cores. Where the home holds a finished `workbench demo`, that one becomes "finished".
"""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil

from workbench.core import places
from workbench.core.job import launch
from workbench.core.job.events import CheckpointSaved, Continued, Ended, Event, Paused, Step
from workbench.core.job.journal import JournalReader
from workbench.core.job.run_folder import Order, RunFolder, RunState
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe

ROOT = Path(__file__).resolve().parents[2]
JOURNALS = Path(__file__).with_name("journals")
KEPT = ("job.toml", "journal.jsonl", "orders.jsonl", "console.log")
PATIENCE_SECONDS = 900.0
SHORT = [
    "evaluation.score_path=",
    "evaluation.score_group=",
    "evaluation.fraction=0.1",
    "evaluation.every_steps=10",
    "training.save_steps=10",
    "training.max_length=256",
    "samples.count=2",
    "samples.every_steps=10",
    "samples.max_new_tokens=48",
]


# -- real runs --------------------------------------------------------------------------------------------------------


def finished() -> None:
    done = [run for run in RunFolder.all() if run.recipe() == starter() and run.state() == RunState.FINISHED]
    if done:
        keep(done[-1], "finished")
        return
    run = RunFolder.create(starter())
    launch.start(run).wait()
    keep(run, "finished")


def stopped() -> None:
    run, process = begun(40)
    wait_for(run, process, lambda event: isinstance(event, Step) and event.step >= 22)
    run.give(Order(order="stop"))
    process.wait()
    keep(run, "stopped")


def cancelled() -> None:
    run, process = begun(30)
    wait_for(run, process, lambda event: isinstance(event, Step) and event.step >= 13)
    run.give(Order(order="cancel"))
    process.wait()
    keep(run, "cancelled")


def paused() -> None:
    """Held at a step for a while; finished afterwards."""
    run, process = begun(20)
    wait_for(run, process, lambda event: isinstance(event, Step) and event.step >= 8)
    run.give(Order(order="pause"))
    wait_for(run, process, lambda event: isinstance(event, Paused))
    time.sleep(8)  # what is held is held for a while
    run.give(Order(order="continue"))
    wait_for(run, process, lambda event: isinstance(event, Continued))
    process.wait()
    keep(run, "paused")


def crashed() -> None:
    """Killed after a step that no checkpoint holds, and the same run resumed."""
    run, process = begun(30)
    wait_for(run, process, lambda event: isinstance(event, CheckpointSaved))
    wait_for(run, process, lambda event: isinstance(event, Step) and event.step >= 16)
    process.kill()
    process.wait()
    keep(run, "crashed")
    launch.start(run).wait()
    keep(run, "resumed")


def refused() -> None:
    """Rows that lack the column that is asked for."""
    rows = places.home() / "questions.csv"
    rows.write_text("question,answer\n" + "".join(f"What is {n} and {n}?,It is {2 * n}.\n" for n in range(40)))
    run = RunFolder.create(short(20, f"data.path={rows}"))
    launch.start(run).wait()
    keep(run, "refused")


def out_of_memory() -> None:
    """An engine whose address space may grow by a kernel after its sixth step, but not by logits."""
    run, process = begun(30, "training.batch_size=4", "training.accumulation=1", "training.heal=false")
    wait_for(run, process, lambda event: isinstance(event, Step) and event.step >= 6)
    engine = psutil.Process(process.pid)
    engine.rlimit(psutil.RLIMIT_AS, (engine.memory_info().vms + 60_000_000, psutil.RLIM_INFINITY))
    process.wait()
    keep(run, "out-of-memory")


def starter() -> Recipe:
    return recipe_text.read(places.built_in_recipes()["starter"])


def short(steps: int, *changes: str) -> Recipe:
    return recipe_text.with_overrides(starter(), [*SHORT, f"training.max_steps={steps}", *changes])


def begun(steps: int, *changes: str) -> tuple[RunFolder, subprocess.Popen[bytes]]:
    run = RunFolder.create(short(steps, *changes))
    return run, launch.start(run)


def wait_for(run: RunFolder, process: subprocess.Popen[bytes], is_it: Callable[[Event], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not any(is_it(event) for event in JournalReader(run.journal).read()):
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"{run.path} came to its end too early:\n{run.console.read_text()}")
        time.sleep(0.05)


def keep(run: RunFolder, name: str) -> None:
    """Copies what a run says, with neutral paths."""
    target = emptied(name)
    for part in KEPT:
        source = run.path / part
        if source.exists():
            text = source.read_text("utf-8", errors="replace")
            (target / part).write_text(neutral(text), encoding="utf-8")
    size = sum(path.stat().st_size for path in target.iterdir())
    print(f"{name}: {run.state()}, {size / 1e3:.0f} kB", flush=True)


def neutral(text: str) -> str:
    """A text without the paths of the machine that it was made on."""
    homes = {str(places.home()): "/home/you/.local/share/qlora-workbench", str(ROOT): "/home/you/qlora-workbench"}
    for path, other in homes.items():
        text = text.replace(path, other)
    # Of Python itself, which may lie anywhere.
    return re.sub(r'"/[^"\n]*/(lib/python3\.\d+/)', r'"/usr/\1', text.replace(sys.base_prefix, "/usr"))


def emptied(name: str) -> Path:
    target = JOURNALS / name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    return target


# -- what no engine of today writes -----------------------------------------------------------------------------------

TEXTS = ("prompt", "answer", "expected", "group", "text", "device", "folder", "card", "family")
HTML = '<img src=x onerror=alert(1)><b>bold</b><a href="http://127.0.0.1/">link</a>&amp;<script>alert(2)</script>'
HEBREW = "שלום עולם"
ARABIC = "مرحبا بالعالم"
OVERRIDE = "\u202egnp.exe\u202c"
LONG = ("a-very-long-name-without-any-end-" * 7)[:200]
RIGHT_TO_LEFT = (f"{HEBREW} {ARABIC} " * 9)[:200].strip()


def torn() -> None:
    """A line cut in the middle, as a full disk or a killed process leaves it."""
    target = derived("stopped", "torn")
    lines = (JOURNALS / "stopped" / "journal.jsonl").read_bytes().splitlines(keepends=True)
    steps = [number for number, line in enumerate(lines) if b'"kind":"step"' in line]
    (target / "journal.jsonl").write_bytes(b"".join(lines[: steps[9]]) + lines[steps[9]][:-40])


def newer() -> None:
    """A newer version's: unknown kinds, unknown fields, an unknown setting."""
    target = derived("finished", "newer")
    lines = []
    for number, line in enumerate((target / "journal.jsonl").read_text("utf-8").splitlines()):
        event = json.loads(line)
        if event["kind"] == "sample" and event["is_scored"]:
            continue
        lines.append(json.dumps({**event, "novelty": {"depth": [1, 2, 3]}}))
        if number % 5 == 0:
            lines.append(json.dumps({"kind": "spectrum", "at": event["at"], "values": [0.5] * 8}))
    (target / "journal.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    job = (target / "job.toml").read_text("utf-8")
    (target / "job.toml").write_text(job.replace("[lora]", '[lora]\nnovelty = "on"', 1), encoding="utf-8")


def html() -> None:
    """Markup wherever a run has text."""
    filled("html", HTML, model=f"/home/you/{HTML}", data=f"/home/you/{HTML}.jsonl")


def right_to_left() -> None:
    """Letters that run the other way, and a character that turns those after it round."""
    filled("right-to-left", RIGHT_TO_LEFT, model=f"/home/you/{RIGHT_TO_LEFT}", data=f"{OVERRIDE}{RIGHT_TO_LEFT}.jsonl")


def long_names() -> None:
    """200 characters without a place to break."""
    filled("long-names", LONG, model=f"/home/you/{LONG}", data=f"/home/you/{LONG}.jsonl")


def filled(name: str, text: str, *, model: str, data: str) -> None:
    """The crashed run with this text in each of its texts, and an ending that has it too."""
    target = derived("crashed", name)
    recipe = recipe_text.with_overrides(
        recipe_text.read(target / "job.toml"), [f"model.source={model}", f"data.path={data}"]
    )
    recipe = recipe.model_copy(update={"samples": recipe.samples.model_copy(update={"prompts": (text, f"{text}\n2")})})
    (target / "job.toml").write_text(
        '# What this run was asked to do, frozen when it began.\n\n[job]\nkind = "train"\n\n'
        + recipe_text.to_toml(recipe),
        encoding="utf-8",
    )
    events = [json.loads(line) for line in (target / "journal.jsonl").read_text("utf-8").splitlines()]
    last = events[-1]
    for event in events:
        for field, value in event.items():
            is_kind = event["kind"] == "predicted" and field == "device"  # one of two, and no name
            if isinstance(value, str) and field in TEXTS and not is_kind:
                event[field] = text
        if event["kind"] == "started":
            event["versions"] = {text: text}
    events.append({"kind": "notice", "at": last["at"], "elapsed_seconds": last["elapsed_seconds"], "text": text})
    ended = Ended(
        state="crashed", at=last["at"], elapsed_seconds=last["elapsed_seconds"], step=16, what=text, why=text,
        remedy=text, is_mendable=True, adapter=model,
    )  # fmt: skip
    events.append(ended.model_dump(mode="json"))
    lines = "".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events)
    (target / "journal.jsonl").write_text(lines, encoding="utf-8")
    (target / "console.log").write_text(f"{text}\n" * 3, encoding="utf-8")


def derived(source: str, name: str) -> Path:
    target = emptied(name)
    for part in KEPT:
        if (JOURNALS / source / part).exists():
            shutil.copy(JOURNALS / source / part, target / part)
    return target


MAKERS: dict[str, Callable[[], None]] = {
    "refused": refused,
    "crashed": crashed,
    "stopped": stopped,
    "cancelled": cancelled,
    "paused": paused,
    "out-of-memory": out_of_memory,
    "finished": finished,
    "torn": torn,
    "newer": newer,
    "html": html,
    "right-to-left": right_to_left,
    "long-names": long_names,
}


def main() -> None:
    for name in sys.argv[1:] or MAKERS:
        MAKERS[name]()


if __name__ == "__main__":
    main()
