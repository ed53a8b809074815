"""The engine's process: `python -m workbench.engine FOLDER [OFFSET]` does the job in a run folder.

Orders that stand in orders.jsonl before OFFSET, in bytes, were meant for an earlier process.
"""

import faulthandler
import importlib
import locale
import os
import sys
import traceback
from pathlib import Path

from safetensors import SafetensorError

from workbench.core.job.events import Ended
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study_kinds import REQUESTS
from workbench.core.machine.memory import machine_memory
from workbench.core.problems import UserError
from workbench.core.scrubbed import scrub_streams
from workbench.core.units import bytes_in_words
from workbench.engine.job.job import Job, Ordered
from workbench.engine.job.out_of_memory import is_out_of_memory

REFUSED = 2


def main() -> int:
    """Holds the folder's lock for as long as it works; returns the exit code."""
    faulthandler.enable()
    scrub_streams()
    locale.setlocale(locale.LC_NUMERIC, "C")  # a decimal comma in C code breaks tokenizers
    try:
        run = RunFolder.open(Path(sys.argv[1]))
        with run.hold():
            since = int(sys.argv[2]) if len(sys.argv) > 2 else None
            return work(Job(run, since))
    except UserError as error:
        print(error, file=sys.stderr)
        return REFUSED


def work(job: Job) -> int:
    """Does the job and writes how it ended, whatever happens in between."""
    try:
        job.end(_done(job))
    except Ordered as order:
        job.end(Ended(state=order.state, step=job.step))
    except UserError as error:
        print(error, file=sys.stderr)
        ended = _ended(job, error)
        job.end(ended)
        return REFUSED
    except BaseException as error:
        traceback.print_exc()
        ended = how_it_failed(job, error)
        job.end(ended)
        return REFUSED if ended.is_mendable else 1
    return 0


def _done(job: Job) -> Ended:
    """torch and its libraries take seconds to import: after the lock and the first event, and only where they work."""
    kind = job.run.kind()
    study = REQUESTS.get(kind)
    if study is None or study.needs_torch:
        job.announce("start")
        # Each shape that rows and answers take keeps a compiled kernel, up to 1024 of them: 0.3 GB after 60
        # steps of the starter with BF16 (2.60 against 2.28 GB with 16, in the same time).
        os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "16")
    match kind:
        case "train":
            from workbench.engine.train import train

            return train.run(job)
        case _ if study is not None:
            ended: Ended = importlib.import_module(f"workbench.engine.{study.room}.{kind}").run(job)
            return ended
    raise UserError(f'This version knows no job of the kind "{kind}".')


def _ended(job: Job, error: UserError, *, can_resume: bool = False) -> Ended:
    return Ended(
        state="crashed",
        step=job.step,
        what=error.what,
        why=error.why,
        remedy=error.remedy,
        is_mendable=True,
        can_resume=can_resume,
    )


def how_it_failed(job: Job, error: BaseException) -> Ended:
    """The ending that states an error which no part of the engine expected."""
    name = type(error).__name__
    first = (str(error).strip().splitlines() or [""])[0][:300]
    if is_out_of_memory(error):
        if job.run.kind() != "train":
            remedy = "Close other programs, or take a smaller model."
            return _ended(job, UserError("The memory was not enough.", why=first, remedy=remedy))
        if "free" not in first:  # which CUDA says itself
            first = f"{first} The machine has {bytes_in_words(machine_memory().available_bytes)} free."
        training = job.recipe.training
        halve = (
            f"Halve training.batch_size to {training.batch_size // 2} and double training.accumulation to "
            f"{training.accumulation * 2}: the same steps in less memory."
            if training.batch_size > 1 and not training.heal  # which has tried that
            else "Halve training.max_length, or turn training.gradient_checkpointing on."
        )
        return _ended(job, UserError("The memory was not enough.", why=first, remedy=halve))
    if isinstance(error, OSError | SafetensorError):
        trouble = UserError(
            f"A file could not be read or written: {getattr(error, 'strerror', None) or first}.",
            why=str(getattr(error, "filename", None) or ""),
            remedy=f"Make room or grant writing in {job.run.path}, then resume the run.",
        )
        return _ended(job, trouble, can_resume=True)
    return Ended(
        state="crashed",
        step=job.step,
        what=f"The engine failed: {name}.",
        why=first,
        remedy=f"console.log in {job.run.path} holds the details.",
    )


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of libraries have been seen to abort while the interpreter winds down; everything of ours is on disk.
    os._exit(code)
