"""What the demo shows at its end: prompts answered before and after, beside what was expected."""

from typing import Any

from rich.console import Console
from rich.markup import escape

from workbench.core.job.events import Sample, Scored
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder

SHOWN = 5


def _score(history: History, when: str) -> Scored | None:
    return next((score for score in history.scores if score.when == when), None)


def _share(right: int, rows: int) -> float | None:
    return round(right / rows, 4) if rows else None


def facts(run: RunFolder, history: History) -> dict[str, Any]:
    """What `demo --json` prints; shares from 0 to 1, `exact_match_after` on the wordings that were trained on."""
    before, after, ended = _score(history, "before"), _score(history, "after"), history.ended
    return {
        "run": str(run.path),
        "rows": after.rows if after else 0,
        "exact_match_before": _share(before.right, before.rows) if before else None,
        "exact_match_after": _share(*after.groups["known"]) if after else None,
        "exact_match_after_new_wordings": _share(*after.groups["new"]) if after else None,
        "train_seconds": round(ended.train_seconds, 3) if ended else None,
        "tokens_per_second": round(ended.tokens_per_second, 2) if ended else None,
        "peak_memory_bytes": ended.peak_memory_bytes if ended else None,
        "adapter": run.result(ended.adapter) or None if ended else None,
    }


def shown(history: History) -> list[tuple[Sample, Sample]]:
    """Held-out prompts answered before and after, from both groups in turn."""
    scored = [sample for sample in history.samples if sample.is_scored]
    before = {sample.prompt: sample for sample in scored if sample.when == "before"}
    after = sorted((sample for sample in scored if sample.when == "after"), key=lambda sample: sample.prompt)
    asked = [sample for sample in after if sample.prompt in before]
    # Evenly through the alphabet of both groups: no answer is picked for being right.
    known, new = (
        [sample for sample in asked if sample.group == group][:: max(1, len(asked) // (2 * SHOWN))]
        for group in ("known", "new")
    )
    turns = [sample for pair in zip(known, new, strict=False) for sample in pair]
    return [(before[sample.prompt], sample) for sample in turns[:SHOWN]]


def show(out: Console, run: RunFolder, history: History) -> None:
    """Prints the held-out prompts with base answer, tuned answer and verdict, then the result."""
    for base, tuned in shown(history):
        out.print(f"\n[bold]{escape(tuned.prompt)}[/bold]")
        out.print(f"  base      {escape(_one_line(base.answer))}", soft_wrap=True)
        out.print(f"  tuned     {escape(_one_line(tuned.answer))}", soft_wrap=True)
        out.print(f"  expected  {escape(tuned.expected or '')}", soft_wrap=True)
        out.print("  [green]right[/green]" if tuned.is_right else "  [red]wrong[/red]")
    result = facts(run, history)
    if result["exact_match_after"] is None:
        return
    out.print(
        f"\nExact match on {result['rows']} held-out rows: {result['exact_match_before']:.0%} before; after, "
        f"{result['exact_match_after']:.0%} in wordings that were trained on and "
        f"{result['exact_match_after_new_wordings']:.0%} in new ones."
    )
    out.print(
        f"Trained for {result['train_seconds']:.0f} s at {result['tokens_per_second']:.0f} tokens/s, "
        f"{result['peak_memory_bytes'] / 1e9:.2f} GB of memory at most."
    )
    out.print(escape(f"The adapter is in {result['adapter']}"), soft_wrap=True)


def _one_line(text: str, most: int = 160) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
