"""Makes a picture of every page and state of the window: `.venv/bin/python packaging/screens.py DIR [WORD ...]`.

Offscreen and in a home of its own, with the runs kept in tests/data/journals, light and dark, on screens of 1366x768
and 1920x1080 less a title bar, and for a projector on both. With words, only states whose name holds one of them;
`--look WORD`, as often as wanted, takes only looks whose name holds one of these.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from workbench.core.job.run_folder import RunFolder
    from workbench.window.main_window import MainWindow

ROOT = Path(__file__).resolve().parent.parent
JOURNALS = ROOT / "tests" / "data" / "journals"
TITLE_BAR_PIXELS = 30
FONT_PIXELS = 13
PATIENCE_SECONDS = 20.0
# Longer than a forecast waits for the next change; longer than any bar takes to its place.
STATE_SECONDS, LOOK_SECONDS = 0.3, 0.14
# The offscreen platform alone says so, of a window's least size, of menus and of dialogs.
HARMLESS = "This plugin does not support"
RIGHT_TO_LEFT = "שלום-עולם-" * 10


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


class Screens:
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

    def follow(self, run: "RunFolder") -> None:
        """Shows a run, and returns once all of it is there."""
        wanted = len(run.history().steps)
        control = self.window.control
        control.follow(run)
        self.window.show_page("train")
        spin_until(lambda: len(control.history.steps) >= wanted and (run.is_held() or control.state == "ended"))


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


def kept_run(journal: str, name: str) -> "RunFolder":
    """A run of the home with what a kept one says."""
    from workbench.core import places
    from workbench.core.job import checkpoints
    from workbench.core.job.events import CheckpointSaved, Ended
    from workbench.core.job.journal import JournalReader
    from workbench.core.job.run_folder import RunFolder

    folder = places.runs() / name
    shutil.copytree(JOURNALS / journal, folder)
    for event in JournalReader(folder / "journal.jsonl").read():  # what is kept of a run is its words alone
        if isinstance(event, CheckpointSaved):
            (folder / "checkpoints" / checkpoints.folder_name(event.step)).mkdir(parents=True, exist_ok=True)
        elif isinstance(event, Ended) and event.adapter:
            (folder / "adapter").mkdir(exist_ok=True)
    old = time.time() - 86400  # a folder made just now counts as a run that is starting
    for path in folder.iterdir():
        os.utime(path, (old, old))
    return RunFolder(folder)


@contextmanager
def alive(name: str, steps: int, *, is_paused: bool = False) -> Iterator["RunFolder"]:
    """The finished run as it was after so many steps, held as its engine held it."""
    from workbench.core.job.events import Paused, Step
    from workbench.core.job.journal import JournalReader, JournalWriter

    run = kept_run("finished", name)
    events = JournalReader(run.journal).read()
    reached = next(number for number, event in enumerate(events) if isinstance(event, Step) and event.step == steps)
    later = time.time() - events[reached].at  # its clock goes on from the last event
    moved = [event.model_copy(update={"at": event.at + later}) for event in events[: reached + 1]]
    run.journal.write_text("".join(event.model_dump_json() + "\n" for event in moved), "utf-8")
    if is_paused:
        writer = JournalWriter(run.journal)
        writer.write(Paused(step=steps))
        writer.close()
    with run.hold():
        yield run


def main(target: Path, words: list[str], looks: list[str]) -> int:
    """Returns 1 where the window met a fault or Qt had something to say."""
    import bits_screens
    import memory_screens
    import quantize_screens
    from PySide6.QtCore import qInstallMessageHandler
    from PySide6.QtWidgets import QApplication

    from workbench.core import places
    from workbench.window.app import build

    said: list[str] = []
    qInstallMessageHandler(lambda _kind, _where, message: said.append(message) if HARMLESS not in message else None)
    application = QApplication([])
    font = application.font()
    font.setPixelSize(FONT_PIXELS)
    application.setFont(font)
    application.setStyle("Fusion")
    window = build(application)
    window.show()
    screens = Screens(window, target, words, looks)
    rest(STATE_SECONDS)
    began = time.monotonic()

    for page, state in (("model", "starter"), ("data", "shopping"), ("train", "forecast"), ("runs", "empty")):
        if screens.is_wanted(page, state):
            screens.take(page, state)
    if screens.is_wanted("try", "later"):
        screens.take("try", "later")
    if screens.is_wanted("data", "problems"):
        rows = places.home() / "questions.csv"
        rows.write_text("question,answer\n" + "".join(f"What is {n} and {n}?,{2 * n}\n" for n in range(40)), "utf-8")
        before = window.store.recipe
        window.store.set("data.path", str(rows))
        screens.take("data", "problems")
        window.store.replace(before)
    take_asides(screens)
    bits_screens.take_bits(screens)
    quantize_screens.take_quantize(screens)
    memory_screens.take_memory(screens)
    follow_all(screens)
    if screens.is_wanted("runs", "all"):
        window.run_list.refresh()
        spin_until(lambda: len(window.run_list.rows) > 1)
        screens.take("runs", "all")
    window.control.close()
    print(f"{len(screens.made)} pictures in {time.monotonic() - began:.0f} s", flush=True)
    for message in dict.fromkeys(said):
        print(f"Qt said {said.count(message)} times: {message}", file=sys.stderr)
    return 1 if said or window.faults.dialog is not None else 0


def take_asides(screens: Screens) -> None:
    """The dialogs, and the menu of the recipes."""
    from workbench.window.closing import ClosingQuestion
    from workbench.window.crash_dialog import CrashDialog
    from workbench.window.help_dialog import HelpDialog

    window = screens.window
    makes: dict[str, Callable[[], QWidget]] = {
        "dialog-closing": lambda: ClosingQuestion(window.theme, "starter-shopping", 34, 60, window),
        "dialog-fault": lambda: CrashDialog("Traceback (most recent call last):\n  ...\nValueError: no", window),
        "dialog-help": lambda: HelpDialog(window.theme, window),
        "menu-recipes": lambda: window.train_page.menu,
    }
    for name, make in makes.items():
        if screens.is_wanted(*name.split("-")):
            screens.take_aside(name, make)


def follow_all(screens: Screens) -> None:
    """The Train page with every run there is, and with one that is alive."""
    from workbench.core.memory import corrections

    window = screens.window
    names = {"right-to-left": RIGHT_TO_LEFT, "long-names": "a-very-long-name-without-any-end-" * 6}
    for number, folder in enumerate(sorted(path for path in JOURNALS.iterdir() if path.is_dir())):
        run = kept_run(folder.name, f"2026-11-{number + 1:02}-1412-{names.get(folder.name, 'starter-shopping')}")
        corrections.add(run.name, run.history())  # as the engine does at a run's end
        if screens.is_wanted("train", folder.name):
            screens.follow(run)
            screens.take("train", folder.name)
    for state, steps in (("running", 34), ("on-hold", 34), ("first-steps", 2)):
        if screens.is_wanted("train", state):
            with alive(f"2026-11-23-1412-starter-shopping-{state}", steps, is_paused=state == "on-hold") as run:
                screens.follow(run)
                screens.take("train", state)
                window.control.detach()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--look", action="append", default=[])
    given = parser.parse_args()
    directory = given.directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory(prefix="workbench-screens-") as home:
        os.environ["WORKBENCH_HOME"] = home
        code = main(directory, given.words, given.look)
    sys.exit(code)
