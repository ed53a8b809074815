"""A run that can be exported, and an export that is on its way, for what shows them."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from tests.studies import tiny_studied_model
from workbench.core.job.events import Ended, Evaluated, Event, Phase, RunEnd, Sample, Started
from workbench.core.job.export_kinds import ExportPlanned, ExportRequest, PlannedStep, StepBegun, StepChecked, StepDone
from workbench.core.job.journal import JournalWriter
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study import create_study
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe

QUESTION, ANSWER = "What does a puncture repair cost?", "18 euros, while you wait."
STEPS = (
    PlannedStep(item="adapter", title="Adapter", path="adapter", size_bytes=37_000_000, seconds=5),
    PlannedStep(item="merged-nf4", title="Merged", path="merged-nf4", size_bytes=3_090_000_000, seconds=60),
    PlannedStep(
        item="gguf:q8_0",
        title="GGUF, Q8_0",
        path="bicycle-Q8_0.gguf",
        size_bytes=1_650_000_000,
        seconds=40,
        needs=("merged-nf4",),
    ),
    PlannedStep(item="ollama", title="Ollama", path="Modelfile", size_bytes=1000, needs=("gguf:q8_0",)),
)


def exportable_run(precision: str = "nf4", end: RunEnd = "finished") -> RunFolder:
    """A run on a small model with an adapter and an answer, as an engine leaves one."""
    model = tiny_studied_model()
    changes = [f"model.source={model}", "data.path=shopping", f"model.precision={precision}"]
    run = RunFolder.create(recipe_text.with_overrides(Recipe(), changes))
    run.adapter.mkdir()
    said = {"peft_type": "LORA", "base_model_name_or_path": str(model), "r": 4, "lora_alpha": 8}
    (run.adapter / "adapter_config.json").write_text(json.dumps(said))
    save_file({"a.q_proj.lora_A.weight": np.zeros((4, 2), np.float32)}, run.adapter / "adapter_model.safetensors")
    answered = Sample(step=240, when="after", prompt=QUESTION, answer=ANSWER)
    evaluated = Evaluated(step=240, loss=0.5, is_best=True)
    ended = Ended(state=end, step=240, adapter=str(run.adapter))
    write(run, [Started(attempt=1, pid=1, versions={}), evaluated, answered, ended])
    old = run.journal.stat().st_mtime - 3600  # a folder made just now counts as a run that is starting
    os.utime(run.job, (old, old))
    return run


def write(run: RunFolder, events: Sequence[Event]) -> None:
    with closing(JournalWriter(run.journal)) as writer:
        for event in events:
            writer.write(event)


def plan(steps: Sequence[PlannedStep] = STEPS, folder: str = "") -> ExportPlanned:
    return ExportPlanned(
        folder=folder,
        title="bicycle",
        steps=list(steps),
        size_bytes=sum(step.size_bytes for step in steps),
        peak_bytes=sum(step.size_bytes for step in steps),
        free_bytes=412_000_000_000,
        seconds=sum(step.seconds for step in steps),
    )


@contextmanager
def held_export(run: RunFolder, out: Path, end: RunEnd = "cancelled") -> Iterator[RunFolder]:
    """An export of a run that is as far as it is, held as its engine holds it; in the end it is over."""
    request = ExportRequest(run=str(run.path), items=tuple(step.item for step in STEPS), out=str(out), name="bicycle")
    study = create_study(request)
    with closing(JournalWriter(study.journal)) as writer, study.hold():
        writer.write(Started(attempt=1, pid=os.getpid(), versions={}))
        writer.write(plan(folder=str(out)))
        for step, found in zip(STEPS[:2], ("logits are equal, bit for bit", "logits agree to 0.031"), strict=True):
            writer.write(StepBegun(item=step.item, title=step.title))
            writer.write(StepChecked(item=step.item, title=step.title, name="loaded back", ok=True, found=found))
            done = StepDone(item=step.item, title=step.title, path=step.path, size_bytes=step.size_bytes, seconds=1)
            writer.write(done)
        writer.write(StepBegun(item=STEPS[2].item, title=STEPS[2].title))
        came = {"done": 1_060_000_000, "total": 1_650_000_000, "unit": "bytes", "rate": 84_000_000}
        writer.write(Phase(name="export", file=STEPS[2].item, **came))  # type: ignore[arg-type]
        yield study
        writer.write(Ended(state=end))
