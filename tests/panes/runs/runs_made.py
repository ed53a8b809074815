"""Run folders by hand, over and done."""

from collections.abc import Sequence

from tests.bridge.engines import planned, step
from workbench.core.job.events import CheckpointSaved, Ended, Evaluated, Event, Started
from workbench.core.job.run_folder import RunFolder
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe


def made(
    name: str,
    *changes: str,
    end: str = "finished",
    steps: int = 4,
    checkpoint: int = 0,
    what: str = "",
    evaluated: Sequence[float] = (),
    has_adapter: bool = False,
) -> RunFolder:
    """A run of so many steps; without an `end` it died without a word."""
    settings = ["model.precision=int8", f"training.max_steps={steps}", *changes]
    first = RunFolder.create(recipe_text.with_overrides(Recipe(), settings))
    run = RunFolder(first.path.with_name(name))
    first.path.rename(run.path)
    events: list[Event] = [Started(attempt=1, pid=1, versions={}), planned(steps)]
    events += [step(number, steps) for number in range(1, steps + 1)]
    events += [Evaluated(step=at, loss=loss) for at, loss in enumerate(evaluated, start=1)]
    if checkpoint:
        events.append(CheckpointSaved(step=checkpoint, folder=f"step-{checkpoint:08d}", size_bytes=1))
        saved = run.checkpoints / f"step-{checkpoint:08d}"
        saved.mkdir(parents=True)
        (saved / "optimizer.safetensors").write_bytes(b"x" * 5000)
    if has_adapter:
        run.adapter.mkdir()
        (run.adapter / "adapter_config.json").write_text("{}")
    if end:
        events.append(Ended.model_validate({"state": end, "step": steps, "what": what, "train_seconds": 65.0}))
    run.journal.write_text("".join(event.model_dump_json() + "\n" for event in events))
    return run
