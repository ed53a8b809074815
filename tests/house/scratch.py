"""A scratch copy of the package to add something to, which knows the files that were touched for it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ("workbench", "resources")
# Compiled modules are copied too, or each process would compile the whole package; what is just being written is not.
BEING_WRITTEN = shutil.ignore_patterns("*.pyc.*")


class Scratch:
    """workbench/ and resources/ in a folder of their own, to be changed and run there.

    Attributes:
        folder: holds the two; paths of files are given relative to it, such as "workbench/core/units.py".
        touched: every file that was changed or made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.touched: set[str] = set()
        for name in PACKAGE:
            shutil.copytree(ROOT / name, folder / name, ignore=BEING_WRITTEN)

    def create(self, file: str, text: str) -> None:
        """Makes a file, and folders that are packages where it needs them; those are not counted."""
        path = self.folder / file
        assert not path.exists(), f"{file} is there already"
        for folder in reversed(path.relative_to(self.folder).parents):
            if not (self.folder / folder).exists():
                (self.folder / folder).mkdir()
                (self.folder / folder / "__init__.py").touch()
        path.write_text(text, encoding="utf-8")
        self.touched.add(file)

    def replace(self, file: str, old: str, new: str) -> None:
        """Puts `new` where `old` stands, which has to stand in the file once."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} holds {text.count(old)} times: {old}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        self.touched.add(file)

    def before(self, file: str, anchor: str, added: str) -> None:
        """Puts text before an anchor that stands in the file once."""
        self.replace(file, anchor, added + anchor)

    def after(self, file: str, anchor: str, added: str) -> None:
        """Puts text behind an anchor that stands in the file once."""
        self.replace(file, anchor, anchor + added)

    def append(self, file: str, added: str) -> None:
        """Puts text at the end of a file."""
        path = self.folder / file
        path.write_text(path.read_text(encoding="utf-8") + added, encoding="utf-8")
        self.touched.add(file)

    def workbench(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs the command as the copy has it, such as workbench("recipe", "--set", "lora.rank=8")."""
        return self.python("-m", "workbench.cli", *words)

    def python(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs Python with the copy's package: python("-c", "import workbench..."), python("-m", ...)."""
        return subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            check=False,
        )

    def evaluate(self, code: str, *words: str) -> str:
        """What a program prints that runs with the copy's package. Raises AssertionError where it fails."""
        ended = self.python("-c", code, *words)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout
