"""What the set-up says, asks and runs."""

import subprocess
import sys

NETWORK_ADVICE = "Check the network connection and the proxy, then start again: finished downloads are kept."


class SetupError(Exception):
    """Says in its text what happened, why, and what to do."""


def run(command: list[str], keeps_lock: bool = False) -> bool:
    """Runs a command that reports on standard error: standard output belongs to the verb."""
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=2, close_fds=not keeps_lock).returncode == 0


def say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def agrees(question: str, unasked: bool) -> bool:
    """Asks at a terminal; elsewhere says the question and takes the given answer."""
    sys.stderr.write(f"{question} [y/N] " if sys.stdin.isatty() else f"{question} ({'Yes' if unasked else 'No'}.)\n")
    return sys.stdin.readline().strip().lower() in ("y", "yes") if sys.stdin.isatty() else unasked


def pip_failure(what: str) -> str:
    return f"pip could not install {what}, its message stands above. {NETWORK_ADVICE}"
