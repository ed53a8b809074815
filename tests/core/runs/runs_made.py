"""Run folders by hand, over and done, and real ones that are kept."""

import shutil
from pathlib import Path

from tests.bridge.engines import planned, step
from workbench.core import places
from workbench.core.job.events import Ended, Evaluated, Event, Scored, Started
from workbench.core.job.run_folder import RunFolder
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe

KEPT = Path(__file__).parents[2] / "data" / "journals"


def made(name: str, *changes: str, events: tuple[Event, ...] | None = None) -> RunFolder:
    """A finished run of four steps, or one of these events."""
    run = RunFolder.create(recipe_text.with_overrides(Recipe(), ["training.max_steps=4", *changes]))
    run = RunFolder(run.path.rename(run.path.with_name(name)))
    write(run, finished() if events is None else events)
    return run


def finished(loss: float = 0.5) -> tuple[Event, ...]:
    return (
        Started(attempt=1, pid=1, versions={"torch": "2.13.0"}),
        planned(),
        *(step(number) for number in range(1, 5)),
        Evaluated(step=4, loss=loss),
        Scored(step=4, when="after", rows=10, right=7),
        Ended(state="finished", step=4, train_seconds=2.0, tokens_per_second=10.0, peak_memory_bytes=2_000_000),
    )


def write(run: RunFolder, events: tuple[Event, ...]) -> None:
    run.journal.write_text("".join(event.model_dump_json() + "\n" for event in events), encoding="utf-8")


def kept(name: str, called: str = "") -> RunFolder:
    """A copy at home of a run in tests/data/journals."""
    places.runs().mkdir(parents=True, exist_ok=True)
    return RunFolder(Path(shutil.copytree(KEPT / name, places.runs() / (called or name))))
