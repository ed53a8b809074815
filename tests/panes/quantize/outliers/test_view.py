"""The Outliers view: what was seen is drawn, the threshold is followed live, and products are worked out beside it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from tests.core.quantized.test_outliers import FEATURES, LAYERS, PAPER, TOKENS, about, states, weight, write_seen
from tests.panes.shown import forget, in_every_look, shown
from tests.qt_waits import wait_until
from tests.tensors import bf16, write_tensors
from workbench.bridge.tasks import wait_for_tasks
from workbench.core import places
from workbench.core.job.events import Ended, Started
from workbench.core.job.journal import JournalWriter
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import ActivationsSeen, OutliersRequest
from workbench.core.quantized.outliers import FILE, THRESHOLDS, Linear, Magnitudes, Site, nearest_step, writing
from workbench.numerics.llm_int8 import Product
from workbench.panes.look.theme import Theme
from workbench.panes.quantize.outliers.map import OutlierMap
from workbench.panes.quantize.outliers.matrices import Shapes, in_words, what_goes
from workbench.panes.quantize.outliers.view import OutliersView
from workbench.panes.quantize.outliers.words import magnitude, threshold_in_words
from workbench.panes.quantize.page import QuantizePage


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A file with the weight of each layer."""
    tensors = {f"layers.{layer}.q.weight": bf16(weight() + layer) for layer in range(LAYERS)}
    return write_tensors(tmp_path / "model.safetensors", tensors)


def finished(model: Path, threshold: float = 6.0) -> RunFolder:
    """A study that is over, as the engine leaves it."""
    run = create_study(OutliersRequest(model=str(model), threshold=threshold))
    write_seen(run.path)
    tell_end(run)
    return run


def tell_end(run: RunFolder) -> None:
    journal = JournalWriter(run.journal)
    journal.write(Started(attempt=1, pid=1, versions={}))
    journal.write(ActivationsSeen(file=FILE, tokens=TOKENS, layers=LAYERS, features=FEATURES))
    journal.write(Ended(state="finished"))
    journal.close()


@contextmanager
def view_of(theme: Theme, width: int = 1366, height: int = 704) -> Iterator[tuple[QuantizePage, OutliersView]]:
    page = QuantizePage(theme)
    try:
        with shown(page, width, height):
            page.show_view("outliers")
            view = page.view
            assert isinstance(view, OutliersView)
            assert wait_for_tasks(60)
            yield page, view
            page.window_closes()
    finally:
        assert wait_for_tasks(60)
        forget(page)


def settle(view: OutliersView) -> None:
    """Until all errors of the product are known at the threshold, or why they are not."""
    wait_until(lambda: view.seen is not None)
    wait_until(lambda: len(view.products.errors) == 6 or view.products.error is not None)


def test_that_a_view_without_a_study_says_what_will_be_there(theme: Theme) -> None:
    with view_of(theme) as (_page, view):
        assert view.cards.map.words.startswith("Read the text")
        assert view.cards.table.empty_words == "Nothing has been read yet."
        assert not view.fields.site.isEnabled()
        assert not view.fields.start.isEnabled()  # no model is kept
        assert view.fields.value.text() == "6.0"
        view.start()
        assert view.cards.message_card.what.text() == "No model is chosen."


def test_that_a_finished_study_is_shown_with_its_threshold(theme: Theme, model: Path) -> None:
    finished(model, threshold=20.0)
    with view_of(theme) as (_page, view):
        settle(view)
        assert view.fields.model.path == model
        assert view.fields.value.text() == "20.0"
        assert view.cards.table_card.title.text() == "Features that reach 20.0"
        assert [feature.number for feature in view.cards.features.rows] == [3]
        assert view.fields.source.fact.text() == f"{TOKENS} tokens read"
        assert (view.cards.map.layer, view.cards.map.feature) == (0, 3)  # where it is largest
        assert (
            view.cards.cell.whole
            == "Layer 0, feature 3: 20.5 at token 0, \u201c\u2068t0\u2069\u201d; 20 of 40 tokens reach 20.0 here"
        )


def test_that_the_slider_changes_what_passes_at_once_and_the_product_when_it_rests(theme: Theme, model: Path) -> None:
    finished(model)
    with view_of(theme) as (_page, view):
        settle(view)
        at_paper = view.products.errors
        assert view.products.columns == (3,)
        assert at_paper[Product.LLM_INT8] < min(at_paper[Product.ABSMAX], at_paper[Product.ABSMAX_VECTOR])
        assert view.cards.rule.whole == "By the paper\u2019s shares: 1 at 6.0 (3)"
        view.fields.slider.setValue(len(THRESHOLDS) - 1)
        assert view.cards.features.rows == ()
        assert view.cards.table.empty_words.startswith("No feature reaches 100 here: the largest magnitude is 20.5.")
        assert view.products.columns == ()
        assert "no input column reaches 100" in view.cards.matrices_card.scope.whole
        assert Product.LLM_INT8 not in view.products.errors
        settle(view)
        without = view.products.errors
        assert without[Product.LLM_INT8] == pytest.approx(without[Product.ABSMAX_VECTOR])
        view.fields.slider.setValue(0)
        assert len(view.cards.features.rows) == FEATURES
        assert view.cards.rule.whole == f"By the paper\u2019s shares: {FEATURES} at 0.5, 1 at 6.0 (3)"
        settle(view)
        assert "columns in 16 bits" in view.cards.errors.accessibleName()
        assert not view.fields.back.isHidden()
        view.fields.back.click()
        assert view.fields.step == PAPER
        settle(view)
        assert view.products.errors == at_paper


def test_that_a_layer_can_be_chosen_in_the_form_the_map_and_the_table(theme: Theme, model: Path) -> None:
    finished(model)
    with view_of(theme) as (_page, view):
        settle(view)
        view.fields.layer.setValue(2)
        assert view.products.place is not None
        assert (view.products.place.layer, view.cards.map.layer) == (2, 2)
        view.cards.map.keyPressEvent(_key(Qt.Key.Key_Down))
        view.cards.map.keyPressEvent(_key(Qt.Key.Key_Down))  # the last layer stays
        assert (view.fields.layer.value(), view.products.place.layer) == (3, 3)
        row = [feature.number for feature in view.cards.features.rows].index(7)
        view.cards.table.setCurrentIndex(view.cards.features.index(row, 0))
        assert (view.cards.map.layer, view.cards.map.feature) == (1, 7)
        assert view.fields.layer.value() == 1
        settle(view)
        assert view.cards.product_card.scope.whole == "layer 1, q_proj"


def test_that_another_site_is_read_when_it_is_chosen(theme: Theme, model: Path) -> None:
    run = create_study(OutliersRequest(model=str(model)))
    first = about().sites[0]
    linears = tuple((Linear(name="down_proj", rows=7), Linear(name="other", rows=8)) for _ in range(LAYERS))
    second = Site(key="middle", title="MLP middle", features=FEATURES, linears=linears)
    with writing(run.path / FILE) as writer:
        for layer, values in enumerate(states()):
            writer.add("attention", layer, values, 16)
            writer.add("middle", layer, values * np.float32(2), 16)
        writer.finish(about(sites=(first, second)))
    tell_end(run)
    with view_of(theme) as (_page, view):
        settle(view)
        assert [view.fields.site.itemText(row) for row in range(2)] == ["Attention input", "MLP middle"]
        view.fields.site.setCurrentIndex(1)
        view.fields.site.activated.emit(1)
        wait_until(lambda: view.magnitudes is not None and view.magnitudes.site.key == "middle")
        assert view.magnitudes is not None
        assert view.magnitudes.top == 41.0
        assert [view.fields.linear.itemText(row) for row in range(2)] == ["down_proj", "other"]
        wait_until(lambda: view.products.error is not None)
        assert "is not stored by itself" in view.cards.matrices.words


def test_that_a_model_that_was_deleted_is_a_sentence_where_the_product_was(theme: Theme, model: Path) -> None:
    finished(model)
    model.unlink()
    with view_of(theme) as (_page, view):
        settle(view)
        assert "There is nothing at" in view.cards.matrices.words
        assert view.products.errors == {}
        assert len(view.cards.features.rows) == 2


def test_that_a_study_whose_file_is_gone_is_a_sentence(theme: Theme, model: Path) -> None:
    run = finished(model)
    (run.path / FILE).unlink()
    with view_of(theme) as (_page, view):
        wait_until(view.cards.message_card.isVisible)
        assert view.cards.message_card.what.text() == "What the model made of the text is gone."
        assert view.seen is None


def test_that_the_map_finds_cells_and_zooms(theme: Theme, model: Path) -> None:
    finished(model)
    with view_of(theme) as (_page, view):
        settle(view)
        shown_map = view.cards.map
        assert shown_map.is_whole
        assert set(cells_of(shown_map, 5)) == {
            (layer, feature) for layer in range(LAYERS) for feature in range(FEATURES)
        }
        assert shown_map.cell_at(QPointF(0, 0)) is None
        assert shown_map.is_closest  # 24 features are broad already
        shown_map.keyPressEvent(_key(Qt.Key.Key_Plus))
        assert shown_map.is_whole


def test_that_of_features_that_share_a_pixel_the_largest_is_found(theme: Theme) -> None:
    features, layers = 4000, 3
    largest = np.random.default_rng(0).random((layers, features), dtype=np.float32)
    largest[1, 2345] = 50
    counts = np.zeros((len(THRESHOLDS), layers, features), dtype=np.uint16)
    site = Site(key="middle", title="Middle", features=features, linears=((),) * layers)
    shown_map = OutlierMap(theme)
    shown_map.resize(420, 96)
    shown_map.show()
    shown_map.show_seen(Magnitudes(site, TOKENS, largest, np.zeros((layers, features), dtype=np.uint16), counts))
    assert shown_map.is_whole
    met = cells_of(shown_map)
    assert {layer for layer, _ in met} == {0, 1, 2}
    assert (1, 2345) in met
    assert len({feature for layer, feature in met if layer == 1}) < 420
    assert [feature for layer, feature in met if layer == 1] == sorted(feature for layer, feature in met if layer == 1)
    assert np.mean([largest[cell] for cell in met]) > 0.85, "of ten between 0 and 1 the largest is 0.91 on average"
    shown_map.choose(1, 2345)
    shown_map.zoom_by(1)
    assert not shown_map.is_whole
    assert 2345 in shown_map.in_sight
    shown_map.keyPressEvent(_key(Qt.Key.Key_0))
    assert shown_map.is_whole
    forget(shown_map)


def cells_of(shown_map: OutlierMap, step: int = 1) -> list[tuple[int, int]]:
    """The cells that the pointer meets in the middle of every `step`th pixel, line by line, each once."""
    width, height = shown_map.viewport().width(), shown_map.viewport().height()
    points = (QPointF(x + 0.5, y + 0.5) for y in range(0, height, step) for x in range(0, width, step))
    return list(dict.fromkeys(cell for point in points if (cell := shown_map.cell_at(point)) is not None))


@pytest.mark.slow
def test_that_it_is_drawn_in_every_look_and_width(theme: Theme, model: Path) -> None:
    with view_of(theme) as (page, _view):
        in_every_look(theme, page)
    finished(model)
    with view_of(theme) as (page, view):
        settle(view)
        in_every_look(theme, page)
    with view_of(theme, 1920, 1016) as (page, view):
        settle(view)
        assert view.is_wide
        in_every_look(theme, page)


@pytest.mark.slow
def test_that_a_model_reads_a_text_and_a_cancel_leaves_nothing(
    theme: Theme, tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    text = tmp_path / "words.txt"
    text.write_text("The cat sat on the mat.\n" * 10, encoding="utf-8")
    with view_of(theme) as (_page, view):
        view.fields.model.open(tiny_model("llama"))
        view.fields.text.show_path(str(text))
        view.fields.start.click()
        assert view.fields.cancel.isVisible()
        assert not view.fields.start.isVisible()
        wait_until(lambda: view.form.action_bar.facts.text().startswith("Starting PyTorch"))
        view.fields.cancel.click()
        wait_until(lambda: view.form.action_bar.facts.text() == "Cancelled; nothing was kept")
        assert list(places.studies().iterdir()) == []
        view.fields.start.click()
        wait_until(lambda: view.seen is not None, 60)
        settle(view)
        assert len(view.products.errors) == 6
        wait_until(view.fields.start.isVisible)  # the process ends a moment after what it found
        assert [view.fields.linear.itemText(row) for row in range(3)] == ["q_proj", "k_proj", "v_proj"]
        text.write_text(" ", encoding="utf-8")
        view.fields.start.click()
        wait_until(view.cards.message_card.isVisible)
        assert "is empty" in view.cards.message_card.what.text()
        assert view.seen is not None  # what was read before stays
        assert len(list(places.studies().iterdir())) == 1


def test_that_a_files_name_is_no_html(theme: Theme) -> None:
    with view_of(theme) as (_page, view):
        view.fields.text.show_path("/a/<b>bold</b>.txt")
        assert view.fields.text.path == "/a/<b>bold</b>.txt"
        assert "<b>" not in view.fields.text.toolTip()


def test_that_thresholds_and_magnitudes_have_the_digits_that_are_said() -> None:
    assert [threshold_in_words(nearest_step(value)) for value in (0.55, 0.5, 3.25, 6, 12, 32.5, 100)] == [
        "0.55",
        "0.5",
        "3.25",
        "6.0",
        "12.0",
        "32.5",
        "100",
    ]
    assert [magnitude(value) for value in (3024.2, 11.34, 0.0842, 0.0)] == ["3\u2009024", "11.3", "0.084", "0"]


def test_that_the_two_products_are_told_with_their_shapes() -> None:
    shapes = Shapes(128, 576, 1536, (3, 9), PAPER)
    assert in_words(shapes) == (
        "Input 128 by 576, weight 576 by 1536: in INT8 128 by 574 times 574 by 1536, "
        "plus in 16 bits 128 by 2 times 2 by 1536"
    )
    assert what_goes(shapes) == ""
    assert what_goes(Shapes(8, 2, 4, (0, 1), PAPER)) == "every input column reaches 6.0: none of it in INT8"


def _key(key: Qt.Key) -> QKeyEvent:
    return QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
