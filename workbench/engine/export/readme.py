"""README.md of an export's folder: what lies there, of what it was made, how it was checked, and every number."""

from workbench.core.export.made import ExportFolder, MadeItem
from workbench.core.figures import percent
from workbench.core.job.export_kinds import WeightsMeasured
from workbench.core.units import bytes_in_digits, counted, grouped
from workbench.core.whole_file import write_whole
from workbench.engine.export.measuring import suggest
from workbench.engine.export.work import Work

NAME = "README.md"


def write(work: Work, folder: ExportFolder) -> None:
    """Raises OSError."""
    write_whole(folder.path / NAME, _text(work, folder.items()))


def _text(work: Work, items: dict[str, MadeItem]) -> str:
    subject = work.subject
    adapter = subject.adapter
    lines = [f"# {subject.name}", "", f"Made by QLoRA Workbench of the run {subject.title}.", ""]
    lines += [f"- Base: {adapter.base if adapter is not None else subject.speaker.model.source}"]
    lines += [f"- Base, by its configuration and samples of its weights: `{work.base_hash}`"]
    if adapter is not None:
        lines += [f"- Adapter: {adapter.in_words}, sha256 `{work.adapter_sha256}`"]
    lines += ["", "## What lies here", "", "| What | Where | Size |", "|---|---|---:|"]
    lines += [
        f"| {made.done.title} | `{made.done.path}` | {bytes_in_digits(made.done.size_bytes)} |"
        for made in items.values()
        if made.done.path
    ]
    measured = {event.item: event for event in work.measured.values()}
    measured |= {event.item: event for made in items.values() for event in made.measured}
    if measured:
        lines += ["", *_measured(list(measured.values()))]
        if (suggested := suggest(work)) is not None:
            lines += ["", suggested.sentence]
    for made in items.values():
        if made.checks:
            lines += ["", f"## {made.done.title}: checks", ""]
            lines += [f"- {check.name}: {check.found}" for check in made.checks]
    files = [file for made in items.values() for file in made.done.files]
    lines += ["", "## Files", "", "| File | Bytes |", "|---|---:|"]
    lines += [f"| `{file.name}` | {grouped(file.size_bytes)} |" for file in files]
    return "\n".join(lines) + "\n"


def _measured(found: list[WeightsMeasured]) -> list[str]:
    first = found[0]
    held = "held-out rows" if first.is_held_out else "rows that it was trained on, for none was held out"
    return [
        "## Measured",
        "",
        f"On {counted(first.tokens, 'token')} of {grouped(first.rows)} {held}. KL is how far the distributions of the "
        "next token lie from those compared with; same is at how many positions the likeliest token is theirs too.",
        "",
        "| Weights | Compared with | Perplexity | KL, nats a token | Same token | Largest difference of a logit |",
        "|---|---|---:|---:|---:|---:|",
        *(_row(event, {each.item: each.title for each in found}) for event in found),
    ]


def _row(event: WeightsMeasured, titles: dict[str, str]) -> str:
    beside = ["", "", "", ""]
    if event.kl is not None and event.same_share is not None:
        same = f"{grouped(event.same_tokens)} of {grouped(event.positions)}, {percent(event.same_share, 1)}"
        largest = f"{event.largest_difference:.4g}" if event.largest_difference is not None else ""
        beside = [titles.get(event.against, event.against), f"{event.kl:.6f}", same, largest]
    return f"| {event.title} | {beside[0]} | {event.perplexity:.4f} | {beside[1]} | {beside[2]} | {beside[3]} |"
