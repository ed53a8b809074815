"""What a person or a crash can leave behind, shown in a real window: a sentence or a shortened line, never a fault."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt, QTimer
from PySide6.QtWidgets import QAbstractItemView, QLabel, QWidget

from tests.fakes import write_rows
from tests.large_files import JOURNAL_BYTES, huge_journal
from tests.qt_waits import wait_until
from tests.window.clipping import clipped
from tests.window.states import ODD, kept_run, settle, show_run
from workbench.bridge.job_control import JobState
from workbench.core.job.events import Unrecognized
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.recipe.recipe import settings
from workbench.window.main_window import MainWindow

Open = Callable[[], MainWindow]
_TAG = re.compile(r"<[a-z!/]", re.IGNORECASE)
LONG = "a-very-long-name-" * 12
NAMES = {
    "long": LONG[:200],
    "long, in words": ("a very long name " * 12)[:200].strip(),
    "right to left": ("שלום עולם مرحبا بالعالم " * 10)[:200].strip(),
    "direction override": "\u202egnp.exe\u202c invoice",
    "HTML": '<img src="file:///etc/passwd"><b>bold</b> & <script>alert(1)</script>',
    "control characters": "one\ttwo\nthree\x1b[31m four",
}


def rich(window: QWidget) -> list[str]:
    """Texts in it that are read as HTML."""
    found = [
        f"label {widget.text()[:80]!r}"
        for widget in window.findChildren(QLabel)
        if widget.textFormat() != Qt.TextFormat.PlainText and _TAG.search(widget.text())
    ]
    tips = [(type(widget).__name__, widget.toolTip()) for widget in window.findChildren(QWidget)]
    for view in window.findChildren(QAbstractItemView):
        model = view.model()
        if model is not None:
            tips += [
                (type(view).__name__, str(model.index(row, column).data(Qt.ItemDataRole.ToolTipRole) or ""))
                for row in range(min(50, model.rowCount()))
                for column in range(1 if isinstance(model, QAbstractListModel) else model.columnCount(QModelIndex()))
            ]
    return found + [f"tip of {kind} {tip[:80]!r}" for kind, tip in tips if "<img" in tip or "<script" in tip]


@pytest.mark.parametrize("name", ODD)
def test_that_an_odd_journal_is_shown_whole_and_harmless(open_window: Open, name: str) -> None:
    window = open_window()
    window.resize(1366, 738)
    show_run(window, kept_run(name))
    assert window.control.outcome is not None
    assert window.control.outcome.what
    assert clipped(window) == []
    assert rich(window) == []
    for page in ("runs", "model", "data"):
        window.show_page(page)
        settle(window)
        assert clipped(window) == []
        assert rich(window) == []
    row = next(row for row in window.run_list.rows if row.name.endswith(name))
    assert row.state in (RunState.FINISHED, RunState.CRASHED)


def test_that_what_a_newer_version_wrote_is_passed_over_and_said(open_window: Open) -> None:
    window = open_window()
    show_run(window, kept_run("newer"))
    unknown = [event for event in window.control.history.others if isinstance(event, Unrecognized)]
    assert unknown
    assert window.control.outcome is not None
    assert window.control.outcome.state is RunState.FINISHED
    assert len(window.control.history.steps) > 10


def test_that_a_huge_journal_is_read_in_the_background_in_bounded_memory(open_window: Open) -> None:
    run = kept_run("crashed")
    last = huge_journal(run)
    window = open_window()
    window.resize(1366, 738)
    show_run(window, kept_run("finished"))  # the plots are there, with what they import
    before_bytes = psutil.Process().memory_info().rss
    ticks: list[None] = []
    timer = QTimer()
    timer.timeout.connect(lambda: ticks.append(None))
    timer.start(10)
    window.open_path(run.path)
    wait_until(lambda: window.control.state is JobState.ENDED, 60)
    settle(window)
    timer.stop()
    assert window.control.history.step == last
    assert len(ticks) > 20
    # 30 MB of steps as columns and 20 MB of lines of the log; the rest is what Python and numpy keep of their work.
    assert psutil.Process().memory_info().rss - before_bytes < 2 * JOURNAL_BYTES
    window.show_page("runs")
    settle(window)
    assert next(row for row in window.run_list.rows if row.path == run.path).step == last


def test_that_a_run_folder_deleted_while_it_is_shown_is_said_on_train_and_gone_from_runs(open_window: Open) -> None:
    window = open_window()
    run = kept_run("finished")
    show_run(window, run)
    window.run_list.refresh()
    wait_until(lambda: [row.name for row in window.run_list.rows] == [run.name])
    shutil.rmtree(run.path)
    for page in ("runs", "train", "runs"):
        window.show_page(page)
        settle(window)
    wait_until(lambda: not window.run_list.rows)
    window.show_page("train")
    settle(window)
    words = " ".join(label.text() for label in window.train_page.findChildren(QLabel) if label.isVisible())
    assert "folder is gone" in words


@pytest.mark.parametrize("name", NAMES)
def test_that_any_name_of_a_model_a_file_and_a_run_is_shown_in_one_piece(
    open_window: Open, tmp_path: Path, name: str
) -> None:
    text = NAMES[name]
    window = open_window()
    window.resize(1366, 738)
    folder = tmp_path / "there"
    folder.mkdir()
    rows = write_rows(folder / f"{text.replace('/', '_').encode()[:200].decode(errors='ignore')}.jsonl", 5)
    for entry in settings().values():
        if entry.kind == "text" and entry.path not in ("data.path", "model.source"):
            window.store.set(entry.path, text)
    window.store.set("samples.prompts", [text])
    window.store.set("lora.targets", [text])
    for source in (text, f"org/{text}", str(folder / text)):
        window.store.set("model.source", source)
        window.store.set("data.path", str(rows))
        for page in ("model", "data", "train"):
            window.show_page(page)
            settle(window)
            assert clipped(window) == [], (page, source)
            assert rich(window) == [], (page, source)
        window.train_page.train()
        settle(window)
        assert window.control.run is None
        assert clipped(window) == []
        assert rich(window) == []
    run = RunFolder.create(window.store.recipe)
    named = run.path.with_name(text.replace("/", "_").encode()[:200].decode(errors="ignore"))
    run.path.rename(named)
    shutil.copy(kept_run("finished").journal, named / "journal.jsonl")
    show_run(window, RunFolder.open(named))
    for page in ("train", "runs"):
        window.show_page(page)
        settle(window)
        assert clipped(window) == []
        assert rich(window) == []
