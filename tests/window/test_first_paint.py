"""What a window shows first, and what it does without until then."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from workbench import cli
from workbench.core.machine.memory import machine_memory
from workbench.core.machine.process_age import seconds_since_start
from workbench.window.pages import PAGES

# What takes long to import and is no part of the first page: the engine's, the terminal's, the plots'.
AFTER_THE_FIRST_PAINT = (
    "torch", "transformers", "peft", "datasets", "bitsandbytes", "pyqtgraph", "numpy", "qtawesome", "qtpy", "rich",
    "typer", "huggingface_hub", "pyarrow", "filelock", "psutil", "workbench.verbs.follow",
    "workbench.verbs.demonstration",
)  # fmt: skip

# The command as it is, with a look at the window as soon as it has painted.
OBSERVED = """
import json, sys
from workbench import cli
from workbench.window import main_window

made = main_window.MainWindow.__init__

def observe(window, *given):
    made(window, *given)
    window.first_painted.connect(lambda: look(window))

def look(window):
    shown = window.stack.currentWidget()
    seen["imported"] = [name for name in {names!r} if name in sys.modules]
    seen["pages"] = list(window.pages)
    seen["is_whole"] = [part.isVisible() for part in (window.rail, window.status, shown, shown.header, shown.picture)]
    seen["says"] = shown.source.note.text()
    window.close()

seen = {{}}
main_window.MainWindow.__init__ = observe
sys.argv = ["workbench", *{words!r}]
try:
    cli.main()
except SystemExit as ended:
    seen["code"] = ended.code
print(json.dumps(seen))
"""


@pytest.mark.parametrize("words", [[], ["window"]])
def test_that_the_first_paint_is_of_the_first_page_and_waits_for_nothing_else(home: Path, words: list[str]) -> None:
    script = OBSERVED.format(names=AFTER_THE_FIRST_PAINT, words=words)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["imported"] == []
    assert seen["pages"] == ["model"]
    assert seen["is_whole"] == [True] * 5
    assert "trained on a CPU" in seen["says"]
    assert seen["code"] == 0


def test_that_the_page_that_was_open_last_is_the_first(home: Path) -> None:
    home.mkdir()
    (home / "settings.json").write_text(json.dumps({"page": "runs"}), encoding="utf-8")
    command = [sys.executable, "-m", "workbench.cli", "window", "--smoke"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    pages = json.loads(done.stdout)["pages"]
    assert pages[0] == "runs"
    assert set(pages) == set(PAGES)


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["window"],
        ["window", "--smoke", "--json"],
        ["window", "mine.toml"],
        ["window", "--smoke", "a folder"],
    ],
)
def test_that_the_plain_words_open_the_window_at_once(words: list[str]) -> None:
    assert cli.is_plainly_window(words)


@pytest.mark.parametrize(
    "words", [["--help"], ["window", "--help"], ["window", "--smok"], ["window", "one", "two"], ["demo"], ["windo"]]
)
def test_that_any_other_words_are_left_to_who_explains_them(words: list[str]) -> None:
    assert not cli.is_plainly_window(words)


def test_that_a_mistaken_word_is_explained_as_ever(home: Path) -> None:
    command = [sys.executable, "-m", "workbench.cli", "window", "--smok"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "No such option" in done.stderr


def test_that_a_process_knows_its_age(home: Path) -> None:
    script = "from workbench.core.machine.process_age import seconds_since_start; print(seconds_since_start())"
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert 0 < float(done.stdout) <= time.monotonic() - began + 0.02
    # psutil takes the boot for having been at a whole second.
    assert abs(seconds_since_start() - (time.time() - psutil.Process(os.getpid()).create_time())) < 1.1


def test_that_the_memory_is_what_psutil_says_it_is() -> None:
    memory, known = machine_memory(), psutil.virtual_memory()
    assert memory.total_bytes == known.total
    assert abs(memory.available_bytes - known.available) < 0.1 * known.total
