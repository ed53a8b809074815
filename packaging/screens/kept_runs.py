"""Runs of the home that say what kept ones said: over, or alive at some step."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.core.job.run_folder import RunFolder

JOURNALS = Path(__file__).resolve().parents[2] / "tests" / "data" / "journals"


def kept_run(journal: str, name: str) -> "RunFolder":
    """A run of the home with what a kept one says."""
    from workbench.core import places
    from workbench.core.job import checkpoints
    from workbench.core.job.events import CheckpointSaved, Ended
    from workbench.core.job.journal import JournalReader
    from workbench.core.job.run_folder import RunFolder

    folder = places.runs() / name
    shutil.copytree(JOURNALS / journal, folder)
    for event in JournalReader(folder / "journal.jsonl").read():  # what is kept of a run is its words alone
        if isinstance(event, CheckpointSaved):
            (folder / "checkpoints" / checkpoints.folder_name(event.step)).mkdir(parents=True, exist_ok=True)
        elif isinstance(event, Ended) and event.adapter:
            (folder / "adapter").mkdir(exist_ok=True)
            (folder / "adapter" / "adapter_config.json").write_text("{}")
    old = time.time() - 86400  # a folder made just now counts as a run that is starting
    for path in folder.iterdir():
        os.utime(path, (old, old))
    return RunFolder(folder)


@contextmanager
def alive(name: str, steps: int, *, is_paused: bool = False) -> Iterator["RunFolder"]:
    """The finished run as it was after its first `steps`, held as its engine held it."""
    from workbench.core.job.events import Paused, Step
    from workbench.core.job.journal import JournalReader, JournalWriter

    run = kept_run("finished", name)
    events = JournalReader(run.journal).read()
    reached = next(number for number, event in enumerate(events) if isinstance(event, Step) and event.step == steps)
    later = time.time() - events[reached].at  # its clock goes on from the last event
    moved = [event.model_copy(update={"at": event.at + later}) for event in events[: reached + 1]]
    run.journal.write_text("".join(event.model_dump_json() + "\n" for event in moved), "utf-8")
    if is_paused:
        writer = JournalWriter(run.journal)
        writer.write(Paused(step=steps))
        writer.close()
    with run.hold():
        yield run
