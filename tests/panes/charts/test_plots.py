"""Plots draw what a history holds, however much that is, and can be read and saved."""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from tests.panes.train.lives import GB, LEDGER, long_history, planned, run_events, step
from tests.qt_waits import wait_until
from workbench.core import ticks
from workbench.core.job.events import Evaluated, Event, Resumed, Started
from workbench.core.job.history import History
from workbench.core.job.running import Running
from workbench.core.job.smoothing import Smoothed, factor_for
from workbench.panes.charts.memory_labels import apart
from workbench.panes.look.theme import Theme
from workbench.panes.train.live.loss_plot import LossPlot
from workbench.panes.train.live.memory_plot import MemoryPlot
from workbench.panes.train.live.milestones import moments
from workbench.panes.train.live.step_plots import SmallPlot

Show = Callable[[QWidget], None]


@pytest.fixture
def show(qapp: QApplication) -> Iterator[Show]:
    shown: list[QWidget] = []

    def put(widget: QWidget) -> None:
        frame = QMainWindow()  # a plot that is closed itself is taken apart by pyqtgraph
        frame.setCentralWidget(widget)
        frame.resize(560, 180)
        frame.show()
        shown.append(frame)
        QApplication.processEvents()

    yield put
    for frame in shown:
        frame.close()
        frame.deleteLater()
    QApplication.processEvents()


def a_run(last: int) -> History:
    events: list[Event] = [Started(attempt=1, pid=1, versions={}), planned()]
    return History([*events, *(step(number) for number in range(1, last + 1))])


def picture_of(widget: QWidget) -> QImage:
    QApplication.processEvents()
    return widget.grab().toImage()


def pixels_like(picture: QImage, color: QColor) -> int:
    wanted = (color.red(), color.green(), color.blue())
    found = 0
    for y in range(picture.height()):
        for x in range(picture.width()):
            at = picture.pixelColor(x, y)
            found += (at.red(), at.green(), at.blue()) == wanted
    return found


@pytest.mark.parametrize("count", [0, 1, 2, 80])
def test_that_a_run_of_any_length_is_drawn_to_the_planned_end(theme: Theme, show: Show, count: int) -> None:
    plot = LossPlot(theme)
    show(plot)
    plot.refresh(a_run(count), is_busy=True)
    assert plot.extent()[:2] == (0.0, 120.0)
    assert not picture_of(plot).isNull()
    assert (plot.last_smoothed is None) == (count == 0)
    assert len(plot.table()[1][0]) == count


def test_that_of_a_million_steps_no_more_are_painted_than_there_are_pixels(theme: Theme, show: Show) -> None:
    for missing in (None, 500_000):
        plot = LossPlot(theme)
        show(plot)
        history = long_history(1_000_000, missing=missing)
        plot.refresh(history, is_busy=True)
        plot.viewport().repaint()
        for number in range(20):
            history.add([step(1_000_001 + number, 1_400_000)])
            plot.refresh(history, is_busy=True)
            plot.viewport().repaint()
        assert plot.steps[-1] == 1_000_020
        drawn = [curve.item.getData()[0] for curve in plot.curves]
        assert 0 < max(len(points) for points in drawn if points is not None) < 10 * plot.width()


def test_that_updates_leave_nothing_behind(theme: Theme, show: Show) -> None:
    loss, memory = LossPlot(theme), MemoryPlot(theme)
    memory.set_prediction(LEDGER, 12 * GB)
    show(loss)
    show(memory)
    history = History(run_events(20, 1000))
    loss.refresh(history, is_busy=True)
    memory.refresh(history, moments(history, LEDGER), is_busy=True, remaining_seconds=100.0)
    items = len(loss.scene().items()), len(memory.scene().items())
    for number in range(21, 521):
        history.add([step(number, 1000, at=number * 12.0)])
        loss.refresh(history, is_busy=True)
        memory.refresh(history, moments(history, LEDGER), is_busy=True, remaining_seconds=100.0)
    QApplication.processEvents()
    assert (len(loss.scene().items()), len(memory.scene().items())) == items


def test_that_a_loss_that_is_no_number_is_a_gap_and_counts_in_no_average(theme: Theme, show: Show) -> None:
    plot = LossPlot(theme)
    show(plot)
    losses = [2.0, math.nan, 2.0, math.inf, 2.0]
    history = History([planned(), *(step(number, loss=loss) for number, loss in enumerate(losses, 1))])
    plot.refresh(history, is_busy=True)
    np.testing.assert_allclose(plot.smoothed, [2.0, np.nan, 2.0, np.nan, 2.0])
    assert plot.extent()[3] < 3
    assert not picture_of(plot).isNull()
    history = History([planned(), *(step(number, loss=math.nan) for number in range(1, 4))])
    plot.refresh(history, is_busy=True)
    assert math.isnan(plot.last_smoothed or 0)
    assert not picture_of(plot).isNull()


def test_that_one_spike_does_not_flatten_the_curve(theme: Theme) -> None:
    plot = LossPlot(theme)
    plot.refresh(History([planned(), *(step(n, loss=1e6 if n == 50 else 1.0) for n in range(1, 100))]), is_busy=True)
    smoothed = float(np.max(plot.smoothed))
    assert plot.extent()[3] <= 3 * smoothed


def test_that_a_resume_draws_the_new_steps_and_marks_where_it_went_on(theme: Theme, show: Show) -> None:
    plot = LossPlot(theme)
    show(plot)
    history = History([Started(attempt=1, pid=1, versions={}), planned(), *(step(n, loss=9.0) for n in range(1, 61))])
    plot.refresh(history, is_busy=True)
    again = [Started(attempt=2, pid=2, versions={}), Resumed(step=40, folder="step-00000040"), planned(from_step=40)]
    history.add([*again, *(step(n, loss=1.0) for n in range(41, 71))])
    plot.refresh(history, is_busy=True)
    assert len(plot.smoothed) == 70
    assert plot.smoothed[-1] < 2
    np.testing.assert_allclose(plot.smoothed, Smoothed().of(history.column("loss"), 120), rtol=1e-9)
    assert not picture_of(plot).isNull()


def test_that_the_pointer_reads_every_curve(theme: Theme, show: Show) -> None:
    plot = LossPlot(theme)
    show(plot)
    history = a_run(80)
    history.add([Evaluated(step=40, loss=0.3), Evaluated(step=80, loss=0.2)])
    plot.refresh(history, is_busy=True)
    found = plot.values_at(41.2)
    assert found is not None
    at, title, values = found
    assert (at, title) == (41.0, "Step 41")
    assert [value.name for value in values] == ["smoothed", "raw", "evaluation at 40"]
    plot.point_at(41.2)
    assert plot.accessibleDescription().startswith("Step 41: smoothed")
    assert not picture_of(plot).isNull()
    QApplication.sendEvent(plot, QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier))
    assert plot.accessibleDescription().startswith("Step 42")


def test_that_the_wheel_looks_closer_and_home_shows_all_again(theme: Theme, show: Show) -> None:
    plot = LossPlot(theme)
    show(plot)
    plot.refresh(a_run(80), is_busy=True)
    middle = plot.area().center()
    wheel = QWheelEvent(
        middle, middle, QPointF(0, 0).toPoint(), QPointF(0, 240).toPoint(), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(plot.viewport(), wheel)
    low, high = plot.x_range()
    assert 0 < low < 60 < high < 120
    QApplication.sendEvent(plot, QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier))
    assert plot.x_range() == (0, 120)


def test_that_a_logarithmic_scale_passes_over_what_is_not_positive(theme: Theme, show: Show) -> None:
    plot = LossPlot(theme)
    show(plot)
    losses = [10.0, 1.0, 0.0, -1.0, 0.1, 0.01]
    plot.refresh(History([planned(6), *(step(n, 6, loss=loss) for n, loss in enumerate(losses, 1))]), is_busy=False)
    plot.set_log(True)
    assert not picture_of(plot).isNull()
    low, high = plot.extent()[2:]
    assert 0 < low < high
    plot.set_log(False)
    assert plot.extent()[2] == 0


def test_that_a_theme_switch_leaves_no_colour_behind(theme: Theme, show: Show) -> None:
    plot = LossPlot(theme)
    show(plot)
    plot.refresh(a_run(80), is_busy=True)
    light = theme.color("surface.card")
    assert pixels_like(picture_of(plot), light) > 1000
    theme.choose("dark")
    picture = picture_of(plot)
    assert pixels_like(picture, light) == 0
    assert pixels_like(picture, theme.color("surface.card")) > 1000


def test_that_all_points_go_into_a_csv(theme: Theme, show: Show, tmp_path: Path) -> None:
    plot = LossPlot(theme)
    show(plot)
    history = a_run(3)
    history.add([Evaluated(step=2, loss=0.5)])
    plot.refresh(history, is_busy=True)
    said: list[tuple[str, str]] = []
    plot.said.connect(lambda state, text: said.append((state, text)))
    plot.save(tmp_path / "loss.csv", ".csv")
    wait_until(lambda: said)
    assert said[0][0] == "success"
    lines = (tmp_path / "loss.csv").read_text().splitlines()
    assert lines[0] == "step,loss,smoothed,evaluation"
    assert len(lines) == 4
    assert lines[1].endswith(",")
    assert lines[2].endswith(",0.5")


def test_that_a_file_that_cannot_be_written_is_a_sentence(theme: Theme, show: Show, tmp_path: Path) -> None:
    plot = SmallPlot(theme, "Learning rate", "learning_rate", "curves.learning_rate")
    show(plot)
    plot.refresh(a_run(3))
    (tmp_path / "file").write_text("")
    said: list[tuple[str, str]] = []
    plot.said.connect(lambda state, text: said.append((state, text)))
    plot.save(tmp_path / "file" / "rate.csv", ".csv")
    wait_until(lambda: said)
    assert said[0][0] == "danger"
    assert "cannot be written" in said[0][1]


def test_that_pictures_and_drawings_are_written(theme: Theme, show: Show, tmp_path: Path) -> None:
    plot = MemoryPlot(theme)
    plot.set_prediction(LEDGER, 12 * GB)
    show(plot)
    history = History(run_events())
    plot.refresh(history, moments(history, LEDGER), is_busy=True, remaining_seconds=400.0)
    said: list[tuple[str, str]] = []
    plot.said.connect(lambda state, text: said.append((state, text)))
    plot.save(tmp_path / "memory.png", ".png")
    plot.save(tmp_path / "memory.svg", ".svg")
    wait_until(lambda: len(said) == 2)
    assert set(said) == {("success", f"Written to {tmp_path / name}.") for name in ("memory.png", "memory.svg")}
    picture = QImage(str(tmp_path / "memory.png"))
    assert picture.width() == 2 * plot.width()
    assert pixels_like(picture, theme.color("memory.weights")) > 1000  # at the foot: the picture is of the whole
    assert "Logits" in (tmp_path / "memory.svg").read_text()


def test_that_memory_without_a_prediction_is_the_measured_line_alone(theme: Theme, show: Show) -> None:
    plot = MemoryPlot(theme)
    show(plot)
    history = History(run_events())
    plot.refresh(history, moments(history, LEDGER), is_busy=True, remaining_seconds=400.0)
    assert pixels_like(picture_of(plot), theme.color("memory.logits")) == 0
    assert plot.limit_words == "limit 12.0 GB: the card less 0.9 for other programs"
    found = plot.values_at(10.0)
    assert found is not None
    assert [value.name for value in found[2]] == ["most so far", "held then"]


def test_that_what_is_only_predicted_is_pale(theme: Theme, show: Show) -> None:
    plot = MemoryPlot(theme)
    plot.set_prediction(LEDGER, 12 * GB)
    show(plot)
    history = History(run_events())
    plot.refresh(history, moments(history, LEDGER), is_busy=True, remaining_seconds=400.0)
    picture, weights = picture_of(plot), theme.color("memory.weights")
    area, y = plot.area(), round(plot.y_pixels(1.0))
    assert picture.pixelColor(round(area.left() + 0.4 * area.width()), y) == weights
    pale = picture.pixelColor(round(area.right() - 4), y)
    assert pale != weights
    assert pale.lightness() > weights.lightness()


def test_that_a_resumed_run_has_its_memory_drawn_anew(theme: Theme, show: Show) -> None:
    plot = MemoryPlot(theme)
    plot.set_prediction(LEDGER, 12 * GB)
    show(plot)
    history = History(run_events(40))
    history.add(run_events(60))
    plot.refresh(history, moments(history, LEDGER), is_busy=False, remaining_seconds=None)
    assert len(history.attempt_seconds) == 2
    assert history.attempt_seconds[1] > 500
    assert not picture_of(plot).isNull()


def test_that_labels_keep_apart_and_inside() -> None:
    places = apart([100.0, 99.0, 98.0, 97.0, 10.0], 14.0, 0.0, 105.0)
    assert all(above - below >= 14 - 1e-9 for above, below in pairwise(places))
    assert max(places) <= 105
    crowded = apart([5.0, 4.0, 3.0], 14.0, 0.0, 100.0)
    assert min(crowded) >= 0


def test_that_what_runs_along_a_column_starts_over_where_it_is_rewritten() -> None:
    running = Running()
    running.take_column(np.array([1.0, np.nan, 5.0]))
    running.take_column(np.array([1.0, np.nan, 5.0, np.inf, 2.0]))
    assert (running.largest, running.missing) == (5.0, 2)
    running.take_column(np.array([1.0, 2.0]))
    assert (running.largest, running.missing) == (2.0, 0)
    running.take_column(np.array([3.0, 1.0]), is_rewritten=True)
    assert running.largest == 3.0


def test_that_ticks_are_round_and_few() -> None:
    for extent in (0.0003, 0.7, 1.0, 2.5, 9.4, 120.0, 1_000_000.0):
        found = ticks.ticks(0, extent, ticks.spacing_of(extent, 6))
        assert 3 <= len(found) <= 6, extent
    assert [ticks.in_words(value, 0.5) for value in (0.0, 0.5, 2.0)] == ["0.0", "0.5", "2.0"]
    assert ticks.in_words(2e-4, 1e-4) == "2e-4"
    assert ticks.decades(0.01, 10, 5) == [0.01, 0.1, 1, 10]
    assert ticks.round_end(2.31, 6) == 2.5


def test_that_smoothing_step_by_step_is_smoothing_at_once() -> None:
    chance = np.random.default_rng(1)
    losses = chance.normal(1, 0.3, 3000)
    losses[[7, 500]] = np.nan
    smoother = Smoothed()
    for count in (0, 1, 2, 900, 901, 3000):
        whole = smoother.of(losses[:count], 3000)
    factor = factor_for(3000)
    total = weight = 0.0
    expected = []
    for loss in losses:
        if math.isfinite(loss):
            total, weight = factor * total + (1 - factor) * loss, factor * weight + 1 - factor
        expected.append(total / weight if math.isfinite(loss) else math.nan)
    np.testing.assert_allclose(whole, expected, rtol=1e-9)
