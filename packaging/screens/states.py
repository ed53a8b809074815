"""The window taken through every page and state, each kept by the camera."""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bits_page import take_bits
from camera import STATE_SECONDS, Camera, rest, spin_until
from data_page import take_data
from export_view import take_export
from hub_page import take_hub
from memory_page import take_memory
from quantize_page import take_quantize
from runs_page import take_runs
from table_view import take_table
from train_page import take_train
from try_examined import take_examined
from try_page import take_nothing_to_try, take_try

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

FONT_PIXELS = 13
TOTAL_BYTES, FREE_BYTES = 25_000_000_000, 20_000_000_000
# The offscreen platform alone says so, of a window's least size, of menus and of dialogs.
HARMLESS = "This plugin does not support"


def take_all(target: Path, words: list[str], looks: list[str]) -> int:
    """Returns 1 where the window met a fault or Qt had something to say."""
    from PySide6.QtCore import qInstallMessageHandler
    from PySide6.QtWidgets import QApplication

    keep_memory_still()
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
    camera = Camera(window, target, words, looks)
    rest(STATE_SECONDS)
    began = time.monotonic()

    for page, state in (("model", "starter"), ("data", "shopping"), ("train", "forecast"), ("runs", "empty")):
        if camera.is_wanted(page, state):
            camera.take(page, state)
    take_nothing_to_try(camera)
    take_runs(camera)
    take_data(camera)
    take_hub(camera)
    take_asides(camera)
    take_bits(camera)
    take_quantize(camera)
    take_memory(camera)
    take_train(camera)
    take_try(camera)
    take_examined(camera)
    if camera.is_wanted("runs", "all"):
        window.run_list.refresh()
        spin_until(lambda: len(window.run_list.rows) > 1)
        camera.take("runs", "all")
    take_export(camera)
    take_table(camera)
    window.control.close()
    window.exports.close()
    print(f"{len(camera.made)} pictures in {time.monotonic() - began:.0f} s", flush=True)
    for message in dict.fromkeys(said):
        print(f"Qt said {said.count(message)} times: {message}", file=sys.stderr)
    return 1 if said or window.faults.dialog is not None else 0


def keep_memory_still() -> None:
    """Gives the machine's memory as one figure: what is free is another in each picture otherwise.

    Before anything else is imported, which takes the function by its name.
    """
    from workbench.core.machine import memory

    memory.machine_memory = lambda: memory.MachineMemory(TOTAL_BYTES, FREE_BYTES)


def take_asides(camera: Camera) -> None:
    """The dialogs, and the menu of the recipes."""
    from workbench.window.closing import ClosingQuestion
    from workbench.window.crash_dialog import CrashDialog
    from workbench.window.help_dialog import HelpDialog

    window = camera.window
    makes: dict[str, Callable[[], QWidget]] = {
        "dialog-closing": lambda: ClosingQuestion(window.theme, "starter-shopping", 34, 60, window),
        "dialog-fault": lambda: CrashDialog("Traceback (most recent call last):\n  ...\nValueError: no", window),
        "dialog-help": lambda: HelpDialog(window.theme, window),
        "menu-recipes": lambda: window.train_page.menu,
    }
    for name, make in makes.items():
        if camera.is_wanted(*name.split("-")):
            camera.take_aside(name, make)
