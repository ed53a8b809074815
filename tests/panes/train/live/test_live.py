"""A run as it goes on: what is shown of it at each moment, in every arrangement."""

import math

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from tests.panes.train.lives import (
    GB,
    LEDGER,
    live_view,
    loading,
    long_history,
    memory,
    planned,
    run_events,
    step,
    written,
)
from tests.qt_waits import wait_until
from workbench.bridge.job_control import JobControl
from workbench.core.job.events import Ended, Event, Milestone, Notice, Paused, Phase, Predicted, Started
from workbench.core.job.history import History
from workbench.core.job.phases import how_far
from workbench.core.memory.line_names import by_line
from workbench.panes.look.theme import Theme
from workbench.panes.train.live.live import LiveView
from workbench.panes.train.live.milestones import NOT_KNOWN, moments
from workbench.panes.train.live.run_phases import RunPhases

pytestmark = pytest.mark.usefixtures("qapp")


def inside(view: LiveView, *widgets: QWidget) -> None:
    """All of them are in sight and none of them overlap."""
    rects = []
    for widget in widgets:
        assert widget.isVisible(), widget.accessibleName()
        rect = widget.rect().translated(widget.mapTo(view, widget.rect().topLeft()))
        assert view.rect().contains(rect), (widget.accessibleName(), rect)
        assert not any(rect.intersects(other) for other in rects), widget.accessibleName()
        rects.append(rect)


def test_that_before_the_first_step_the_phase_is_said_with_how_far_it_is() -> None:
    with live_view(loading()) as (view, _, _):
        assert view.phases.isVisible()
        assert view.phases.sentence == "Loading and quantizing the weights, 120 of 272 tensors"
        assert view.phases.reached == ("Load", pytest.approx(120 / 272))
        assert view.tiles.step.text == NOT_KNOWN
        assert not view.grab().isNull()


@pytest.mark.slow
def test_that_the_tiles_say_the_last_figures() -> None:
    with live_view(run_events(84)) as (view, control, _):
        view.set_prediction(LEDGER, 12 * GB)
        assert view.tiles.step.text == "84 of 120"
        assert view.tiles.loss.text.endswith("eval 0.153")
        assert view.tiles.loss.text.startswith(f"{view.loss.last_smoothed:.3f}")
        assert view.tiles.memory.text == "8.46 of 12.0 GB"
        assert view.tiles.remaining.text == "7:26 about"
        assert view.tiles.elapsed.text.startswith("17:")
        assert not view.phases.isVisible()
        before = control.elapsed_seconds
        wait_until(lambda: control.elapsed_seconds > before + 1.2)
        assert view.tiles.elapsed.text != NOT_KNOWN


def test_that_predicted_and_measured_stand_beside_each_other() -> None:
    with live_view(run_events(84)) as (view, _, _):
        view.set_prediction(LEDGER, 12 * GB)
        assert view.milestones.texts() == [
            ("After loading", "5.70", "6.36"),
            ("First full step", "8.48", "8.38"),
            ("In training", "8.48", "8.46"),
            ("Whole run", NOT_KNOWN, NOT_KNOWN),
        ]


def test_that_the_tile_and_the_table_agree_on_the_peak_of_a_run_that_answered_at_its_end() -> None:
    ended = Ended(state="finished", step=120, peak_memory_bytes=9_500_000_000)
    with live_view([*run_events(120), ended]) as (view, _, _):
        assert view.tiles.memory.text.startswith("9.50 ")
        assert view.milestones.texts()[2:] == [("In training", NOT_KNOWN, "8.46"), ("Whole run", NOT_KNOWN, "9.50")]


def test_that_what_the_run_was_told_itself_takes_the_place_of_what_its_recipe_lets_expect() -> None:
    told = Predicted(
        formula=1, device="cuda", card="a card", family="Llama", lines=by_line({**LEDGER.parts, "logits": 470_000_000}),
        after_load_bytes=LEDGER.after_load_bytes, peak_bytes=LEDGER.peak_bytes - GB, moment=LEDGER.moment,
        sequence_tokens=512, micro_batch=1, free_bytes=11 * GB,
    )  # fmt: skip
    with live_view([*run_events(84), told]) as (view, _, _):
        view.set_prediction(LEDGER, 12 * GB)
        assert view.milestones.texts()[1] == ("First full step", "7.48", "8.38")
        assert view.tiles.memory.text == "8.46 of 11.0 GB"


def test_that_a_dry_run_is_a_moment_of_its_own() -> None:
    events = run_events(84)
    dry = Milestone(name="dry run", memory=memory(8.0 * GB, 8.4 * GB), elapsed_seconds=70)
    with live_view([*events[:6], dry, *events[6:]]) as (view, _, _):
        view.set_prediction(LEDGER, 12 * GB)
        names = [name for name, _, _ in view.milestones.texts()]
        assert names == ["After loading", "Dry run", "First full step", "In training", "Whole run"]
        assert view.milestones.texts()[1][1:] == ("8.48", "8.40")


def test_that_memory_that_has_left_the_card_is_said_beside_the_curve() -> None:
    notice = Notice(text="The card is full: 2.00 GB of this run lie in the machine's shared memory.", about="memory")
    with live_view(run_events(84)) as (view, _, _):
        assert view.memory_card.tag.text == ""
    with live_view([*run_events(84), Notice(text="Something else."), notice]) as (view, _, _):
        assert view.memory_card.tag.text == "beyond the card"
        assert view.memory_card.tag.state == "warn"
        assert "shared memory" in view.memory_card.tag.toolTip()


def test_that_on_a_cpu_the_whole_process_is_compared() -> None:
    events: list[Event] = [Started(attempt=1, pid=1, versions={}), planned(device="CPU")]
    events.append(Milestone(name="after load", memory=memory(1.0 * GB, 1.2 * GB, on_card=False), elapsed_seconds=5))
    history = History(events)
    rows = moments(history, LEDGER)
    assert rows[2].predicted_bytes == LEDGER.peak_bytes
    assert rows[0].measured_bytes == 1_200_000_000
    with live_view(events) as (view, _, _):
        view.set_prediction(None, None)
        assert view.tiles.memory.text == "1.20 GB"
        assert view.memory.limit_words.endswith("the memory of this machine")
        assert "nothing was predicted" in view.memory_card.legend.words


@pytest.mark.slow
def test_that_each_arrangement_fits_its_window() -> None:
    theme = Theme("light")
    with live_view(run_events(84), theme=theme) as (view, _, _):
        window = view.window()
        view.set_prediction(LEDGER, 12 * GB)
        QApplication.processEvents()
        inside(view, view.tiles, view.loss_card, view.rate_card, view.norm_card, view.memory_card)
        inside(view, view.milestones, view.samples)
        assert view.log.isHidden()
        view.show_log(True)
        QApplication.processEvents()
        inside(view, view.loss_card, view.memory_card, view.log)
        assert view.samples.isHidden()
        view.show_log(False)
        window.resize(1408, 981)
        view.set_wide(True)
        QApplication.processEvents()
        inside(view, view.loss_card, view.memory_card, view.rate_card, view.norm_card)
        inside(view, view.milestones, view.samples, view.log)
        view.show_log(True)
        assert view.log.shows_console
        view.show_log(False)
        assert not view.log.shows_console
        window.resize(1124, 580)
        theme.set_projector(True)
        view.set_projector()
        QApplication.processEvents()
        inside(view, view.tiles, view.loss_card, view.samples)
        shown = [name for name in ("step", "loss", "speed", "elapsed", "remaining", "memory")]
        assert [name for name in shown if view.tiles.tile(name).isVisible()] == ["step", "loss", "remaining", "memory"]
        assert view.memory_card.isHidden()
        theme.set_projector(False)
        view.set_projector()
        view.set_wide(False)
        window.resize(854, 631)
        QApplication.processEvents()
        inside(view, view.loss_card, view.memory_card, view.samples)


def test_that_it_needs_no_more_room_than_a_small_window_has() -> None:
    with live_view(run_events(84)) as (view, _, _):
        assert view.minimumSizeHint().height() <= 560
        assert view.minimumSizeHint().width() <= 854


def test_that_losses_that_are_no_numbers_are_said() -> None:
    events: list[Event] = [*loading(), planned(), *(step(n, loss=math.nan if n > 8 else 1.0) for n in range(1, 11))]
    with live_view(events) as (view, _, _):
        assert view.loss_card.tag.text == "2 losses are not a number"
        assert view.loss_card.tag.state == "warn"
        assert not view.grab().isNull()


def test_that_what_goes_on_after_the_last_step_is_said_in_the_axes() -> None:
    events = [*run_events(120), Phase(name="score", done=40, total=100, unit="prompts")]
    with live_view(events) as (view, control, _):
        assert view.loss.aside == "answering the held-out rows, 40 of 100 prompts"
        control.history.add([Paused(step=120)])
        view.refresh()
        assert view.loss.aside == "paused"


def test_that_a_view_made_late_tells_all_that_happened_before() -> None:
    events, theme = [*run_events(20), Ended(state="stopped", step=20)], Theme("light")
    with live_view(events, is_alive=False, theme=theme) as (first, control, _):
        late = LiveView(theme, control)
        late.refresh()
        assert late.log.model.rowCount() == first.log.model.rowCount()
        assert late.log.model.rowCount() > 30
        late.deleteLater()


def test_that_another_run_leaves_nothing_of_the_one_before() -> None:
    with live_view(run_events(84), is_alive=False) as (view, control, _):
        other = written([Started(attempt=1, pid=1, versions={}), planned(10), step(1, 10)])
        control.follow(other)
        view.clear()
        wait_until(lambda: control.outcome is not None)
        view.refresh()
        assert view.tiles.step.text == "1 of 10"
        assert view.samples.book.asked == []
        assert view.log.model.rowCount() == 3
        assert view.tiles.loss.text.count("eval") == 0


def test_that_a_hidden_view_keeps_the_log_and_draws_once_shown() -> None:
    with live_view(loading()) as (view, control, run):
        view.hide()
        lines = view.log.model.rowCount()
        with run.journal.open("a", encoding="utf-8") as journal:
            journal.write("".join(event.model_dump_json() + "\n" for event in (planned(), step(1), step(2))))
        wait_until(lambda: len(control.history.steps) == 2)
        view.show()
        view.refresh()
        assert view.log.model.rowCount() == lines + 3


@pytest.mark.slow
def test_that_a_million_steps_are_shown_to_the_last() -> None:
    with live_view(run_events(3)) as (view, control, _):
        control.history = long_history(1_000_000)
        view.set_prediction(LEDGER, 12 * GB)
        for number in range(10):
            control.history.add([step(1_000_001 + number, 1_400_000, at=100_000.0 + number)])
            view.refresh()
            for plot in (view.loss, view.rate, view.norm, view.memory):
                plot.viewport().repaint()
        assert view.loss.steps[-1] == view.rate.steps[-1] == 1_000_010


def test_that_phases_never_go_back() -> None:
    strip = RunPhases(Theme("light"))
    history = History(loading())
    strip.refresh(history)
    history.add([Phase(name="quantize", done=50, total=272, unit="tensors")])
    strip.refresh(history)
    assert strip.reached == ("Load", pytest.approx(120 / 272))
    history.add([Started(attempt=2, pid=2, versions={}), Phase(name="start")])
    strip.refresh(history)
    assert strip.reached == ("Start", 0.0)


def test_that_a_phase_counts_in_its_own_unit() -> None:
    assert how_far(Phase(name="download", done=45_000_000, total=93_000_000, unit="bytes")) == (
        "Downloading, 45 MB of 93 MB"
    )
    assert how_far(Phase(name="evaluate", done=3, total=12)) == "Evaluating, 3 of 12"


def test_that_a_control_with_no_run_is_an_empty_view() -> None:
    theme = Theme("light")
    theme.apply()
    control = JobControl()
    view = LiveView(theme, control)
    view.refresh()
    view.set_prediction(LEDGER, 12 * GB)
    view.refresh()
    assert view.tiles.step.text == NOT_KNOWN
    assert not view.grab().isNull()
    view.deleteLater()
    control.close()
