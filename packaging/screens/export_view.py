"""The view Export of the Runs page: before anything is measured, measured, at work, and done."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from camera import Camera

    from workbench.core.job.export_kinds import ExportFinding, PlannedStep
    from workbench.core.job.run_folder import RunFolder

STATES = ("before", "measured", "at-work", "rejected")
TOKENS, ROWS = 2310, 40


def take_export(camera: "Camera") -> None:
    """Every state of the view that is wanted."""
    from camera import rest, spin_until

    from tests.exports import exportable_run
    from workbench.core import places
    from workbench.core.chat.speakers import speaker
    from workbench.core.export import measured
    from workbench.core.job.label import change_label
    from workbench.panes.runs.page import ALL, EXPORT, RunsPage

    if not camera.is_wanted("runs", " ".join(f"export-{state}" for state in STATES)):
        return
    window = camera.window
    run = exportable_run()
    change_label(run.path, lambda label: label.named("bicycle-answers"))
    window.show_page("runs")
    page = window.pages["runs"]
    assert isinstance(page, RunsPage)
    window.run_list.refresh()
    spin_until(lambda: any(row.path == run.path for row in window.run_list.rows))
    page.overview.choose(run.path)
    page.show_view(EXPORT)
    out = places.home() / "exports" / "bicycle-answers"
    rest(0.5)
    if camera.is_wanted("runs", "export-before"):
        camera.take("runs", "export-before")
    measured.keep(speaker(str(run.path)), figures())
    for state in STATES[1:]:
        if not camera.is_wanted("runs", f"export-{state}"):
            continue
        if state == "measured":
            page.view.shown_first()
            page.show_view(ALL)
            page.show_view(EXPORT)
            rest(0.5)
            camera.take("runs", "export-measured")
            continue
        with at_work(run, out, is_rejected=state == "rejected"):
            window.exports.find()
            spin_until(lambda: window.exports.is_exporting and window.exports.seen().at_work is not None)
            rest(0.5)
            camera.take("runs", f"export-{state}")
        spin_until(lambda: not window.exports.is_busy)
    page.show_view(ALL)


def figures() -> list[Any]:
    """What was measured of both ways and of two types."""
    from workbench.core.job.export_kinds import WeightsMeasured

    found = []
    for item, perplexity, kl, same in (
        ("reference", 2.204, None, 0),
        ("merged-nf4", 2.205, 0.0004, 2305),
        ("merged", 2.231, 0.0187, 2226),
        ("gguf:f16", 2.205, 0.0, TOKENS),
        ("gguf:q8_0", 2.206, 0.0006, 2301),
    ):
        positions = TOKENS if kl is not None else 0
        found.append(
            WeightsMeasured(
                item=item, perplexity=perplexity, tokens=TOKENS, rows=ROWS, kl=kl, same_tokens=same, positions=positions
            )
        )
    return found


@contextmanager
def at_work(run: "RunFolder", out: Path, *, is_rejected: bool) -> "Iterator[None]":
    """An export of four things whose third is being written, held as its engine holds it."""
    import os

    from tests.exports import STEPS, plan
    from workbench.core.job.events import Ended, Phase, Started
    from workbench.core.job.export_kinds import ExportRequest, StepBegun
    from workbench.core.job.journal import JournalWriter
    from workbench.core.job.study import create_study

    items = tuple(step.item for step in STEPS)
    name = "bicycle-answers"
    study = create_study(ExportRequest(run=str(run.path), items=items, out=str(out), name=name, into="nf4"))
    with closing(JournalWriter(study.journal)) as writer, study.hold():
        writer.write(Started(attempt=1, pid=os.getpid(), versions={}))
        writer.write(plan(folder=str(out)))
        for event in done_of(STEPS[0], "logits are equal, bit for bit"):
            writer.write(event)
        for event in rejected(STEPS[1]) if is_rejected else done_of(STEPS[1], "logits agree to 0.031, 2 306 of 2 310"):
            writer.write(event)
        third = STEPS[3] if is_rejected else STEPS[2]
        writer.write(StepBegun(item=third.item, title=third.title))
        came = {"done": 1_060_000_000, "total": 1_650_000_000, "unit": "bytes", "rate": 84_000_000.0}
        writer.write(Phase(name="export", file=third.item, **came))  # type: ignore[arg-type]
        yield
        writer.write(Ended(state="cancelled"))


def done_of(step: "PlannedStep", found: str) -> "list[ExportFinding]":
    from workbench.core.job.export_kinds import StepBegun, StepChecked, StepDone

    item, title = step.item, step.title
    return [
        StepBegun(item=item, title=title),
        StepChecked(item=item, title=title, name="loaded back", ok=True, found=found),
        StepDone(item=item, title=title, path=step.path, size_bytes=step.size_bytes, seconds=1),
    ]


def rejected(step: "PlannedStep") -> "list[ExportFinding]":
    from tests.exports import STEPS
    from workbench.core.job.export_kinds import StepBegun, StepChecked, StepRefused, StepRejected

    item, title, after = step.item, step.title, STEPS[2]
    found = "2 109 of 2 310 tokens have the same first choice: at least 2 287 are wanted."
    return [
        StepBegun(item=item, title=title),
        StepChecked(item=item, title=title, name="loaded back", ok=False, found=found),
        StepRejected(
            item=item, title=title, path=f"{step.path}.rejected", what=f"Merged is not what it should be: {found}"
        ),
        StepRefused(item=after.item, title=after.title, what="It needs Merged, which could not be made."),
    ]
