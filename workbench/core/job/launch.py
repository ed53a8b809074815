"""Starting a run's engine: a process of its own that outlives whoever started it."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from workbench.core.hub.offline import is_offline
from workbench.core.job.run_folder import RunFolder

TERMINATE_SECONDS = 10.0
ENGINE = (sys.executable, "-m", "workbench.engine")
_SIGNALS_IN_WORDS = {
    "SIGABRT": "a library gave up",
    "SIGBUS": "memory that it had mapped was gone",
    "SIGFPE": "a calculation that cannot be done",
    "SIGHUP": "its terminal was closed",
    "SIGILL": "an instruction that this processor does not know",
    "SIGINT": "something interrupted it",
    "SIGKILL": "something ended it at once",
    "SIGSEGV": "it touched memory that is not its own",
    "SIGTERM": "something told it to end",
}


def start(run: RunFolder, command: Sequence[str] = ENGINE) -> subprocess.Popen[bytes]:
    """Starts the engine on a run folder and returns at once; `command` is given the folder and the orders' size.

    The process gets no pipe that could fill up: what libraries print goes to console.log, everything else to the
    journal. It is in a session of its own, so Ctrl-C in a terminal reaches the follower and not the training.
    """
    with run.console.open("ab") as console:
        return subprocess.Popen(
            [*command, str(run.path), str(run.orders_size())],
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=subprocess.STDOUT,
            env=environment(),
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # the same, on Windows
        )


def environment() -> dict[str, str]:
    """The environment of an engine: this one's, with the package findable and what libraries report home turned off."""
    root = str(Path(__file__).resolve().parents[3])
    paths = [root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    # The tokenizers library works in parallel of itself, and stops that in what is forked, unless this is set.
    inherited = {name: value for name, value in os.environ.items() if name != "TOKENIZERS_PARALLELISM"}
    return {
        **inherited,
        **({"HF_HUB_OFFLINE": "1"} if is_offline() else {}),  # libraries ask nobody either
        "PYTHONPATH": os.pathsep.join(dict.fromkeys(paths)),
        "PYTHONUNBUFFERED": "1",
        "PYTHONIOENCODING": "utf-8",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "DO_NOT_TRACK": "1",
    }


def end_by_force(pid: int) -> None:
    """Terminates a process and all it has started, and kills what is still there after TERMINATE_SECONDS."""
    import psutil  # 8 ms that the window's first paint need not wait for

    try:
        process = psutil.Process(pid)
        tree = [*process.children(recursive=True), process]
    except psutil.NoSuchProcess:
        return
    for member in tree:
        with suppress(psutil.NoSuchProcess):
            member.terminate()
    for member in psutil.wait_procs(tree, timeout=TERMINATE_SECONDS)[1]:
        with suppress(psutil.NoSuchProcess):
            member.kill()


def how_it_ended(status: int) -> str:
    """A process's exit status in words, such as "was killed by SIGTERM (something told it to end)"."""
    if status >= 0:
        return f"ended with exit code {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        return f"was killed by signal {-status}"
    meaning = _SIGNALS_IN_WORDS.get(name, "")
    return f"was killed by {name}" + (f" ({meaning})" if meaning else "")
