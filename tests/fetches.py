"""A fetch that is on its way, and models that are here, for what shows them."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager

from workbench.core.hub import cache
from workbench.core.job.events import Ended, Paused, Phase, Started
from workbench.core.job.journal import JournalWriter
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import FetchRequest

TOTAL_BYTES, CAME_BYTES, RATE = 15_231_000_000, 6_240_000_000, 11_700_000


@contextmanager
def held_fetch(name: str, *, why_paused: str = "") -> Iterator[RunFolder]:
    """A fetch of the home that is as far as it is, held as its engine holds it; in the end it is cancelled."""
    run = create_study(FetchRequest(name=name))
    with closing(JournalWriter(run.journal)) as writer, run.hold():
        writer.write(Started(attempt=1, pid=os.getpid(), versions={}))
        came = {"done": CAME_BYTES, "total": TOTAL_BYTES, "unit": "bytes", "rate": RATE}
        writer.write(Phase(name="download", **came, file="model-2", file_number=3, files=6))  # type: ignore[arg-type]
        if why_paused:
            writer.write(Paused(step=0, why=why_paused))
        yield run
        writer.write(Ended(state="cancelled"))


def keep_model(model_id: str, files: dict[str, bytes]) -> None:
    """Puts a model into the cache that programs share."""
    snapshot = cache.folder_of(model_id) / "snapshots" / "abc"
    snapshot.mkdir(parents=True)
    for name, data in files.items():
        (snapshot / name).write_bytes(data)
    cache.note_revision(model_id, "main", "abc")
