"""The camera: saves what the window shows, in every look."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from workbench.window.main_window import MainWindow

TITLE_BAR_PIXELS = 30
PATIENCE_SECONDS = 20.0
# Longer than a forecast waits for the next change; longer than any bar takes to its place.
STATE_SECONDS, LOOK_SECONDS = 0.3, 0.14


class Look(NamedTuple):
    name: str
    theme: str
    width: int
    height: int
    projector: bool = False


LOOKS = (
    Look("light-1366x768", "light", 1366, 768),
    Look("light-1920x1080", "light", 1920, 1080),
    Look("dark-1920x1080", "dark", 1920, 1080),
    Look("dark-1366x768", "dark", 1366, 768),
    Look("projector-1366x768", "light", 1366, 768, projector=True),
    Look("projector-1920x1080", "light", 1920, 1080, projector=True),
)


class Camera:
    """The window, taken through its states."""

    def __init__(self, window: "MainWindow", target: Path, words: list[str], looks: list[str]) -> None:
        self.window = window
        self.made: list[Path] = []
        self._target = target
        self._words = words
        self._looks = [look for look in LOOKS if not looks or any(word in look.name for word in looks)]

    def take(self, page: str, state: str) -> None:
        """Saves the page as it is now in every look."""
        self.window.show_page(page)
        rest(STATE_SECONDS)
        for look in self._looks:
            self._put_on(look)
            self._keep(self.window, f"{page}-{state}-{look.name}")

    def take_aside(self, name: str, make: Callable[[], "QWidget"]) -> None:
        """Saves a dialog or a menu, made anew for every look, and closes it again."""
        for look in self._looks:
            self._put_on(look)
            aside = make()
            aside.show()
            rest(LOOK_SECONDS)
            self._keep(aside, f"{name}-{look.name}")
            aside.close()

    def _put_on(self, look: Look) -> None:
        theme = self.window.theme
        if theme.projector != look.projector:
            theme.set_projector(look.projector)
        if theme.choice != look.theme:
            theme.choose("dark" if look.theme == "dark" else "light")
        self.window.resize(look.width, look.height - TITLE_BAR_PIXELS)
        rest(LOOK_SECONDS)

    def _keep(self, widget: "QWidget", name: str) -> None:
        file = self._target / f"{name}.png"
        if not widget.grab().save(str(file)):
            sys.exit(f"{file} cannot be written.")
        self.made.append(file)
        print(file, flush=True)

    def is_wanted(self, page: str, state: str) -> bool:
        return not self._words or any(word in f"{page}-{state}" for word in self._words)


def rest(seconds: float) -> None:
    """Lets timers, short tasks and bars come to their end."""
    from workbench.bridge.tasks import wait_for_tasks

    for part in (seconds, 0.04):
        deadline = time.monotonic() + part
        spin_until(lambda deadline=deadline: time.monotonic() > deadline)  # type: ignore[misc]
        wait_for_tasks(PATIENCE_SECONDS)


def spin_until(is_reached: Callable[[], bool]) -> None:
    from PySide6.QtCore import QCoreApplication, QEventLoop

    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_reached():
        if time.monotonic() > deadline:
            sys.exit("The window did not come to rest.")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        time.sleep(0.002)
