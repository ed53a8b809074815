"""The main window as a person has it: pages, keys, runs found again, things dropped, and one question at the end."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAccessible, QFontInfo
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from tests.fakes import tiny_recipe
from tests.qt_waits import wait_until
from tests.window.states import every_state, settle
from workbench.bridge.job_control import JobState
from workbench.core.job import launch
from workbench.core.job.events import Ended, Started, Step
from workbench.core.job.journal import JournalWriter
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.recipe import text as recipe_text
from workbench.panes.parts.cards import Bar
from workbench.panes.parts.controls import ElidedLabel
from workbench.window.closing import ClosingQuestion
from workbench.window.crash_dialog import CrashDialog
from workbench.window.main_window import MainWindow
from workbench.window.pages import PAGES

Open = Callable[[], MainWindow]
HEAVY = ("torch", "transformers", "trl", "peft", "bitsandbytes", "accelerate", "datasets")


def a_run(recipe_path: Path | None = None, *, steps: int = 3, ended: bool = True) -> RunFolder:
    """A run folder with a short journal, as an engine leaves it."""
    from workbench.core.job.events import Memory
    from workbench.core.recipe.recipe import Recipe

    run = RunFolder.create(recipe_text.read(recipe_path) if recipe_path else Recipe())
    writer = JournalWriter(run.journal)
    writer.write(Started(attempt=1, pid=os.getpid(), versions={}))
    for step in range(1, steps + 1):
        writer.write(
            Step(
                step=step,
                steps=steps,
                epoch=0.1,
                loss=2.0 / step,
                learning_rate=1e-4,
                grad_norm=1.0,
                tokens_per_second=100.0,
                seconds=0.5,
                memory=Memory(resident_bytes=10**9, resident_peak_bytes=10**9),
            )
        )
    if ended:
        writer.write(Ended(state="finished", step=steps))
    writer.close()
    return run


def the_question() -> ClosingQuestion:
    shown = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, ClosingQuestion)]
    return next(widget for widget in shown if widget.isVisible())


def test_that_every_page_has_its_place_and_its_key(open_window: Open) -> None:
    window = open_window()
    assert set(window.pages) == set(PAGES)
    for number, name in enumerate(PAGES, 1):
        QTest.keyClick(window, getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
        assert window.stack.currentWidget() is window.pages[name]
        assert window.rail.buttons[name].isChecked()


def test_that_nothing_heavy_is_imported_by_the_window_and_no_plot_before_its_first_paint(home: Path) -> None:
    script = (
        "import sys, json\n"
        "from workbench.window import app\n"
        "made = app.application(); window = app.build(made)\n"
        "seen = {}\n"
        "window.first_painted.connect(lambda: seen.update(plots='pyqtgraph' in sys.modules))\n"
        "def end():\n"
        f"    seen['heavy'] = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "    window.close()\n"
        "window.settled.connect(end)\n"
        "window.show(); made.exec()\n"
        "print(json.dumps(seen))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {"plots": False, "heavy": []}


def test_that_the_smoke_test_prints_one_document(home: Path) -> None:
    command = [sys.executable, "-m", "workbench.cli", "window", "--smoke", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    # What Qt's offscreen plugin says of itself is no fault of ours.
    assert [line for line in done.stderr.splitlines() if "propagateSizeHints" not in line] == []
    facts = json.loads(done.stdout)
    assert set(facts) == {"first_paint_seconds", "torch_imported", "resident_bytes", "pages"}
    assert facts["torch_imported"] is False
    assert set(facts["pages"]) == set(PAGES)
    assert 0 < facts["first_paint_seconds"] < 30


def test_that_without_a_display_the_window_is_refused_in_a_sentence(home: Path) -> None:
    bare = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "QT_QPA_PLATFORM")}
    bare.pop("WAYLAND_DISPLAY", None)
    done = subprocess.run(
        [sys.executable, "-m", "workbench.cli", "window"], capture_output=True, text=True, timeout=60, env=bare
    )
    assert done.returncode == 2
    assert "no display" in done.stderr
    assert "Traceback" not in done.stderr


def test_that_the_decimal_point_stays_a_point(open_window: Open) -> None:
    import locale

    open_window()
    assert locale.setlocale(locale.LC_NUMERIC) == "C"


def test_that_every_control_tells_a_screen_reader_its_name_and_takes_the_focus(open_window: Open) -> None:
    window = open_window()
    nameless = []
    for name, page in window.pages.items():
        window.show_page(name)
        QApplication.processEvents()
        for control in page.findChildren(QWidget):
            if not isinstance(control, QAbstractButton | QLineEdit | QComboBox) or not control.isVisible():
                continue
            if control.parent() is not None and isinstance(control.parent(), QComboBox):
                continue
            interface = QAccessible.queryAccessibleInterface(control)
            words = interface.text(QAccessible.Text.Name) if interface else ""
            is_inner = isinstance(control, QLineEdit) and control.objectName() == "qt_spinbox_lineedit"
            reachable = control.focusPolicy() != Qt.FocusPolicy.NoFocus or not control.isEnabled()
            if not is_inner and (not words or not reachable):
                nameless.append(f"{name}: {type(control).__name__} {control.objectName()} {words!r} {reachable}")
    for made in window.rail.findChildren(QAbstractButton):
        assert QAccessible.queryAccessibleInterface(made).text(QAccessible.Text.Name)
    assert nameless == []


def test_that_a_finished_run_is_found_again_with_its_whole_history(open_window: Open) -> None:
    first = open_window()
    run = a_run(steps=25)
    first.open_path(run.path)
    wait_until(lambda: first.control.state == JobState.ENDED)
    first.close()
    again = open_window()
    wait_until(lambda: again.control.state == JobState.ENDED)
    assert again.control.run is not None
    assert again.control.run.name == run.name
    assert len(again.control.history.steps) == 25


def test_that_a_run_started_elsewhere_shows_up(
    open_window: Open, tiny_model: Callable[[str], Path], rows: Path
) -> None:
    window = open_window()
    run = RunFolder.create(tiny_recipe(tiny_model("llama"), rows))
    process = launch.start(run)
    try:
        wait_until(lambda: window.control.run is not None and window.control.run.name == run.name)
        assert any(row.name == run.name for row in window.run_list.rows)
    finally:
        run.give(Order(order="cancel"))
        assert process.wait(60) is not None
    wait_until(lambda: window.control.state == JobState.ENDED)


@pytest.mark.parametrize(
    ("answer", "order"), [("Keep it running", ""), ("Stop and save", "stop"), ("Cancel the run", "cancel")]
)
def test_that_closing_during_a_run_asks_once(open_window: Open, answer: str, order: str) -> None:
    window = open_window()
    run = a_run(ended=False)
    with run.hold():
        window.open_path(run.path)
        wait_until(lambda: window.control.state == JobState.RUNNING)
        asked: list[QWidget] = []

        def reply() -> None:
            question = the_question()
            asked.append(question)
            button = next(made for made in question.findChildren(QAbstractButton) if made.text() == answer)
            button.click()

        QTimer.singleShot(100, reply)
        window.close()
        assert len(asked) == 1
        assert not window.isVisible()
        orders, _ = run.read_orders()
        assert [given.order for given in orders] == ([order] if order else [])


def test_that_escape_at_the_question_keeps_the_window(open_window: Open) -> None:
    window = open_window()
    run = a_run(ended=False)
    with run.hold():
        window.open_path(run.path)
        wait_until(lambda: window.control.state == JobState.RUNNING)
        QTimer.singleShot(100, lambda: QTest.keyClick(the_question(), Qt.Key.Key_Escape))
        window.close()
        assert window.isVisible()
    wait_until(lambda: window.control.state == JobState.ENDED)


def test_that_two_windows_follow_one_run(open_window: Open) -> None:
    first, second = open_window(), open_window()
    run = a_run(steps=7)
    for window in (first, second):
        window.open_path(run.path)
    wait_until(lambda: all(window.control.state == JobState.ENDED for window in (first, second)))
    assert len(first.control.history.steps) == len(second.control.history.steps) == 7


def test_that_a_recipe_dropped_on_the_window_is_opened(open_window: Open, tmp_path: Path) -> None:
    window = open_window()
    recipe = tmp_path / "mine.toml"
    recipe.write_text("[lora]\nrank = 7\n", encoding="utf-8")
    window.open_path(recipe)
    assert window.store.recipe.lora.rank == 7
    assert window.stack.currentWidget() is window.pages["train"]


def test_that_what_cannot_be_opened_is_told_in_a_sentence(open_window: Open, tmp_path: Path) -> None:
    window = open_window()
    odd = tmp_path / "song.mp3"
    odd.write_bytes(b"")
    window.open_path(odd)
    boxes = [box for box in window.findChildren(QDialog) if box.isVisible()]
    assert len(boxes) == 1
    boxes[0].close()


def test_that_a_run_folder_deleted_under_the_window_is_a_sentence(open_window: Open) -> None:
    window = open_window()
    run = a_run(ended=False)
    with run.hold():
        window.open_path(run.path)
        wait_until(lambda: window.control.state == JobState.RUNNING)
    shutil.rmtree(run.path)
    wait_until(lambda: window.control.state == JobState.ENDED, 60)
    assert window.control.outcome is not None
    assert window.control.outcome.what


def test_that_settings_that_do_not_parse_are_set_aside_and_told(open_window: Open, home: Path) -> None:
    home.mkdir()
    (home / "settings.json").write_text("{not json", encoding="utf-8")
    window = open_window()
    assert window.values.page == "model"
    assert any(box.isVisible() for box in window.findChildren(QDialog))
    for box in window.findChildren(QDialog):
        box.close()


def test_that_a_fault_of_the_window_is_one_dialog_with_a_report(
    open_window: Open, capfd: pytest.CaptureFixture[str]
) -> None:
    window = open_window()
    for _ in range(3):
        QTimer.singleShot(0, lambda: 1 / 0)
    wait_until(lambda: window.faults.dialog is not None)
    assert window.faults.dialog is not None
    from PySide6.QtWidgets import QPlainTextEdit

    report = window.faults.dialog.findChild(QPlainTextEdit).toPlainText()
    assert "ZeroDivisionError" in report
    assert "PySide6" in report
    assert len([box for box in window.findChildren(QDialog) if box.isVisible()]) == 1
    window.faults.dialog.accept()
    capfd.readouterr()


def test_that_theme_and_projector_switch_live_and_are_kept(open_window: Open) -> None:
    window = open_window()
    ground = window.theme.color("surface.page")
    window.rail.theme_switch.click()
    assert window.theme.color("surface.page") != ground
    window.rail.projector.click()
    assert window.theme.projector
    window.close()
    again = open_window()
    assert again.theme.projector
    assert again.values.theme == window.values.theme


def test_that_a_name_from_right_to_left_leaves_the_words_of_the_status_bar_where_they_are(open_window: Open) -> None:
    window = open_window()
    run = a_run()
    named = run.path.with_name("\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd")
    run.path.rename(named)
    window.control.follow(RunFolder.open(named))
    wait_until(lambda: window.control.state is JobState.ENDED)
    told = next(label for label in window.status.findChildren(QLabel) if "at step" in label.text())
    assert told.text().startswith(f"\u2068{named.name}\u2069 ")


def test_that_the_name_of_a_run_stands_at_its_bar(open_window: Open) -> None:
    window = open_window()
    run = a_run(ended=False)
    named = run.path.with_name("a run with a name that is much longer than its room in the status bar")
    run.path.rename(named)
    run = RunFolder.open(named)
    with run.hold():
        window.control.follow(run)
        wait_until(lambda: window.control.is_busy)
        settle(window)
        name = next(each for each in window.status.findChildren(ElidedLabel) if each.whole == named.name)
        bar = window.status.findChild(Bar)
        for is_projector in (False, True):
            window.theme.set_projector(is_projector)
            settle(window)
            drawn = name.fontMetrics().horizontalAdvance(name.text())
            assert name.width() - drawn <= name.fontMetrics().horizontalAdvance("mm")
            assert name.alignment() & Qt.AlignmentFlag.AlignRight
            assert bar.x() - name.geometry().right() <= 13
        window.theme.set_projector(False)
    wait_until(lambda: window.control.state is JobState.ENDED)


def test_that_the_report_of_a_fault_is_in_letters_of_one_width(open_window: Open) -> None:
    dialog = CrashDialog("Traceback\n  ...\nValueError: no", open_window())
    dialog.show()
    report = dialog.findChild(QPlainTextEdit)
    metrics = report.fontMetrics()
    assert metrics.horizontalAdvance("iiii") == metrics.horizontalAdvance("MMMM")
    assert QFontInfo(report.font()).pixelSize() == QFontInfo(dialog.font()).pixelSize()
    dialog.reject()


# Qt is asked in its own thread whether the window is there; the signal comes from another, as it does from a terminal.
INTERRUPTED = """
import os, signal, threading
from PySide6.QtCore import QTimer
from workbench.window import app

made = app.application()
timer = QTimer()

def interrupt():
    if any(widget.isVisible() for widget in made.topLevelWidgets()):
        timer.stop()
        threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT)).start()

timer.timeout.connect(interrupt)
timer.start(50)
raise SystemExit(app.run())
"""


def test_that_a_window_told_to_end_by_the_terminal_ends(home: Path) -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert (home / "settings.json").exists()


class _TopLevels(QObject):
    """Notes what comes up as a window of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(f"{type(watched).__name__} {watched.accessibleName()}")
        return False


def test_that_no_part_of_a_page_comes_up_as_a_window(open_window: Open, qapp: QApplication) -> None:
    window = open_window()
    window.resize(1366, 738)
    watch = _TopLevels()
    qapp.installEventFilter(watch)
    try:
        for state in every_state(window):
            assert watch.shown == (["RowsDialog "] if state == "bits, rows dialog" else []), state
            watch.shown.clear()
        for width in (1920, 1000):
            window.resize(width, 900)
            settle(window)
            window.rail.projector.click()
            settle(window)
    finally:
        qapp.removeEventFilter(watch)
    assert watch.shown == []
