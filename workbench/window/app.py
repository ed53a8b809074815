"""The window's process: application, objects and event loop, and the smoke test that opens it and measures."""

import gc
import json
import locale
import os
import signal
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from workbench.bridge.chat_control import ChatControl
from workbench.bridge.export_control import ExportControl
from workbench.bridge.fetch_queue import FetchQueue
from workbench.bridge.gpu_watch import GpuWatch
from workbench.bridge.job_control import JobControl
from workbench.bridge.queue_control import QueueControl
from workbench.bridge.recipe_store import RecipeStore
from workbench.bridge.run_list import RunList
from workbench.bridge.settings import Settings
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.hub import token as hub_token
from workbench.core.machine.process_age import seconds_since_start
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.panes.look.theme import Theme
from workbench.window.main_window import MainWindow
from workbench.window.pages import Shared

# After the last page is made, until what it asked for in the background has come.
IDLE_MILLISECONDS = 300
COLLECT_MILLISECONDS = 1000


def has_display() -> bool:
    """Whether there is a screen to open a window on."""
    if sys.platform != "linux":
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def application() -> QApplication:
    """The one QApplication, in Fusion, with numbers as C writes them. Raises UserError where there is no display."""
    if not has_display():
        raise UserError(
            "There is no display to open a window on.",
            remedy="Start it at a desktop, or use the verbs of the terminal: `workbench --help` lists them.",
        )
    # By setStyle, which returns it, PySide6 makes the 1000 names of QStyle: 5 ms of the first paint.
    made = QApplication.instance() or QApplication([*sys.argv[:1], "-style", "Fusion"])
    assert isinstance(made, QApplication)
    # Qt sets the locale of C code, and a decimal comma in it breaks tokenizers and protobuf.
    locale.setlocale(locale.LC_NUMERIC, "C")
    made.setApplicationName("QLoRA Workbench")
    made.setDesktopFileName("qlora-workbench")
    return made


def build(made: QApplication, *, settings: Settings | None = None, control: JobControl | None = None) -> MainWindow:
    """The window with all that it is given, not yet shown."""
    settings = settings or Settings()
    values, trouble = settings.load()
    theme = Theme(values.theme, projector=values.projector)
    theme.put_on_application()
    store = RecipeStore()
    trouble = trouble or store.restore()
    if store.recipe == Recipe() and not store.autosave_path().exists():
        store.open(store.presets()["starter"])
    job = control or JobControl()
    runs = RunList()
    queue = QueueControl(job, runs)
    shared = Shared(theme, store, job, GpuWatch(), runs, settings, FetchQueue(), ChatControl(), ExportControl(), queue)
    window = MainWindow(shared, values, trouble)
    theme.put_style_sheet()  # last: with one, every part that finds its place in a layout is looked through, 10 ms
    return window


def run(*, smoke: bool = False, starter: bool = False, path: Path | None = None) -> int:
    """Opens the window and returns its exit code; `smoke` prints what it measured and ends."""
    made = application()
    window = build(made)
    # In the event loop: a window closed before it begins would leave it without an end.
    signal.signal(signal.SIGINT, lambda *_: QTimer.singleShot(0, window, window.close))
    # Python sees a signal only between two of its own instructions.
    heartbeat = QTimer()
    heartbeat.start(250)
    heartbeat.timeout.connect(lambda: None)
    facts: dict[str, Any] = {}
    if smoke:
        window.first_painted.connect(lambda: facts.update(first_paint_seconds=round(seconds_since_start(), 3)))
        window.settled.connect(lambda: QTimer.singleShot(IDLE_MILLISECONDS, window, lambda: _measure(window, facts)))
    if starter:
        window.first_painted.connect(lambda: start_starter(window))
    if path is not None:
        window.first_painted.connect(lambda: window.open_path(path))
    collector = collect_here(window)
    window.show()
    code = made.exec()
    collector.stop()
    gc.enable()
    hub_token.stop_waiting()
    wait_for_tasks(5.0)
    if smoke:
        sys.stdout.write(json.dumps(facts, indent=2) + "\n")
    return code


def start_starter(window: MainWindow) -> None:
    """What the demo does: the starter's recipe, on the Train page, begun."""
    window.store.open(window.store.presets()["starter"])
    window.show_page("train")
    window.train_page.train()


def collect_here(window: MainWindow) -> QTimer:
    """Collects garbage in the window's thread alone: a cycle of Qt objects that a worker thread frees is a crash."""
    gc.disable()
    timer = QTimer(window)
    timer.setInterval(COLLECT_MILLISECONDS)
    timer.timeout.connect(_collect)
    timer.start()
    return timer


def _collect() -> None:
    """The generations that are due by Python's own thresholds."""
    for generation in (2, 1, 0):
        if gc.get_count()[generation] > gc.get_threshold()[generation]:
            gc.collect(generation)
            return


def _measure(window: MainWindow, facts: dict[str, Any]) -> None:
    import psutil

    facts["torch_imported"] = "torch" in sys.modules
    facts["resident_bytes"] = psutil.Process().memory_info().rss
    facts["pages"] = list(window.pages)
    window.close()
