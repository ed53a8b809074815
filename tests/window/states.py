"""Every state a page can be in, shown in a real window from journals of real runs."""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import keyring
import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QButtonGroup, QPlainTextEdit, QPushButton, QWidget

from tests.exports import exportable_run, held_export
from tests.fetches import held_fetch, keep_model
from tests.hub_shelf import small_model
from tests.keyrings import MemoryKeyring
from tests.panes.data.mapping.books import questions, workbook
from tests.panes.try_.findings import measured, scored, token
from tests.qt_waits import wait_until
from tests.studies import kept_study, tiny_studied_model
from tests.tensors import bf16, write_model
from workbench.bridge.job_control import JobState
from workbench.bridge.tasks import wait_for_tasks
from workbench.core import places
from workbench.core.job.chat_kinds import SideFacts
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study_kinds import StudyKind
from workbench.panes.bits.page import BitsPage
from workbench.panes.bits.rows.formats import RowsDialog
from workbench.panes.data.page import DataPage
from workbench.panes.memory.page import MemoryPage
from workbench.panes.memory.source import OTHER, SIZES
from workbench.panes.model.page import ModelPage
from workbench.panes.parts.page import Page
from workbench.panes.quantize.page import VIEWS, QuantizePage
from workbench.panes.runs.page import ALL, EXPORT, RunsPage
from workbench.panes.try_.page import VIEWS as TRY_VIEWS
from workbench.panes.try_.page import TryPage
from workbench.panes.try_.strength.view import StrengthView
from workbench.panes.try_.strength.words import AtStrength
from workbench.panes.try_.tokens.view import TokensView
from workbench.window.main_window import MainWindow

JOURNALS = Path(__file__).parents[1] / "data" / "journals"
STUDY_OF_VIEW: dict[str, StudyKind] = {"whole": "layers", "outliers": "outliers", "race": "measure"}
ENDED = ("finished", "stopped", "cancelled", "crashed", "out-of-memory", "refused")
ODD = ("torn", "newer", "html", "long-names", "right-to-left")


def kept_run(name: str) -> RunFolder:
    """A run at home with the journal of that name."""
    target = places.runs() / f"2026-11-24-2141-{name}"
    shutil.copytree(JOURNALS / name, target)
    return RunFolder.open(target)


def settle(window: MainWindow) -> None:
    """Waits until all that was asked in the background is shown."""
    assert wait_for_tasks(60)
    page = window.stack.currentWidget()
    assert isinstance(page, Page)
    for _ in range(3):
        QApplication.processEvents()
    wait_until(lambda: page.is_in_order and not page.is_pending, 60)
    assert window.faults.dialog is None, window.faults.dialog.findChild(QPlainTextEdit).toPlainText()


def show_run(window: MainWindow, run: RunFolder) -> None:
    """Follows a run until all of it is shown on Train."""
    window.open_path(run.path)
    wait_until(lambda: window.control.run is not None and window.control.run.path == run.path)
    if run.is_held():
        wait_until(lambda: window.control.state in (JobState.RUNNING, JobState.PAUSED))
    else:
        wait_until(lambda: window.control.state is JobState.ENDED)
    settle(window)


def open_more(page: QWidget) -> None:
    """Opens whatever can be opened on a page."""
    for made in page.findChildren(QPushButton):
        if made.property("kind") == "disclosure" and made.isVisible():
            made.setChecked(True)
    QApplication.processEvents()


def every_state(window: MainWindow) -> Iterator[str]:
    """Shows every page, then Train in every state of a run; gives the name of what is shown."""
    for name in window.pages:
        window.show_page(name)
        settle(window)
        yield name
        open_more(window.pages[name])
        settle(window)
        yield f"{name}, opened"
        match name:
            case "model":
                yield from _views_of_model(window)
            case "data":
                yield from _views_of_data(window)
            case "bits":
                yield from _views_of_bits(window)
            case "quantize":
                yield from _views_of_quantize(window)
            case "memory":
                yield from _views_of_memory(window)
            case "runs":
                yield from _export_of_runs(window)
            case "try":
                yield from _views_of_try(window)
    for name in (*ENDED, *ODD):
        show_run(window, kept_run(name))
        yield f"train, {name}"
    for name in ("paused", "crashed"):
        with ExitStack() as held:
            run = RunFolder.open(places.runs() / "2026-11-24-2141-crashed") if name == "crashed" else kept_run(name)
            window.control.detach()
            held.enter_context(run.hold())
            show_run(window, run)
            yield f"train, {'running' if name == 'crashed' else name}"
        wait_until(lambda: window.control.state is JobState.ENDED)
    window.show_page("runs")
    settle(window)
    yield "runs with rows"


def _views_of_model(window: MainWindow) -> Iterator[str]:
    """The Hub's view, where nobody is asked: what is on this machine, a model that arrives and one that waits."""
    page = window.pages["model"]
    assert isinstance(page, ModelPage)
    kept = {name: os.environ.get(name) for name in ("HF_HOME", "HF_HUB_OFFLINE")}
    before = keyring.get_keyring()
    keyring.set_keyring(MemoryKeyring())
    os.environ |= {"HF_HOME": str(places.home() / "hf"), "HF_HUB_OFFLINE": "1"}
    try:
        keep_model("org/small", small_model(100))
        keep_model("somebody/" + "a-model-with-a-name-that-does-not-end-" * 2, small_model(100))
        page.show_hub()
        settle(window)
        yield "model, hub"
        why = "The network broke off: Connection reset by peer. It was tried 3 times."
        with held_fetch("org/large", why_paused=why):
            window.fetches.find()
            wait_until(lambda: window.fetches.current is not None and window.fetches.current.state == "paused")
            window.fetches.add("org/next", total_bytes=16_000_000_000)
            settle(window)
            yield "model, hub, one paused"
            window.fetches.cancel("org/next")
        wait_until(lambda: window.fetches.current is None)
        page.leave_hub()
        settle(window)
    finally:
        keyring.set_keyring(before)
        for name, value in kept.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def _export_of_runs(window: MainWindow) -> Iterator[str]:
    """The view Export: of a run with two ways to merge, and with an export under way."""
    page = window.pages["runs"]
    assert isinstance(page, RunsPage)
    run = exportable_run()
    window.run_list.refresh()
    wait_until(lambda: any(row.path == run.path for row in window.run_list.rows))
    page.overview.choose(run.path)
    page.show_view(EXPORT)
    settle(window)
    yield "runs, export"
    with held_export(run, places.home() / "out"):
        window.exports.find()
        wait_until(lambda: window.exports.is_exporting and window.exports.seen().at_work is not None)
        settle(window)
        yield "runs, exporting"
    wait_until(lambda: not window.exports.is_busy)
    page.show_view(ALL)
    settle(window)


def _views_of_data(window: MainWindow) -> Iterator[str]:
    """The sheet of a workbook with a row that is left out, and with a side that is missing."""
    page = window.pages["data"]
    assert isinstance(page, DataPage)
    before = window.store.recipe
    rows = questions(40)
    rows[3][3] = ""
    places.home().mkdir(parents=True, exist_ok=True)
    page.open_file(workbook(places.home() / ("questions with a name that does not end " * 3 + ".xlsx"), rows))
    settle(window)
    assert page.mapping.view.isVisible()
    yield "data, the sheet"
    page.mapping.take(page.mapping.choice.taking("Answer", ""))
    settle(window)
    yield "data, the sheet without an answer"
    window.store.replace(before)
    settle(window)
    page.editing.begin_written()
    wait_until(lambda: page.editing.control.draft is not None)
    settle(window)
    yield "data, rows that are written"
    page.editing.view.card.begin_finding(replaces=True)
    page.editing.view.card.add_row()
    page.editing.finish()
    settle(window)
    yield "data, replacing and asked"
    page.editing.close()
    settle(window)


def _views_of_bits(window: MainWindow) -> Iterator[str]:
    """What the Bits page shows in place of its rows, then the dialog that chooses them."""
    page = window.pages["bits"]
    assert isinstance(page, BitsPage)
    weights = {"model.layers.0.self_attn.q_proj.weight": bf16(np.linspace(-1, 1, 4096).reshape(64, 64))}
    page.weight.open_source(write_model(places.runs().parent / "a model", {"model.safetensors": weights}))
    for view, words in ((page.quiz, "quiz"), (page.weight, "a real weight"), (page.conversions, "conversions")):
        page.show_view(view)
        settle(window)
        yield f"bits, {words}"
    page.show_view(page.view)
    settle(window)
    page.choose_rows()
    dialog = page.findChild(RowsDialog)
    wait_until(dialog.isActiveWindow)
    yield "bits, rows dialog"
    dialog.reject()
    window.activateWindow()
    wait_until(window.isActiveWindow)


def _views_of_quantize(window: MainWindow) -> Iterator[str]:
    """Each view as it comes up, and with what a study has found."""
    page = window.pages["quantize"]
    assert isinstance(page, QuantizePage)
    tiny_studied_model()
    for view in VIEWS:
        page.show_view(view)
        settle(window)
        yield f"quantize, {view}"
        if view in STUDY_OF_VIEW:
            control = page.studies[view]
            control.follow(kept_study(STUDY_OF_VIEW[view]))
            wait_until(lambda control=control: control.outcome is not None)
            settle(window)
            open_more(page)
            settle(window)
            yield f"quantize, {view} with its study"
    page.show_view("hand")
    settle(window)


def _views_of_try(window: MainWindow) -> Iterator[str]:
    """Each view before there is a run, and what Tokens and Strength show of an answer."""
    page = window.pages["try"]
    assert isinstance(page, TryPage)
    for view in TRY_VIEWS:
        page.show_view(view)
        settle(window)
        yield f"try, {view}"
    tokens, strength = page.view_of("tokens"), page.view_of("strength")
    assert isinstance(tokens, TokensView)
    assert isinstance(strength, StrengthView)
    page.show_view("tokens")
    page.chat.sides = [SideFacts(side="tuned", title="mine " * 20), SideFacts(side="base", title="base")]
    tokens.scored = [scored(side, [token(1, " Usually", 0.02, [(2, "It", 0.9)])] * 40) for side in ("tuned", "base")]
    tokens.notice.say("danger", "The memory was not enough.", "Out of memory.", "Shorten the text.")
    tokens.notice.show()
    tokens.refresh()
    settle(window)
    yield "try, the tokens of an answer"
    page.show_view("strength")
    strength.answers = [AtStrength(place / 4, "It takes two days. " * 9, 40, "done") for place in range(7)]
    strength.found = [measured(place / 4, loss=2.0 - place / 4) for place in range(7)]
    strength.refresh()
    settle(window)
    yield "try, answers by strength"
    page.show_view("talk")
    settle(window)


def _views_of_memory(window: MainWindow) -> Iterator[str]:
    """The story, the article's sums, and a model by its sizes."""
    page = window.pages["memory"]
    assert isinstance(page, MemoryPage)
    page.ways.story.begin()
    page.ways.story.go(1)
    settle(window)
    yield "memory, step by step"
    page.ways.show_article(True)
    settle(window)
    yield "memory, the article"
    page.ways.show_rows()
    choice = page.controls.source.choice
    for kind in (SIZES, OTHER):
        choice.setCurrentIndex(choice.findData(kind))
        choice.activated.emit(choice.currentIndex())
        settle(window)
        yield f"memory, model by {kind}"
    page.open_model("Llama-3-8B")
    settle(window)


def stops(window: MainWindow) -> list[QWidget]:
    """What Tab has to come to: all that is visible, enabled and takes the focus, of a group what is chosen.

    While a dialog is open, of the dialog alone.
    """
    inside = QApplication.activeModalWidget() or window
    return [widget for widget in inside.findChildren(QWidget) if widget.window() is inside and _is_stop(widget)]


def _is_stop(widget: QWidget) -> bool:
    if not (widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus):
        return False
    if widget.focusProxy() is not None:
        return False
    group = getattr(widget, "group", lambda: None)()
    is_left_out = isinstance(group, QButtonGroup) and group.checkedButton() not in (None, widget)
    return not is_left_out
