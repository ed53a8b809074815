"""What a heat map shows of a tensor, and how one moves in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest

from tests.panes.shown import forget
from tests.qt_waits import wait_until
from tests.tensors import Made, fp32, large_file, write_tensors
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.model.stored_tensor import StoredTensor, open_tensors
from workbench.panes.bits.weight.heat import HeatMap
from workbench.panes.bits.weight.heat_view import FEW, axis, whole_zoom
from workbench.panes.charts.heat_colors import MIDDLE, MISSING, MOST, NOT_FINITE, limit_of, shades_of
from workbench.panes.look.theme import Theme


@contextmanager
def shown_map(theme: Theme, tensor: StoredTensor | None, width: int = 560, height: int = 420) -> Iterator[HeatMap]:
    made = HeatMap(theme)
    made.resize(width, height)
    made.show()
    made.show_tensor(tensor)
    try:
        settle(made)
        yield made
    finally:
        made.close()
        assert wait_for_tasks(60)
        forget(made)


def settle(made: HeatMap) -> None:
    assert wait_for_tasks(60)
    wait_until(made.isVisible)


def tensor_of(path: Path, made: Made) -> StoredTensor:
    (tensor,) = open_tensors(write_tensors(path / "a.safetensors", {"w": made}))
    return tensor


def center_of(made: HeatMap, line: int, column: int) -> QPoint:
    for y in range(made.viewport().height()):
        for x in range(0, made.viewport().width(), 2):
            if made.cell_at(QPointF(x, y)) == line * made.tensor.line_length + column:  # type: ignore[union-attr]
                return QPoint(x + 3, y + 3)
    raise AssertionError("not in sight")


def color_at(made: HeatMap, at: QPoint) -> QColor:
    picture: QImage = made.viewport().grab().toImage()
    ratio = picture.devicePixelRatio()
    return QColor(picture.pixel(round(at.x() * ratio), round(at.y() * ratio)))


# -- colours -----------------------------------------------------------------------------------------------------------


def test_that_shades_run_from_below_over_zero_to_above() -> None:
    values = np.array([[-2.0, -1.0, 0.0, 0.5], [1.0, 9.0, np.nan, -np.inf]])
    assert shades_of(values, 1.0).tolist() == [[0, 0, MIDDLE, 191], [MOST, MOST, NOT_FINITE, NOT_FINITE]]
    assert shades_of(values, 1.0, missing=2)[1].tolist() == [MOST, MOST, MISSING, MISSING]


def test_that_a_few_outliers_do_not_pale_all_others() -> None:
    values = np.full(1000, 0.5)
    values[:3] = 100.0
    assert limit_of(values) == 0.5
    assert limit_of(np.zeros(4)) == 0
    assert limit_of(np.array([0.0] * 999 + [3.0])) == 3
    assert limit_of(np.array([np.nan, np.inf])) == 0


def test_that_what_is_not_finite_is_crossed_out_and_written_out(theme: Theme, tmp_path: Path) -> None:
    with shown_map(theme, tensor_of(tmp_path, fp32([[1.0, np.nan, -np.inf, 1.0]]))) as made:
        at = center_of(made, 0, 1) - QPoint(3, 3)
        assert color_at(made, at + QPoint(1, 7)) == theme.color("heat.none")
        assert color_at(made, at + QPoint(7, 7)) != theme.color("heat.none")
        while not made.is_closest:
            made.zoom_by(1)
        settle(made)
        assert not made.viewport().grab().isNull()


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_that_negative_and_positive_numbers_have_their_colours(theme: Theme, tmp_path: Path, choice: str) -> None:
    theme.choose(choice)  # type: ignore[arg-type]
    with shown_map(theme, tensor_of(tmp_path, fp32([[-1.0, 0.0, 1.0]]))) as made:
        for column, name in enumerate(("heat.below", "heat.middle", "heat.above")):
            assert color_at(made, center_of(made, 0, column)) == theme.color(name)
        theme.choose("dark" if choice == "light" else "light")
        assert color_at(made, center_of(made, 0, 0)) == theme.color("heat.below")


# -- axes --------------------------------------------------------------------------------------------------------------


def test_that_axes_of_every_zoom_agree_with_themselves() -> None:
    for count in (1, 5, FEW, 65, 576, 49_152, 5_000_000_000):
        for zoom in (6, 3, 0, -1, -5, -0.37, -2.6, -24):
            for first in (0, 17, count):
                made = axis(count, 500, zoom, first)
                assert 0 <= made.first <= made.last < count or made.first == 0
                assert made.shown.stop <= count
                assert made.first % made.step == 0
                for number in (made.first, made.shown[-1]):
                    assert made.at(made.pixel_of(number) + made.cell / 2) in (number, None)


def test_that_the_whole_fits_and_uses_the_room() -> None:
    for lines, columns in ((576, 576), (49_152, 576), (100, 70_000), (3, 5), (2004, 64)):
        zoom = whole_zoom(lines, columns, 500, 400)
        across, down = axis(columns, 500, zoom, 0), axis(lines, 400, zoom, 0)
        assert across.page >= columns
        assert down.page >= lines
        assert len(across.shown) > 250 or columns <= FEW or len(down.shown) > 200


# -- the map -----------------------------------------------------------------------------------------------------------


def test_that_a_click_chooses_the_number_under_it(theme: Theme, tmp_path: Path) -> None:
    with shown_map(theme, tensor_of(tmp_path, fp32(np.arange(6000).reshape(60, 100)))) as made:
        chosen: list[int] = []
        made.chosen.connect(chosen.append)
        QTest.mouseClick(made.viewport(), Qt.MouseButton.LeftButton, pos=center_of(made, 7, 20))
        assert chosen == [720]
        assert made.place == 720
        assert "[7, 20]" in made.accessibleDescription()


def test_that_keys_move_the_choice_and_the_picture_follows(theme: Theme, tmp_path: Path) -> None:
    with shown_map(theme, tensor_of(tmp_path, fp32(np.arange(60_000).reshape(200, 300)))) as made:
        made.choose(0)
        for key, place in (
            (Qt.Key.Key_Right, 1),
            (Qt.Key.Key_Down, 301),
            (Qt.Key.Key_Left, 300),
            (Qt.Key.Key_Left, 300),
            (Qt.Key.Key_Up, 0),
            (Qt.Key.Key_Up, 0),
            (Qt.Key.Key_End, 299),
        ):
            QTest.keyClick(made, key)
            assert made.place == place
        assert made.axes()[1].first > 0
        QTest.keyClick(made, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
        assert made.place == 59_999
        lines, columns = made.axes()
        assert (lines.last, columns.last) == (199, 299)
        QTest.keyClick(made, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
        assert made.place == 0
        QTest.keyClick(made, Qt.Key.Key_PageDown)
        assert made.place == made.axes()[0].page * 300


def test_that_a_drag_moves_the_picture_and_chooses_nothing(theme: Theme, tmp_path: Path) -> None:
    with shown_map(theme, tensor_of(tmp_path, fp32(np.arange(60_000).reshape(200, 300)))) as made:
        view = made.viewport()
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
        QTest.mouseMove(view, QPoint(220, 220))
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(220, 220))
        lines, columns = made.axes()
        assert (lines.first, columns.first) == (10, 10)
        assert made.place is None


def test_that_it_zooms_to_the_whole_and_back_to_the_numbers(theme: Theme, tmp_path: Path) -> None:
    with shown_map(theme, tensor_of(tmp_path, fp32(np.arange(6_000_000).reshape(2000, 3000)))) as made:
        QTest.keyClick(made, Qt.Key.Key_0)
        settle(made)
        assert made.is_whole
        lines, columns = made.axes()
        assert (lines.page >= 2000, columns.page >= 3000) == (True, True)
        assert "shown" in made.in_words()
        made.choose(1_503_000)
        while not made.is_closest:
            QTest.keyClick(made, Qt.Key.Key_Plus)
        settle(made)
        lines, columns = made.axes()
        assert 501 in lines.shown
        assert 0 in columns.shown
        assert lines.cell == 64
        assert not made.viewport().grab().isNull()


def test_that_a_file_of_10_gb_is_seen_whole(theme: Theme, tmp_path: Path) -> None:
    tensor = open_tensors(large_file(tmp_path / "model.safetensors"))[-1]
    with shown_map(theme, tensor) as made:
        made.show_whole()
        settle(made)
        assert color_at(made, center_of(made, *(0, 0))) == theme.color("heat.middle")


@pytest.mark.parametrize(
    "made", [fp32(2.5), fp32(np.arange(150)), fp32([]), fp32(np.zeros((2, 0, 3))), Made("I64", (1,), bytes(8))]
)
def test_that_odd_tensors_are_drawn_or_left_blank(theme: Theme, tmp_path: Path, made: Made) -> None:
    with shown_map(theme, tensor_of(tmp_path, made)) as view:
        for key in (Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_0, Qt.Key.Key_Plus, Qt.Key.Key_Space):
            QTest.keyClick(view, key)
        settle(view)
        assert not view.viewport().grab().isNull()
        assert (view.place is None) == bool(view.tensor and view.tensor.problem)


def test_that_a_file_that_went_away_is_told(theme: Theme, tmp_path: Path) -> None:
    tensor = tensor_of(tmp_path, fp32(np.arange(60_000).reshape(200, 300)))
    with shown_map(theme, tensor) as made:
        told: list[object] = []
        made.failed.connect(told.append)
        tensor.entry.path.unlink()
        QTest.keyClick(made, Qt.Key.Key_0)
        settle(made)
        assert len(told) == 1
        assert "cannot be read" in str(told[0])


def test_that_a_hidden_map_reads_nothing(theme: Theme, tmp_path: Path) -> None:
    with shown_map(theme, None) as made:
        made.hide()
        made.show_tensor(tensor_of(tmp_path, fp32([[1.0]])))
        known: list[float] = []
        made.limit_known.connect(known.append)
        assert wait_for_tasks(60)
        assert not known
        made.show()
        settle(made)
        assert known == [1.0]
