"""A real weight: a model is opened, a tensor seen, a weight taken apart."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMessageLogContext, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.panes.shown import OF_THE_PLATFORM, forget
from tests.tensors import bf16, fp32, write_model, write_tensors
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.bits.state import BitsState
from workbench.numerics.codebook import Codebook
from workbench.numerics.integer_format import IntegerFormat
from workbench.panes.bits.shown.model import BitsModel
from workbench.panes.bits.weight.weight import WeightView
from workbench.panes.look.theme import Theme
from workbench.panes.parts.tensor_list import name_parts

LONG = "model.layers.0." + "long_" * 37 + "name"
HTML = "<b>bold</b> <img src=x>"
VALUES = np.array([[0.25, -0.5, 1.0, 0.0], [2.0, -2.0, 0.125, 4.0]])
QUERY = "model.layers.0.self_attn.q_proj.weight"


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    return write_model(
        tmp_path / "m",
        {
            "a.safetensors": {QUERY: bf16(VALUES), LONG: fp32([[1.0]]), HTML: fp32([1.0])},
            "b.safetensors": {"empty": fp32([]), "model.norm.weight": bf16(np.ones(100))},
        },
    )


@contextmanager
def shown_view(theme: Theme, width: int = 1186, height: int = 620) -> Iterator[tuple[WeightView, BitsModel]]:
    """The view in a window; a Qt warning meanwhile fails the test."""
    said: list[str] = []

    def note(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        said.append(text)

    before = qInstallMessageHandler(note)
    model = BitsModel()
    view = WeightView(theme, model)
    view.resize(width, height)
    try:
        view.show()
        settle()
        yield view, model
    finally:
        settle()
        view.close()
        forget(view)
        qInstallMessageHandler(before)
    assert not [text for text in said if OF_THE_PLATFORM not in text]


def settle() -> None:
    for _ in range(3):  # a list of tensors asks for a picture, a picture for a weight
        assert wait_for_tasks(60)
        QApplication.processEvents()


def pick(view: WeightView, name: str) -> None:
    row = [tensor.name for tensor in view.source.list.tensors].index(name)
    view.source.list.setCurrentIndex(view.source.list.model().index(row, 0))
    settle()


def test_that_without_a_model_it_says_what_to_do(theme: Theme) -> None:
    with shown_view(theme) as (view, _model):
        assert view.notice.isVisible()
        assert "find a folder" in view.notice.text()
        assert not view.card.open.isEnabled()
        assert not view.closer.isEnabled()


def test_that_a_model_kept_at_home_is_opened_by_itself(theme: Theme, home: Path) -> None:
    (home / "models").mkdir(parents=True)
    write_model(home / "models" / "mine", {"a.safetensors": {QUERY: bf16(VALUES)}})
    with shown_view(theme) as (view, _model):
        assert view.source.models.choice.currentText() == "mine"
        assert view.map.tensor is not None
        assert view.map.tensor.name == QUERY
        assert view.card.weight is not None
        assert view.card.weight.place == 0


def test_that_a_weight_shows_its_bits_and_what_would_become_of_it(theme: Theme, model_folder: Path) -> None:
    with shown_view(theme) as (view, _model):
        view.open_source(model_folder)
        settle()
        view.map.choose(6)
        settle()
        assert view.card.scope.text() == "[1, 2]"
        assert view.card.stored.text() == "Stored as BF16, hex 3E00"
        assert view.card.value.text() == "0.125"
        int8, nf4, fp4 = view.card.rows.values()
        assert int8.scope.whole == "row of 4, absmax 4"
        assert nf4.scope.whole == "block of 8, absmax 4"
        assert int8.value.text() == "0.125984252"
        assert nf4.error.text().startswith("Error -1.25e-1, 100 %")
        assert fp4.value.isVisible()
        assert int8.levels.isVisible()


def test_that_open_in_bits_puts_the_value_and_the_scales_into_the_model(theme: Theme, model_folder: Path) -> None:
    with shown_view(theme) as (view, model):
        closed: list[bool] = []
        view.closed.connect(lambda: closed.append(True))
        before = model.state().formats
        view.open_source(model_folder)
        settle()
        view.map.choose(6)
        settle()
        QTest.mouseClick(view.card.open, Qt.MouseButton.LeftButton)
        assert closed
        assert model.text == "0.125"
        formats = {format_.name: format_ for format_ in model.formats}
        int8, nf4, fp4 = formats["INT8"], formats["NF4"], formats["FP4 (bitsandbytes)"]
        assert isinstance(int8, IntegerFormat)
        assert isinstance(nf4, Codebook)
        assert isinstance(fp4, Codebook)
        assert (int8.scale * 127, nf4.absmax, fp4.absmax) == (4, 4, 4)
        assert model.row.format.name == "BF16"
        assert [format_.name for format_ in before] == [format_.name for format_ in model.formats][: len(before)]
        again = {format_.name: format_ for format_ in BitsState.from_text(model.state().to_text()).formats}
        assert [again[made.name].value_at(3) for made in (int8, nf4, fp4)] == [
            made.value_at(3) for made in (int8, nf4, fp4)
        ]


def test_that_the_filter_keeps_what_has_all_its_words(theme: Theme, model_folder: Path) -> None:
    with shown_view(theme) as (view, _model):
        view.open_source(model_folder)
        settle()
        QTest.keyClicks(view.source.filter, "LAYERS q_proj bf16")
        assert [tensor.name for tensor in view.source.list.tensors] == [QUERY]
        assert view.source.count.whole == "1 of 5 tensors"
        assert view.source.list.chosen is not None
        QTest.keyClicks(view.source.filter, " nothing")
        assert not view.source.list.tensors
        assert view.map.tensor is not None
        view.source.filter.clear()
        assert view.source.list.chosen is not None


def test_that_empty_tensors_and_long_and_strange_names_are_shown(theme: Theme, model_folder: Path) -> None:
    with shown_view(theme) as (view, _model):
        view.open_source(model_folder)
        settle()
        pick(view, "empty")
        assert "empty" in view.notice.text()
        assert view.card.weight is None
        for name in (LONG, HTML, "model.norm.weight"):
            pick(view, name)
            assert view.map.isVisible()
            assert view.name.whole == name
        assert view.sight.whole.startswith("All 2 lines of 64")
        tip = view.source.list.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
        assert "&lt;b&gt;" in tip
        assert not view.grab().isNull()


def test_that_what_cannot_be_opened_is_a_sentence_below_the_model(theme: Theme, tmp_path: Path) -> None:
    (tmp_path / "broken.safetensors").write_bytes(b"\xff" * 40)
    with shown_view(theme) as (view, _model):
        view.open_source(tmp_path / "broken.safetensors")
        settle()
        assert "not a safetensors file" in view.source.models.problem.text()
        assert view.source.models.problem.isVisible()
        view.open_source(write_tensors(tmp_path / "whole.safetensors", {"w": fp32([[1.0]])}))
        settle()
        assert not view.source.models.problem.isVisible()
        assert view.map.isVisible()


def test_that_a_file_that_changes_is_told_once_it_is_looked_at(theme: Theme, tmp_path: Path) -> None:
    path = write_tensors(tmp_path / "w.safetensors", {"w": fp32(np.arange(100_000).reshape(250, 400))})
    with shown_view(theme) as (view, _model):
        view.open_source(path)
        settle()
        with path.open("r+b") as file:
            file.truncate(1000)
        view.map.choose(99_999)
        settle()
        assert "changed since it was opened" in view.source.models.problem.text()
        assert view.notice.isVisible()


@pytest.mark.slow
def test_that_it_is_drawn_in_every_look_and_width(theme: Theme, model_folder: Path) -> None:
    with shown_view(theme) as (view, _model):
        view.open_source(model_folder)
        settle()
        for choice, projector, width in (("dark", False, 860), ("light", True, 1130), ("light", False, 1700)):
            theme.projector = projector
            theme.choose(choice)  # type: ignore[arg-type]
            view.resize(width, 606)
            settle()
            assert not view.grab().isNull()
            assert view.minimumSizeHint().height() <= 606
            assert view.minimumSizeHint().width() <= width


def test_that_a_name_is_parted_where_its_block_ends() -> None:
    assert name_parts(QUERY) == ("self_attn.q_proj.weight", "layers.0")
    assert name_parts("model.norm.weight") == ("model.norm.weight", "")
    assert name_parts("h.3.4") == ("4", "h.3")
    assert name_parts("7") == ("7", "")
