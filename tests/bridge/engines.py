"""Small engines on a run folder, each with one habit: `python -m tests.bridge.engines HABIT FOLDER OFFSET`.

They hold the lock and write the journal as the real one does, and import nothing heavy.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from workbench.core.job.events import (
    CheckpointSaved,
    Continued,
    Ended,
    Memory,
    Notice,
    Paused,
    Phase,
    Planned,
    Resumed,
    Started,
    Step,
)
from workbench.core.job.journal import JournalReader, JournalWriter
from workbench.core.job.run_folder import Order, RunFolder

FLOOD = 200_000


def command(habit: str) -> tuple[str, ...]:
    """What JobThread is given to start an engine of that habit."""
    return (sys.executable, "-m", "tests.bridge.engines", habit)


def step(number: int, steps: int = 4, seconds: float = 0.5) -> Step:
    return Step(
        step=number,
        steps=steps,
        epoch=0.0,
        loss=4.0 / number,
        learning_rate=0.1,
        grad_norm=1.0,
        tokens_per_second=10.0,
        seconds=seconds,
        memory=Memory(resident_peak_bytes=1),
    )


def planned(steps: int = 4, from_step: int = 0) -> Planned:
    return Planned(
        device="CPU",
        steps=steps,
        from_step=from_step,
        rows=1,
        sequences=1,
        tokens=1,
        trained_tokens=1,
        trainable_parameters=1,
        parameters=1,
        data_sha256="",
    )


class Engine:
    """A run folder that is held, with a journal that has begun."""

    def __init__(self, run: RunFolder, offset: int) -> None:
        self.run = run
        self.offset = offset
        self.writer = JournalWriter(run.journal)
        attempt = 1 + sum(isinstance(event, Started) for event in JournalReader(run.journal).read())
        self.writer.write(Started(attempt=attempt, pid=os.getpid(), versions={}))

    def orders(self) -> list[Order]:
        found, self.offset = self.run.read_orders(self.offset)
        return found


def finishes(engine: Engine) -> None:
    engine.writer.write(planned())
    engine.writer.write(Phase(name="train"))
    for number in range(1, 5):
        engine.writer.write(step(number))
    engine.writer.write(Ended(state="finished", step=4, adapter="adapter", train_seconds=2.0))


def raises(engine: Engine) -> None:
    del engine
    raise RuntimeError("the shape of things")


def reports(engine: Engine) -> None:
    engine.writer.write(step(1))
    engine.writer.write(
        Ended(state="crashed", step=1, what="The memory was not enough.", why="CUDA out of memory", remedy="Halve it.")
    )
    sys.exit(2)


def refuses(engine: Engine) -> None:
    engine.writer.write(
        Ended(state="crashed", what="The rows are empty.", why="None has an answer.", remedy="Mend.", is_mendable=True)
    )
    sys.exit(2)


def cannot_write(engine: Engine) -> None:
    trouble = {"what": "A file could not be written.", "remedy": "Make room, then resume the run."}
    engine.writer.write(Ended(state="crashed", is_mendable=True, can_resume=True, **trouble))
    sys.exit(2)


def runs_out(engine: Engine) -> None:
    engine.writer.write(
        Ended(state="crashed", what="The memory was not enough.", why="CUDA out of memory", is_mendable=True)
    )
    sys.exit(2)


def aborts(engine: Engine) -> None:
    engine.writer.write(step(1))
    engine.writer.write(CheckpointSaved(step=1, folder="step-1", size_bytes=1))
    print("terminate called in a library", flush=True)
    os.abort()


def hangs(engine: Engine) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    engine.writer.write(step(1))
    while True:
        time.sleep(60)


def floods(engine: Engine) -> None:
    lines = engine.writer.write(step(1)).model_dump_json().encode() + b"\n"
    with engine.run.journal.open("ab", buffering=1_000_000) as file:
        for _ in range(FLOOD):
            file.write(lines)
    engine.writer.write(Ended(state="finished", step=1))


def prints(engine: Engine) -> None:
    for number in range(5000):
        print(f"noise {number} \x1b[31m\r{{}} \xff", flush=False)
        sys.stderr.write("bar 1%\rbar 2%\r")
    sys.stdout.flush()
    sys.stdout.buffer.write(b"\xff\xfe not text \x00\n")
    sys.stdout.flush()
    print("the last of it", file=sys.stderr)
    os._exit(3)


def waits(engine: Engine) -> None:
    """Steps ten times a second and obeys every order, as the real one does at its step boundaries."""
    engine.writer.write(planned(steps=100_000))
    steps = [event.step for event in JournalReader(engine.run.journal).read() if isinstance(event, Step)]
    number = 1 + max(steps, default=0)
    if steps:
        engine.writer.write(Resumed(step=number - 1, folder=""))
    is_paused = False
    while True:
        for order in engine.orders():
            match order.order:
                case "pause":
                    is_paused = True
                    engine.writer.write(Paused(step=number))
                case "continue" if is_paused:
                    is_paused = False
                    engine.writer.write(Continued(step=number))
                case "stop":
                    engine.writer.write(CheckpointSaved(step=number, folder="step", size_bytes=1))
                    engine.writer.write(Ended(state="stopped", step=number))
                    return
                case "cancel":
                    engine.writer.write(Ended(state="cancelled", step=number))
                    return
        if not is_paused:
            engine.writer.write(step(number, steps=100_000, seconds=0.1))
            number += 1
        time.sleep(0.1)


def is_unkind(engine: Engine) -> None:
    """Writes what no reader expects: torn, unknown, far too long, not text, and HTML."""
    with engine.run.journal.open("ab", buffering=0) as file:
        file.write(b'{"kind":"telepathy","at":1}\n')
        file.write(b"\xff\xfe\x00\n\n[]\nnull\n")
        file.write(b'{"kind":"notice","text":"' + b"x" * 5_000_000 + b'"}\n')
        file.write(b'{"kind":"notice","text":"to')
        time.sleep(0.3)
        file.write(b'rn"}\n')
    engine.writer.write(Notice(text="<b>bold</b><script>alert(1)</script>"))
    engine.writer.write(Ended(state="finished"))


HABITS: dict[str, Callable[[Engine], None]] = {
    habit.__name__: habit
    for habit in (
        finishes,
        raises,
        reports,
        refuses,
        cannot_write,
        runs_out,
        aborts,
        hangs,
        floods,
        prints,
        waits,
        is_unkind,
    )
}


def main() -> None:
    habit, folder, offset = sys.argv[1:]
    run = RunFolder(Path(folder))
    if habit == "leaves":  # before it took the run
        print("cannot import torch", flush=True)
        sys.exit(7)
    with run.hold():
        HABITS[habit](Engine(run, int(offset)))


if __name__ == "__main__":
    main()
