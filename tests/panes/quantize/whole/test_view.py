"""The Whole model view: a study fills the map, is found again, and leaves nothing where it is cancelled."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

from tests.panes.shown import forget, in_every_look, shown
from tests.qt_waits import wait_until
from tests.tensors import Made, bf16, fp32, write_sparse, write_tensors
from workbench.bridge.tasks import wait_for_tasks
from workbench.core import places
from workbench.core.job.events import Ended, Started
from workbench.core.job.journal import JournalWriter
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import LayersRequest, MatrixMeasured
from workbench.core.model.stored_tensor import open_tensors
from workbench.core.quantized.matrix_errors import Measure
from workbench.core.quantized.model import matrices, measured
from workbench.numerics.quantization_scheme import SCHEMES
from workbench.panes.look.ink import contrast
from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import Segmented
from workbench.panes.parts.fields import ChoiceBox
from workbench.panes.quantize.page import QuantizePage
from workbench.panes.quantize.whole.legend import ink_on, mixed
from workbench.panes.quantize.whole.view import WholeView
from workbench.panes.quantize.whole.words import cell_in_words

Field = TypeVar("Field", bound=QWidget)

KINDS = ("q_proj", "o_proj", "down_proj")
LONG = "x" * 200


def made_model(layers: int = 4) -> dict[str, Made]:
    random = np.random.default_rng(3)
    made = {
        f"model.layers.{layer}.{kind}.weight": bf16(random.standard_normal((64, 128), dtype=np.float32) * (layer + 1))
        for layer in range(layers)
        for kind in KINDS
    }
    return {**made, "model.embed_tokens.weight": fp32(random.standard_normal((256, 64)))}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_tensors(tmp_path / "model.safetensors", made_model())


def finished(model: Path, *formats: str) -> RunFolder:
    """A study that is over, as the engine leaves it."""
    run = create_study(LayersRequest(model=str(model), formats=formats))
    journal = JournalWriter(run.journal)
    journal.write(Started(attempt=1, pid=1, versions={}))
    for facts in measured(matrices(open_tensors(model)), [SCHEMES[name] for name in formats]):
        journal.write(MatrixMeasured(facts=[fact.row() for fact in facts]))
    journal.write(Ended(state="finished"))
    journal.close()
    return run


@contextmanager
def view_of(theme: Theme, width: int = 1366, height: int = 704) -> Iterator[tuple[QuantizePage, WholeView]]:
    page = QuantizePage(theme)
    try:
        with shown(page, width, height):
            page.show_view("whole")
            view = page.view
            assert isinstance(view, WholeView)
            assert wait_for_tasks(60)
            yield page, view
            page.window_closes()
    finally:
        assert wait_for_tasks(60)
        forget(page)


def opened(view: WholeView, path: Path) -> None:
    view.fields.model.open(path)
    wait_until(lambda: view.opened is not None and view.opened.path == path)


def done(view: WholeView) -> None:
    wait_until(view.fields.start.isVisible)


def shown_in(widget: QWidget, kind: type[Field]) -> Field:
    """The one control of a kind in it that can be seen."""
    (found,) = [field for field in widget.findChildren(kind) if field.isVisible()]
    return found


def press(view: WholeView, key: Qt.Key) -> None:
    event = QKeyEvent(QEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view.picture.map, event)


# -- before a study ----------------------------------------------------------------------------------------------------


def test_that_a_view_without_a_model_says_what_will_be_there(theme: Theme) -> None:
    with view_of(theme) as (_page, view):
        assert view.picture.map.words.startswith("Choose a model")
        assert not view.fields.start.isEnabled()
        assert not view.picture.export.isEnabled()
        assert view.picture.sizes.rows == ()
        view.start()
        assert view.picture.message_card.what.text() == "No model or no format is chosen."


def test_that_a_model_shows_its_grid_and_what_it_will_take_before_anything_is_measured(
    theme: Theme, model: Path
) -> None:
    with view_of(theme) as (_page, view):
        opened(view, model)
        assert view.fields.start.text() == "Quantize 13 matrices"
        assert view.picture.map.grid.columns == KINDS
        assert view.picture.map.grid.lines == ("0", "1", "2", "3")
        assert view.picture.map.found == {}
        rows = view.picture.sizes.rows
        assert [row.title for row in rows] == ["As stored", "NF4", "FP4", "INT8 row"]
        numbers = 12 * 64 * 128 + 256 * 64
        assert (rows[0].size_bytes, rows[1].size_bytes) == (2 * 12 * 64 * 128 + 4 * 256 * 64, numbers * 9 // 16)
        assert rows[1].bits == "4.500"
        view.fields.block_size.setValue(0)
        view.fields.double_quant.setChecked(True)
        assert view.picture.sizes.rows[1].title == "NF4 + DQ"
        assert view.picture.sizes.rows[1].bits != "4.500"
        assert view.fields.saving.text() == "saves 0.746 bits a weight"
        for chip in view.fields.chips.values():
            chip.setChecked(False)
        assert not view.fields.start.isEnabled()
        assert view.form.action_bar.facts.text() == "Choose a format"


@pytest.mark.parametrize(
    ("data", "sentence"), [(b"\xff" * 40, "safetensors"), (None, "There is nothing at")], ids=["damaged", "gone"]
)
def test_that_a_model_that_cannot_be_opened_is_a_sentence(
    theme: Theme, tmp_path: Path, data: bytes | None, sentence: str
) -> None:
    path = tmp_path / "bad.safetensors"
    if data is not None:
        path.write_bytes(data)
    with view_of(theme) as (_page, view):
        view.fields.model.open(path)
        wait_until(lambda: view.fields.model.problem.text() != "")
        assert sentence in view.fields.model.problem.text().replace("\u200b", "")
        assert not view.fields.start.isEnabled()


# -- a study -----------------------------------------------------------------------------------------------------------


def test_that_a_study_fills_the_map_and_is_found_again(theme: Theme, model: Path) -> None:
    with view_of(theme) as (_page, view):
        opened(view, model)
        view.start()
        assert not view.fields.start.isVisible()
        assert view.fields.cancel.isVisible()
        assert not view.fields.chips["nf4"].isEnabled()
        done(view)
        assert view.errors.count == 13
        assert view.fields.start.isVisible()
        assert view.picture.map_card.scope.whole == "NF4, blocks of 64"
        first = dict(view.picture.map.found)
        assert len(first) == 13
        worst = [view.picture.table.text(row, 0) for row in range(10)]
    with view_of(theme) as (_page, view):
        wait_until(lambda: view.errors.count == 13)
        assert view.fields.model.path == model
        assert view.fields.names == ["nf4", "fp4", "int8"]
        wait_until(lambda: view.opened is not None)
        assert dict(view.picture.map.found) == first
        assert [view.picture.table.text(row, 0) for row in range(10)] == worst


def test_that_formats_and_measures_are_chosen_in_the_picture(theme: Theme, model: Path) -> None:
    finished(model, "nf4", "int8", "mxfp4")
    with view_of(theme) as (_page, view):
        wait_until(lambda: view.errors.count == 13)
        picture = view.picture
        nf4 = picture.map.found[0, 0].snr_db
        shown_in(picture.format, Segmented).button_of("int8").click()
        assert picture.map.found[0, 0].snr_db > nf4  # type: ignore[operator]
        assert picture.table_card.scope.text() == "in INT8 row, by SNR"
        picture.measure.button_of("rmse").click()
        assert picture.by is Measure.RMSE
        assert picture.table.rows[0].rmse == max(each.rmse for each in view.errors.of("int8"))  # type: ignore[type-var]
        darkest = max(picture.map.found.items(), key=lambda item: picture.map.shade(item[1]) or 0)[0]
        assert darkest[0] == 3  # whose weights are the largest


@pytest.mark.slow
def test_that_many_formats_are_a_list(theme: Theme, model: Path) -> None:
    finished(model, *SCHEMES)
    with view_of(theme) as (page, view):
        wait_until(lambda: view.errors.count == 13)
        box = shown_in(view.picture.format, ChoiceBox)
        assert box.count() == len(SCHEMES)
        box.setCurrentIndex(3)
        box.activated.emit(3)
        assert view.picture.format.value() == list(SCHEMES)[3]
        in_every_look(theme, page)


def test_that_a_cancelled_study_leaves_nothing(theme: Theme, tmp_path: Path) -> None:
    size = 6_000_000_000
    path = write_sparse(tmp_path / "huge.safetensors", {"model.layers.0.w.weight": ("BF16", (30_000, 100_000), size)})
    with view_of(theme) as (_page, view):
        opened(view, path)
        view.start()
        wait_until(lambda: view.form.action_bar.facts.text().endswith("matrices measured"))
        view.fields.cancel.click()
        assert view.form.action_bar.facts.text() == "Cancels now; nothing is kept"
        assert not view.fields.cancel.isEnabled()
        done(view)
        assert view.form.action_bar.facts.text() == "Cancelled; nothing was kept"
        assert view.picture.map.found == {}
        assert list(places.studies().iterdir()) == []


def test_that_a_study_that_fails_says_why_and_is_no_result(theme: Theme, model: Path) -> None:
    with view_of(theme) as (_page, view):
        opened(view, model)
        model.write_bytes(b"gone")
        view.start()
        done(view)
        assert view.picture.message_card.isVisible()
        assert "safetensors" in view.picture.message_card.what.text().replace("\u200b", "")
        assert view.picture.map.found == {}
        assert list(places.studies().iterdir()) == []


def test_that_another_model_takes_the_results_away_and_the_first_brings_them_back(
    theme: Theme, model: Path, tmp_path: Path
) -> None:
    finished(model, "nf4")
    other = write_tensors(tmp_path / "other.safetensors", made_model(2))
    with view_of(theme) as (_page, view):
        wait_until(lambda: view.errors.count == 13)
        opened(view, other)
        assert view.picture.map.found == {}
        assert view.picture.map.grid.lines == ("0", "1")
        opened(view, model)
        assert view.errors.count == 13


# -- cells -------------------------------------------------------------------------------------------------------------


def test_that_cells_are_chosen_by_mouse_keys_and_table(theme: Theme, model: Path) -> None:
    finished(model, "nf4")
    with view_of(theme) as (_page, view):
        wait_until(lambda: view.errors.count == 13 and view.opened is not None)
        picture, cells = view.picture, view.picture.map
        point = cells.box_of((2, 1)).center()
        for kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease):
            button = Qt.MouseButton.LeftButton
            QApplication.sendEvent(
                cells,
                QMouseEvent(kind, QPointF(point), cells.mapToGlobal(point), button, button, Qt.KeyboardModifier(0)),
            )
        assert cells.place == (2, 1)
        assert picture.cell.text().startswith("Layer 2, o_proj: signal to noise ")
        assert "64 \u00d7 128 as BF16, 16 kB becomes 5 kB" in picture.cell.text()
        press(view, Qt.Key.Key_Right)
        assert cells.place == (2, 2)
        press(view, Qt.Key.Key_Down)
        press(view, Qt.Key.Key_Left)
        press(view, Qt.Key.Key_Left)
        press(view, Qt.Key.Key_Down)
        assert cells.place == (4, 0)
        assert picture.cell.text().startswith("embed_tokens: ")
        press(view, Qt.Key.Key_Up)
        press(view, Qt.Key.Key_Home)
        assert cells.place == (0, 0)
        assert cells.accessibleDescription() == picture.cell.text()
        picture.table.setCurrentIndex(picture.table.model().index(1, 0))
        chosen = view.errors.grid.cell(*cells.place)
        assert chosen is not None
        assert picture.table.rows[1].name in chosen.names


def test_that_every_cell_lies_where_it_is_hit(theme: Theme, model: Path) -> None:
    with view_of(theme) as (_page, view):
        opened(view, model)
        cells = view.picture.map
        outside = [(len(cells.grid.lines), column) for column in range(len(cells.grid.outside))]
        assert outside
        for place in [*cells.grid.cells, *outside]:
            assert cells.cell_at(cells.box_of(place).center()) == place
        assert cells.cell_at(QPointF(-5, -5)) is None


def test_that_figures_can_be_read_on_every_shade(theme: Theme, model: Path) -> None:
    finished(model, "nf4")
    with view_of(theme) as (_page, view):
        wait_until(lambda: view.errors.count == 13)
        for choice in ("light", "dark"):
            theme.choose(choice)  # type: ignore[arg-type]
            for share in np.linspace(0, 1, 21):
                ground = mixed(theme.color("heat.middle"), theme.color("heat.below"), float(share))
                assert contrast(ink_on(theme, ground), ground) >= 4.1
        theme.choose("light")


# -- odd models --------------------------------------------------------------------------------------------------------


def test_that_experts_odd_names_and_no_numbers_do_no_harm(theme: Theme, tmp_path: Path) -> None:
    made = {
        **{f"layers.0.experts.{expert}.w1.weight": fp32(np.eye(64)) for expert in range(6)},
        "layers.0.experts.gate_up_proj": fp32(np.random.default_rng(0).standard_normal((3, 8, 64))),
        LONG: fp32(np.eye(64)),
        "<b>bold</b>\u202e\u05d0.weight": fp32(np.eye(64)),
        "nan": fp32(np.full((4, 64), np.nan)),
    }
    path = write_tensors(tmp_path / f"{'y' * 100}.safetensors", made)
    with view_of(theme) as (page, view):
        opened(view, path)
        view.start()
        done(view)
        assert view.errors.count == 10
        place = view.errors.grid.find("layers.0.experts.3.w1.weight")
        assert place is not None
        view.picture.choose(place)
        assert "6 matrices of 64 \u00d7 64" in view.picture.cell.text()
        nan = view.errors.grid.find("nan")
        assert nan is not None
        view.picture.choose(nan)
        assert "infinities or NaN" in view.picture.cell.text()
        assert view.picture.map.shade(view.picture.map.found[nan]) is None
        in_every_look(theme, page)
        assert page.minimumSizeHint().width() < 1218


def test_that_a_cell_says_what_it_is_and_what_is_lost() -> None:
    assert cell_in_words("3", "q_proj", None, 1) == "Layer 3, q_proj: 1 matrix, not measured yet"


# -- files -------------------------------------------------------------------------------------------------------------


def test_that_everything_measured_is_exported(theme: Theme, model: Path, tmp_path: Path) -> None:
    finished(model, "nf4", "int8")
    said: list[str] = []
    with view_of(theme) as (_page, view):
        wait_until(lambda: view.errors.count == 13)
        view.message.connect(said.append)
        assert view.picture.export.isEnabled()
        out = tmp_path / "out.csv"
        view.picture.write_csv(out)
        with out.open(encoding="utf-8", newline="") as file:
            assert len(list(csv.DictReader(file))) == 26
        view.picture.write_csv(tmp_path / "nowhere" / "out.csv")
    assert said[0] == f"Written to {out}."
    assert "cannot be written" in said[1]


@pytest.mark.parametrize("width", [1100, 1366, 1920])
def test_that_it_fits_in_every_look(theme: Theme, model: Path, width: int) -> None:
    finished(model, "nf4", "fp4", "int8")
    with view_of(theme, width, 1016 if width > 1366 else 704) as (page, view):
        wait_until(lambda: view.errors.count == 13)
        in_every_look(theme, page)
        assert view.picture.table_card.isVisible()
