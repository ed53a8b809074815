"""The Runs page: many runs, some of them compared, crashed or unreadable; a repetition; the queue and a sweep."""

import os
import shutil
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kept_runs import kept_run

if TYPE_CHECKING:
    from camera import Camera

    from workbench.panes.runs.page import RunsPage

STATES = ("alone", "compared", "crashed", "unreadable", "repeat", "queue", "delete", "other-data")
SWEEP = "sweep 2026-11-29 14:02:10"
# Each by its name, what it was asked, by how much its losses are larger, and its tags.
RUNS: tuple[tuple[str, tuple[str, ...], float, tuple[str, ...]], ...] = (
    ("2026-11-01-0900-questions", (), 1.0, ("questions", "keep")),
    ("2026-11-02-0900-questions-r64", ("lora.rank=64", "lora.alpha=128"), 0.8, ("questions",)),
    ("2026-11-03-0900-questions-bf16", ("model.precision=bf16",), 1.1, ("questions",)),
    ("2026-11-04-0900-invoices", ("data.path=invoice lines.csv", "model.source=org/Qwen2.5-1.5B-Instruct"), 1.3, ()),
    *(
        (
            f"2026-11-05-10{rank:02}-{rate}",
            (f"lora.rank={rank}", f"training.learning_rate={rate}"),
            size,
            (SWEEP,),
        )
        for rank, rate, size in (
            *((8, "5e-5", 1.5), (8, "1e-4", 1.2), (8, "2e-4", 1.0)),
            *((16, "5e-5", 1.4), (16, "1e-4", 1.0), (16, "2e-4", 0.9)),
        )
    ),
)


def take_runs(camera: "Camera") -> None:
    """Every state of the page that is wanted."""
    from camera import rest, spin_until

    from workbench.core import places
    from workbench.core.job.label import write_notes
    from workbench.core.runs.queue import RunQueue
    from workbench.panes.runs.overview.delete_question import DeleteQuestion
    from workbench.panes.runs.page import RunsPage

    if not camera.is_wanted("runs", " ".join(f"runs-{state}" for state in STATES)):
        return
    window = camera.window
    for name, changes, size, tags in RUNS:
        made(name, changes, size, tags)
    for journal in ("crashed", "stopped", "cancelled", "resumed"):
        kept_run(journal, f"2026-11-06-0900-{journal}")
    broken = kept_run("finished", "2026-11-07-0900-broken")
    broken.job.write_text("[lora]\nrank = 0\n")
    first = places.runs() / RUNS[0][0]
    write_notes(
        first, "Prices are from the spring list. Good enough for the counter; ask about e-bikes after 100 rows more."
    )
    window.show_page("runs")
    window.run_list.refresh()
    spin_until(lambda: len(window.run_list.rows) >= len(RUNS) + 5)
    page = window.pages["runs"]
    assert isinstance(page, RunsPage)
    view = page.overview

    def take(state: str) -> None:
        rest(0.4)
        spin_until(lambda: not page.is_pending)
        if camera.is_wanted("runs", state):
            camera.take("runs", state)

    view.choose(first)
    take("alone")
    compare(page, RUNS[0][0], RUNS[1][0], RUNS[2][0])
    take("compared")
    compare(page, RUNS[3][0])
    take("other-data")
    compare(page, *(run[0] for run in RUNS[:4]))
    for state in ("crashed", "unreadable"):
        name = "2026-11-06-0900-crashed" if state == "crashed" else broken.name
        view.choose(places.runs() / name)
        take(state)
    view.choose(first)
    rest(0.4)
    view.acts.repeat()
    rest(0.3)
    view.repeat.rows[0].values_field.setText("1e-4, 2e-4, 5e-4")
    view.repeat.adds.click()
    view.repeat.rows[1].values_field.setText("8, 16")
    take("repeat")
    if camera.is_wanted("runs", "delete"):
        row, details = view.chosen, view.details.details
        assert row is not None
        assert details is not None
        camera.take_aside(
            "runs-delete",
            lambda: DeleteQuestion(window.theme, [row], 39_000_000, details, [], lambda _answer: None, window),
        )
    if camera.is_wanted("runs", "queue"):
        RunQueue().add(view.repeat.recipes, ["sweep 2026-11-29 15:10:00"])
        window.queue.look()
        spin_until(lambda: len(window.queue.entries) == 6)
        view.close_repeat()
        page.show_view("queue")
        rest(0.5)
        take("queue")
        for entry in window.queue.entries:
            window.queue.remove(entry.number)
        spin_until(lambda: not window.queue.entries)
        page.show_view("all")
    view.close_repeat()
    for path in places.runs().iterdir():
        if path.is_dir():
            shutil.rmtree(path)
    window.run_list.refresh()
    spin_until(lambda: not window.run_list.rows)


def made(name: str, changes: Sequence[str], size: float, tags: Sequence[str]) -> None:
    """A finished run that was asked this, its losses so much larger than the kept one's."""
    from workbench.core.job.events import Evaluated, Step
    from workbench.core.job.journal import JournalReader
    from workbench.core.job.label import change_label
    from workbench.core.recipe import text as recipe_text

    run = kept_run("finished", name)
    recipe = recipe_text.with_overrides(run.recipe(), changes)
    run.job.write_text('[job]\nkind = "train"\n\n' + recipe_text.to_toml(recipe), "utf-8")
    events = []
    for event in JournalReader(run.journal).read():
        if isinstance(event, Step | Evaluated):
            event = event.model_copy(update={"loss": event.loss * size})
        events.append(event)
    run.journal.write_text("".join(event.model_dump_json() + "\n" for event in events), "utf-8")
    if tags:
        change_label(run.path, lambda label: label.tagged(*tags))
    old = run.job.stat().st_mtime - 86400
    os.utime(run.job, (old, old))


def compare(page: "RunsPage", *names: str) -> None:
    """Ticks these, as many times as it takes."""
    view = page.overview
    for row in view.model.rows:
        if row.name in names:
            view.turn(row)
