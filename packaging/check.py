"""Runs every check of the project in one command; its arguments go to pytest.

`python3 main.py test` calls it in an environment that has the tools; `--fast` leaves out the tests that are marked
"slow", for the time between two changes.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

# More would want more memory than a laptop has: some tests hold the starter twice.
WORKERS = 2
ROOT = Path(__file__).resolve().parent.parent
# Beside what pyproject.toml names for mypy: what has to run before there is an environment.
STANDALONE = ["main.py", *sorted(str(path) for path in (ROOT / "packaging").rglob("*.py"))]
CHECKS = {
    "ruff check": ["-m", "ruff", "check", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy"],
    "mypy, standalone files": ["-m", "mypy", "--strict", *STANDALONE],
    # import-linter has no module that `-m` could run.
    "import-linter": ["-c", "from importlinter.cli import lint_imports_command as run; run()"],
}

FAST = "--fast"


def main(arguments: list[str]) -> int:
    chosen = [word for word in arguments if word != FAST]
    marks = ["-m", "not slow and not gpu"] if FAST in arguments else []
    failed = [name for name, words in CHECKS.items() if not passes(name, words)]
    tests = [sys.executable, "-m", "pytest", *sharing(chosen), *marks, *chosen]
    if subprocess.run(tests, cwd=ROOT, env=test_environment()).returncode:
        failed.append("pytest")
    if failed:
        print(f"FAILED: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def passes(name: str, arguments: list[str]) -> bool:
    """Runs one tool and prints a line; what the tool says is shown only when it fails."""
    started = time.monotonic()
    tool = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    seconds = time.monotonic() - started
    if tool.returncode:
        print(tool.stdout.rstrip())
    print(f"{'FAILED' if tool.returncode else 'passed'}  {name} ({seconds:.1f} s)", flush=True)
    return tool.returncode == 0


def sharing(arguments: list[str]) -> list[str]:
    """How the tests are shared out: files go to two workers, unless somebody chose otherwise or names a few tests."""
    is_narrow = any(not argument.startswith("-") for argument in arguments)
    # In the order of tests/conftest.py: pytest-xdist would begin with the files of most tests and end with the slowest.
    shared = ["-n", str(WORKERS), "--dist", "loadfile", "--no-loadscope-reorder"]
    return [] if is_narrow or "-n" in arguments else shared


def test_environment() -> dict[str, str]:
    """Tests need no screen and tell no one of their downloads.

    torch takes one thread a worker: two processes of two threads on two cores slow each other tenfold.
    """
    chosen = {"OMP_NUM_THREADS": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "QT_QPA_PLATFORM": "offscreen"}
    return {**chosen, **os.environ}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
