"""A run followed in a terminal: progress on standard error, facts for standard output."""

import math
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, Literal

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from workbench.core.job import last_words, launch
from workbench.core.job.event_words import healed_in_words
from workbench.core.job.events import Event, Healed, Notice, Phase, Planned, Resumed, Scored, Step
from workbench.core.job.history import History
from workbench.core.job.journal import JournalReader
from workbench.core.job.phases import PHASE_WORDS, bytes_that_came
from workbench.core.job.run_folder import Order, RunFolder, RunState
from workbench.core.memory import reconcile
from workbench.core.problems import UserError, in_a_row
from workbench.core.recipe.recipe import stored_as
from workbench.core.units import bytes_in_words, count_in_words
from workbench.verbs.interrupts import Interrupts

POLL_SECONDS = 0.2
# What an order is given before the process is ended by force; a stop may have a large checkpoint to write.
STOP_GRACE_SECONDS = 600.0
CANCEL_GRACE_SECONDS = 15.0
EXIT_CODES = {"finished": 0, "stopped": 0, "cancelled": 130, "crashed": 1}
REFUSED = 2

errors = Console(stderr=True, highlight=False)


class Follower:
    """Shows a run as its journal grows; Ctrl-C stops it, a second one cancels, a third one kills."""

    interrupts: tuple[Literal["stop", "cancel"], ...] = ("stop", "cancel")  # what each Ctrl-C orders; one more kills

    def __init__(self, run: RunFolder, process: subprocess.Popen[bytes] | None = None) -> None:
        self.run = run
        self.history = History()
        self._process = process
        self._reader = JournalReader(run.journal)
        self._interrupts = 0
        self._overdue_at = math.inf
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            TextColumn("{task.fields[facts]}"),
            TimeElapsedColumn(),
            console=errors,
            transient=True,
        )
        self._task: TaskID | None = None

    def follow(self) -> History:
        """Returns once the run has ended; a follower without a process of its own leaves the run alone.

        Raises UserError where the journal cannot be read.
        """
        with self._bar, Interrupts() as interrupts:
            while not self._look():
                if interrupts.take():
                    self._interrupt()
                else:
                    time.sleep(POLL_SECONDS)
        return self.history

    @property
    def was_interrupted(self) -> bool:
        """Whether a person has ended the run here, by Ctrl-C."""
        return self._interrupts > 0

    def _look(self) -> bool:
        is_over = self._process.poll() is not None if self._process else not self.run.state(self.history).is_alive
        try:
            events = self._reader.read()
        except OSError as error:
            raise self.run.unreadable(error) from None
        self.history.add(events)
        for event in events:
            self._show(event)
        if time.monotonic() > self._overdue_at and self._process:
            self._overdue_at = math.inf
            errors.print("The order was not obeyed in time; the process is ended by force.")
            launch.end_by_force(self._process.pid)
        return is_over and not events

    def _interrupt(self) -> None:
        if self._process is None:
            raise KeyboardInterrupt
        order = self.interrupts[self._interrupts] if self._interrupts < len(self.interrupts) else "kill"
        self._interrupts += 1
        if order == "kill":
            launch.end_by_force(self._process.pid)
            return
        self.run.give(Order(order=order))
        if order == "stop":
            self._overdue_at = time.monotonic() + STOP_GRACE_SECONDS
            errors.print("Stopping after this step, with a checkpoint. Ctrl-C again cancels without one.")
        else:
            self._overdue_at = time.monotonic() + CANCEL_GRACE_SECONDS
            errors.print("Cancelling. Ctrl-C again kills the process.")

    def _show(self, event: Event) -> None:
        match event:
            case Phase():
                self._phase(event)
            case Planned():
                trained, of = count_in_words(event.trainable_parameters), count_in_words(event.parameters)
                self._print_line(
                    f"{event.rows} rows as {event.sequences} sequences of {event.tokens} tokens; "
                    f"{trained} of {of} parameters are trained, for {event.steps} steps on the {event.device}. "
                    f"The weights are stored as {event.stored_as or stored_as(self.run.recipe())}."
                )
            case Step():
                facts = (
                    f"step {event.step} of {event.steps}  loss {event.loss:.4f}  "
                    f"{event.tokens_per_second:.0f} tokens/s  {bytes_in_words(event.memory.peak_bytes)}"
                )
                self._advance(event.step, event.steps, facts)
            case Scored():
                self._print_line(f"Exact match {event.when} training: {event.right} of {event.rows}.")
            case Resumed():
                for reason in event.skipped:
                    self._print_line(f"Skipped a checkpoint that is not whole: {reason}.")
                if event.folder:
                    self._print_line(f"Going on from step {event.step}.")
            case Notice():
                self._print_line(event.text)
            case Healed():
                self._print_line(healed_in_words(event))
            case _:
                pass

    def _phase(self, phase: Phase) -> None:
        total = self.history.total_steps if phase.name == "train" else phase.total
        done = self.history.step if phase.name == "train" else phase.done
        facts = ""
        if phase.total:
            facts = bytes_that_came(phase) if phase.unit == "bytes" else f"{phase.done} of {phase.total} {phase.unit}"
        self._advance(done, total, facts, PHASE_WORDS[phase.name])

    def _advance(self, done: int, total: int, facts: str, description: str | None = None) -> None:
        if self._task is None:
            self._task = self._bar.add_task("", facts="")
        self._bar.update(self._task, completed=done, total=total or None, facts=facts)
        if description:
            self._bar.update(self._task, description=description)

    def _print_line(self, text: str) -> None:
        errors.print(escape(text), soft_wrap=True)


def run_to_its_end(
    run: RunFolder, shown_by: Callable[[RunFolder, subprocess.Popen[bytes]], Follower] = Follower
) -> History:
    """Starts the engine on a run folder and follows it. Raises UserError where the engine did not take the run."""
    before = run.outline().attempt
    process = launch.start(run)
    history = shown_by(run, process).follow()
    if history.started is None or history.started.attempt == before:
        raise UserError(f"The engine of run {run.name} did not start.", why=_reason(run))
    if history.ended is None:
        death = launch.how_it_ended(process.returncode)
        hint = "Perhaps the memory was not enough." if "SIGKILL" in death else ""
        words = [f"The engine {death}.", hint, _reason(run)]
        errors.print(escape(" ".join(filter(None, words))), soft_wrap=True)
        if run.kind() == "train":
            errors.print(f"`workbench resume {run.name}` goes on from the newest checkpoint.", soft_wrap=True)
    return history


def _reason(run: RunFolder) -> str:
    return last_words.reason_in(last_words.lines_of(run.console))


def refuse(history: History) -> None:
    """Raises UserError where the run ended by what a person can mend."""
    ended = history.ended
    if ended is not None and ended.is_mendable:
        raise UserError(ended.what, why=ended.why, remedy=ended.remedy)


def exit_code(run: RunFolder, history: History) -> int:
    """Says how the run ended, on standard error, and gives the exit code for it."""
    ended = history.ended
    if ended is None:
        return EXIT_CODES[RunState.CRASHED]
    if ended.what:
        errors.print(escape(in_a_row(ended.what, ended.why, ended.remedy)), soft_wrap=True)
    return REFUSED if ended.is_mendable else EXIT_CODES[ended.state]


def facts(run: RunFolder, history: History) -> dict[str, Any]:
    """What `train --json` prints."""
    losses = [step.loss for step in history.steps]
    return {
        "run": str(run.path),
        "state": run.state(history),
        "steps": history.step,
        "loss_first": losses[0] if losses else None,
        "loss_last": losses[-1] if losses else None,
        "adapter": run.result(history.ended.adapter) or None if history.ended else None,
    }


def memory_table(history: History) -> Table | None:
    """A run's memory by moment and by line, predicted and measured; None where no step was looked into."""
    lines = reconcile.lines(history)
    if not lines:
        return None
    table = Table(box=None, pad_edge=False)
    for title in ("Memory", "Predicted", "Measured", "Difference", ""):
        table.add_column(title, justify="left" if title == "Memory" else "right")
    for row in lines[:-1]:
        table.add_row(row.title, *reconcile.row_in_words(row))
    table.add_section()
    for row in reconcile.milestones(history):
        table.add_row(row.title, *reconcile.row_in_words(row))
    return table


def wait_until(run: RunFolder, is_reached: Callable[[RunState], bool], seconds: float) -> bool:
    """Whether the run's state came to what is waited for, within `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if is_reached(run.state()):
            return True
        time.sleep(POLL_SECONDS)
    return False


def printed(document: Any) -> None:
    """Writes one JSON document, alone, to standard output."""
    import json

    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n")
