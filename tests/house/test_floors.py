"""What must not be imported where."""

import subprocess
import sys

HEAVY = ("torch", "transformers", "trl", "peft", "bitsandbytes", "accelerate", "datasets", "PySide6", "pyarrow")


def test_that_the_command_line_starts_without_torch_or_qt() -> None:
    script = f"import sys, workbench.cli; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
