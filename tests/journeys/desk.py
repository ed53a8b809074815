"""A desk to sit at: a screen, a window manager, the program, and a hand on mouse and keyboard.

What is on the screen is read as an assistive program reads it (AT-SPI); what is done is done by xdotool alone.
"""

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.journeys import drag_source
from workbench.core import places
from workbench.core.job.run_folder import RunFolder

ROOT = Path(__file__).resolve().parents[2]
SYSTEM_PYTHON = "/usr/bin/python3"
SCREEN = (1366, 768)
# What is looked for, and the Debian package that has it.
TOOLS = {
    "Xvfb": "xvfb",
    "openbox": "openbox",
    "xdotool": "xdotool",
    "import": "imagemagick",
    "dbus-daemon": "dbus",
    "/usr/libexec/at-spi-bus-launcher": "at-spi2-core",
}
FIELD = "spin box|text"
ITEMS = ("cell", "list item", "tree item")
FAULT = "met a fault"
GONE = "qt.accessibility.atspi: Could not find accessible on path"  # what was read has gone meanwhile
PATIENCE_SECONDS = 30.0
# Openbox's own theme: the cross is the last thing in a title bar of this height.
TITLE_BAR_PIXELS = 20
CROSS_INSET_PIXELS = 9


@dataclass(frozen=True)
class Control:
    """One thing on the screen, in the screen's pixels."""

    role: str
    name: str
    text: str
    states: frozenset[str]
    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + self.width // 2, self.y + self.height // 2


def missing() -> str:
    """A sentence where something is missing, with what would install it."""
    packages = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    gi = subprocess.run([SYSTEM_PYTHON, "-c", "import gi"], capture_output=True, check=False)
    packages += ["python3-gi"] if gi.returncode else []
    if not packages:
        return ""
    return f"A journey needs more tools. Install them with `apt-get install -y {' '.join(packages)}`."


class Desk:
    """Use it as a context: leaving it ends all that it started, in the end a run that is still alive."""

    def __init__(self, home: Path, pictures: Path, *, display: int = 88) -> None:
        self.home = home
        self.pictures = pictures
        self.window: subprocess.Popen[bytes] | None = None
        self._display = f":{display}"
        self._running: list[subprocess.Popen[Any]] = []
        self._stations = 0
        self._environment: dict[str, str] = {}
        home.mkdir(parents=True, exist_ok=True)
        pictures.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> "Desk":
        os.environ["WORKBENCH_HOME"] = str(self.home)
        self._environment = {
            **{name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"},
            "DISPLAY": self._display,
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "LANG": "C.UTF-8",
        }
        self._begin("Xvfb", self._display, "-screen", "0", f"{SCREEN[0]}x{SCREEN[1]}x24", "-nolisten", "tcp")
        self.wait(lambda: self._do("xdotool", "getdisplaygeometry").returncode == 0, "a screen")
        bus = self._begin("dbus-daemon", "--session", "--nofork", "--print-address=1", stdout=subprocess.PIPE)
        assert bus.stdout is not None
        self._environment["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().decode().strip()
        # Asking wakes the accessibility bus, which a program looks for as it starts.
        self._do(SYSTEM_PYTHON, str(ROOT / "tests/journeys/accessible.py"), "0")
        self._begin("openbox")
        return self

    def __exit__(self, *_: object) -> None:
        if self.window is not None and self.window.poll() is None:
            self.window.kill()
            self.window.wait()
        for run in RunFolder.all():
            history = run.history()
            if run.state(history).is_alive and history.started:
                from workbench.core.job import launch

                launch.end_by_force(history.started.pid)
        for process in reversed(self._running):
            process.terminate()
            process.wait()

    def _begin(self, *command: str, stdout: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(command, env=self._environment, stdout=stdout, stderr=subprocess.DEVNULL)
        self._running.append(process)
        return process

    def _do(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, check=False, timeout=60)

    # -- the program --------------------------------------------------------------------------------------------------

    def open_window(self) -> None:
        log = (self.home / "window.log").open("ab")
        self.window = subprocess.Popen(
            [sys.executable, "-m", "workbench.cli", "window"],
            env=self._environment, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.wait(lambda: any(control.role == "frame" for control in self.controls()), "the window")
        self._do("xdotool", "search", "--sync", "--onlyvisible", "--pid", str(self.window.pid))
        self.rest()

    def wait_for_the_end_of_the_window(self) -> None:
        assert self.window is not None
        self.window.wait(timeout=PATIENCE_SECONDS)

    def said(self) -> str:
        """What the program printed: nothing, where all is well, but what Qt says of a reader that comes too late."""
        log = (self.home / "window.log").read_text("utf-8", errors="replace")
        return "".join(line for line in log.splitlines(keepends=True) if GONE not in line and line.strip())

    def runs(self) -> list[RunFolder]:
        return RunFolder.all()

    # -- eyes ---------------------------------------------------------------------------------------------------------

    def controls(self) -> list[Control]:
        """All that shows, in the order of the window."""
        assert self.window is not None
        told = self._do(SYSTEM_PYTHON, str(ROOT / "tests/journeys/accessible.py"), str(self.window.pid)).stdout
        rows = [json.loads(line) for line in told.splitlines() if line.startswith("{")]
        found = [
            Control(row["role"], row["name"], row["text"], frozenset(row["states"]), *row["place"])
            for row in rows
            if "showing" in row["states"]
        ]
        if any(FAULT in control.name for control in found):
            raise AssertionError(self.said())
        return found

    def find(self, name: str, *, role: str = "") -> Control | None:
        """The first control in sight whose name (or text) the pattern matches as a whole."""
        for control in self.controls():
            matches = re.fullmatch(name, control.name) or re.fullmatch(name, control.text)
            if matches and re.match(role, control.role) and control.width > 1:
                return control
        return None

    def see(self, name: str, *, role: str = "", seconds: float = PATIENCE_SECONDS) -> Control:
        """Waits for a control to be in sight."""
        found: list[Control] = []

        def is_there() -> bool:
            control = self.find(name, role=role)
            found.extend([control] if control else [])
            return bool(found)

        self.wait(is_there, f"{role} {name!r}".strip(), seconds)
        return found[-1]

    def focused(self) -> Control | None:
        found = [control for control in self.controls() if "focused" in control.states]
        # Qt says of the current item of any list or table that it has the focus, wherever that is.
        return next((control for control in found if control.role not in ITEMS), found[0] if found else None)

    def picture(self, station: str) -> None:
        """Keeps what the screen shows now."""
        self._stations += 1
        self._do("import", "-window", "root", str(self.pictures / f"{self._stations:02}-{station}.png"))
        print(f"{self._stations:2} {station}", flush=True)

    # -- hands --------------------------------------------------------------------------------------------------------

    def click(self, name: str, *, role: str = "") -> None:
        """Clicks the middle of a control that can be clicked."""
        control = self.see(name, role=role)
        assert "enabled" in control.states, f"{name} is disabled"
        x, y = control.middle
        assert x in range(SCREEN[0]), f"{name} lies outside the screen at {x}, {y}"
        assert y in range(SCREEN[1]), f"{name} lies outside the screen at {x}, {y}"
        self.click_at(x, y)

    def click_at(self, x: int, y: int) -> None:
        """Clicks a pixel of the screen."""
        self._do("xdotool", "mousemove", str(x), str(y))
        self.rest(0.1)
        self._do("xdotool", "click", "1")
        self.rest()

    def click_the_cross(self) -> None:
        """Clicks what the window manager draws at the right end of the title bar."""
        frame = next(control for control in self.controls() if control.role == "frame")
        x, y = frame.x + frame.width - CROSS_INSET_PIXELS, frame.y - TITLE_BAR_PIXELS // 2
        self._do("xdotool", "mousemove", str(x), str(max(0, y)))
        self.rest()
        self._do("xdotool", "click", "1")
        self.rest()

    def drop(self, *paths: Path) -> None:
        """Drags files from a corner of the screen into the middle of the window, as from a file manager."""
        source = self._begin(sys.executable, "-m", "tests.journeys.drag_source", *map(str, paths))
        self.wait(lambda: self._do("xdotool", "search", "--pid", str(source.pid)).stdout.strip() != "", "the files")
        self.rest(1.0)
        left, top, width, height = drag_source.PLACE
        self._do("xdotool", "mousemove", str(left + width // 2), str(top + height // 2))
        self._do("xdotool", "mousedown", "1")
        for share in range(1, 11):  # a drag begins, enters and moves on by what the mouse does
            x = left + width // 2 + (SCREEN[0] // 2 - left - width // 2) * share // 10
            y = top + height // 2 + (SCREEN[1] // 2 - top - height // 2) * share // 10
            self._do("xdotool", "mousemove", str(x), str(y))
            self.rest(0.1)
        self._do("xdotool", "mouseup", "1")
        self.wait(lambda: source.poll() is not None, "the drop to be taken")
        self.rest()

    def keys(self, *keys: str) -> None:
        """Presses keys, such as "ctrl+1", "Tab", "space", one after the other."""
        for key in keys:
            self._do("xdotool", "key", "--clearmodifiers", key)
            self.rest(0.08)

    def type(self, text: str) -> None:
        self._do("xdotool", "type", "--delay", "25", text)
        self.rest(0.1)

    def tab_to(self, name: str, *, role: str = "", most: int = 60) -> None:
        """Presses Tab until the control has the focus."""
        visited = []
        for _ in range(most):
            control = self.focused()
            if control and re.fullmatch(name, control.name) and re.match(role, control.role):
                return
            visited.append(f"{control.role} {control.name!r}" if control else "nothing")
            self.keys("Tab")
        raise AssertionError(f"Tab never comes to {role} {name!r}, but to {', '.join(visited)}")

    # -- patience -----------------------------------------------------------------------------------------------------

    def rest(self, seconds: float = 0.3) -> None:
        """What a hand takes between two movements."""
        time.sleep(seconds)

    def wait(self, is_reached: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not is_reached():
            if self.window is not None and self.window.poll() is not None:
                raise AssertionError(f"The window ended while waiting for {what}: {self.said()[-2000:]}")
            if time.monotonic() > deadline:
                self.picture("waited-in-vain")
                raise AssertionError(f"Waited in vain for {what}")
            time.sleep(0.2)


@contextmanager
def desk_of(parser: argparse.ArgumentParser) -> "Iterator[tuple[argparse.Namespace, Desk]]":
    """What the command line asks for, and a desk with a home of its own; exits with 2 where a tool is missing."""
    parser.add_argument("--models", type=Path, help="a folder that holds the starter model, which saves its download")
    parser.add_argument("--pictures", type=Path, help="where the screenshots go")
    given = parser.parse_args()
    lacking = missing()
    if lacking:
        parser.exit(2, lacking + "\n")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # whoever ends a journey early leaves no screen behind
    with tempfile.TemporaryDirectory(prefix="workbench-journey-") as folder:
        home = Path(folder) / "home"
        give_models(home, given.models)
        pictures = given.pictures or Path(tempfile.mkdtemp(prefix="workbench-journey-pictures-"))
        with Desk(home, pictures) as desk:
            yield given, desk
            print(f"Pictures are in {pictures}")


def give_models(home: Path, models: Path | None) -> None:
    """Puts the starter model into a home, where a folder of it is at hand."""
    if models is None:
        return
    target = home / "models" / places.STARTER
    source = models / places.STARTER if (models / places.STARTER).is_dir() else models
    shutil.copytree(source, target, dirs_exist_ok=True)
