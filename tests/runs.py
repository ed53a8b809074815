"""Runs in processes of their own, and the real command line."""

import subprocess
import sys
import time
from collections.abc import Callable

from workbench.core.job.events import Event, Step
from workbench.core.job.history import History
from workbench.core.job.journal import JournalReader
from workbench.core.job.run_folder import RunFolder

PATIENCE_SECONDS = 120.0


def workbench(*words: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "workbench.cli", *words], capture_output=True, text=True, check=False, timeout=300
    )
    assert "Traceback" not in done.stderr, done.stderr
    if code is not None:
        assert done.returncode == code, done.stderr
    return done


def events(run: RunFolder) -> list[Event]:
    return JournalReader(run.journal).read()


def losses(run: RunFolder) -> dict[int, float]:
    return {step.step: step.loss for step in History(events(run)).steps}


def wait_for(is_there: Callable[[], bool], process: subprocess.Popen[bytes], run: RunFolder) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_there():
        assert process.poll() is None, run.console.read_text()
        assert time.monotonic() < deadline, f"waited in vain: {events(run)[-3:]}"
        time.sleep(0.02)


def has_step(run: RunFolder, least: int) -> bool:
    return any(isinstance(event, Step) and event.step >= least for event in events(run))
