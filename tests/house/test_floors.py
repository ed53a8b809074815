"""What must not be imported where, and what is said where."""

import subprocess
import sys
from pathlib import Path

import workbench

HEAVY = ("torch", "transformers", "trl", "peft", "bitsandbytes", "accelerate", "datasets", "PySide6", "pyarrow")


def test_that_the_command_line_starts_without_torch_or_qt() -> None:
    script = f"import sys, workbench.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_that_whatever_is_said_stands_in_a_file_with_a_name() -> None:
    folder = Path(workbench.__path__[0])
    assert [str(path) for path in folder.rglob("__init__.py") if path.stat().st_size] == []
