"""How a run ended, in words that a person can act on."""

import signal
from dataclasses import dataclass

from workbench.core.job import last_words, launch
from workbench.core.job.events import Ended, Started, is_about_memory
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder, RunState

LAST_LINES = 40
_CRASH_SIGNALS = {
    -number for name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL") if (number := getattr(signal, name, 0))
}
_KILL = -getattr(signal, "SIGKILL", 9)
# Windows gives a fault's NTSTATUS as the exit code: 0xC0000005 is an access violation.
_WINDOWS_FAULT = 0xC0000000


@dataclass(frozen=True)
class Outcome:
    """What became of a run; `last_lines` are the end of console.log."""

    state: RunState
    what: str
    why: str = ""
    remedy: str = ""
    last_lines: tuple[str, ...] = ()
    is_out_of_memory: bool = False
    is_refusal: bool = False
    was_forced: bool = False


def outcome_of(
    run: RunFolder,
    history: History,
    exit_status: int | None,
    forced: bool,
    *,
    earlier: Started | None = None,
    console_since: int = 0,
    trouble: str = "",
) -> Outcome:
    """The outcome of a run whose process is gone; `exit_status` is None where it was nobody's child here.

    `earlier` is what an earlier process wrote when it took the run: no newer one means that the engine did not start.
    `console_since` is the byte of console.log where this process's lines begin, and `trouble` what kept the run from
    being started or read.
    """
    lines = last_words.lines_of(run.console, console_since)
    has_started = history.started is not None and history.started != earlier
    ended = history.ended if has_started else None
    if ended is not None:
        return Outcome(
            state=RunState(ended.state),
            what=ended.what or _ending(ended),
            why=ended.why,
            remedy=ended.remedy,
            last_lines=tuple(lines[-LAST_LINES:]),
            is_out_of_memory=ended.is_out_of_memory,
            is_refusal=ended.is_refusal,
            was_forced=forced,
        )
    what, why, remedy = _death(run, history, exit_status, forced, has_started, trouble, lines)
    return Outcome(
        state=RunState.CRASHED,
        what=what,
        why=why,
        remedy=remedy,
        last_lines=tuple(lines[-LAST_LINES:]),
        is_out_of_memory=not forced and (exit_status == _KILL or is_about_memory(last_words.error_in(lines))),
        was_forced=forced,
    )


def _ending(ended: Ended) -> str:
    steps = f"step {ended.step}" if ended.step else "the first step"
    match ended.state:
        case "finished":
            return f"Finished after {ended.step} steps."
        case "stopped":
            return f"Stopped after {steps}." if ended.step else f"Stopped before {steps}: there was nothing to save."
        case "cancelled":
            return f"Cancelled after {steps}; nothing more was saved." if ended.step else f"Cancelled before {steps}."
        case "crashed":
            return f"The engine failed {'after' if ended.step else 'before'} {steps}."


def _death(
    run: RunFolder,
    history: History,
    exit_status: int | None,
    forced: bool,
    has_started: bool,
    trouble: str,
    lines: list[str],
) -> tuple[str, str, str]:
    """What happened, why, and what to do, of a run that wrote no ending."""
    error = last_words.error_in(lines)
    if not run.job.is_file():
        left = " Its engine was ended." if forced else ""
        return (
            "The folder of this run is gone.",
            f"{run.path} was deleted, moved or renamed while the run was followed.{left}",
            "Start the run again.",
        )
    if forced:
        return "The engine did not obey in time and was ended by force.", error, _go_on(history)
    if trouble:
        return trouble, error, "Grant reading and writing there, then try again."
    if not has_started:
        how = f"It {launch.how_it_ended(exit_status)}. " if exit_status is not None else ""
        why = f"{how}{last_words.reason_in(lines)}".strip()
        return "The engine did not start.", why, "`workbench doctor` says what is missing."
    if exit_status is None:
        return "The engine died without saying why.", error, _go_on(history)
    death = launch.how_it_ended(exit_status)
    if exit_status == _KILL:
        return (
            f"The engine {death}.",
            "Perhaps the memory was not enough: the system kills what takes too much of it.",
            "Close other programs, or halve training.batch_size or training.max_length. " + _go_on(history),
        )
    if exit_status in _CRASH_SIGNALS or exit_status >= _WINDOWS_FAULT:
        why = f"A fault in a library or the driver ended it. {error}".strip()
        return f"The engine {death}.", why, "`workbench doctor` checks both. " + _go_on(history)
    if exit_status < 0:
        return f"The engine {death}.", "Another program, or the system, ended it.", _go_on(history)
    return f"The engine {death} and did not say why.", last_words.reason_in(lines), _go_on(history)


def _go_on(history: History) -> str:
    if history.checkpoints:
        return f"Resume goes on from its last checkpoint, step {history.checkpoints[-1].step}."
    return "No checkpoint was saved yet: start it again."
