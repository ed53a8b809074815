"""A layer as quantization sees it: real files, real widgets, and the words that stand beside them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QMessageLogContext, QPoint, QPointF, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from tests.panes.shown import forget
from tests.tensors import Made, bf16, fp32, write_model, write_sparse, write_tensors
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.model.stored_tensor import open_tensors
from workbench.numerics.quantization_scheme import SCHEMES
from workbench.panes.look.theme import Theme
from workbench.panes.quantize.layer.errors import BITS, LARGEST, MEAN, SNR
from workbench.panes.quantize.layer.tensors import in_order, short_name
from workbench.panes.quantize.layer.view import LayerView

# Said by the offscreen platform of windows with a least size, and of menus.
OF_THE_PLATFORM = "This plugin does not support"
NF4 = SCHEMES["nf4"]
GATE = "model.layers.0.mlp.gate_proj.weight"
ROWS, COLUMNS = 96, 128


def weights(rows: int = ROWS, columns: int = COLUMNS, seed: int = 0) -> NDArray[np.float32]:
    made = np.random.default_rng(seed).normal(size=(rows, columns)) * 0.05
    return (made.astype("<f4").view("<u4") & 0xFFFF0000).view("<f4")


def with_outlier() -> NDArray[np.float32]:
    values = weights()
    values[:, 31] *= 8
    return values


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    return write_model(
        tmp_path / "m",
        {
            "a.safetensors": {
                GATE: bf16(with_outlier()),
                "model.layers.0.self_attn.q_proj.weight": bf16(weights(64, 64, 1)),
                "model.layers.10.mlp.up_proj.weight": bf16(weights(64, 64, 2)),
                "model.layers.2.mlp.up_proj.weight": bf16(weights(64, 64, 3)),
                "model.norm.weight": bf16(np.ones(64)),
                "model.embed_tokens.weight": bf16(weights(40, 64, 4)),
            }
        },
    )


@contextmanager
def shown_view(theme: Theme, width: int = 1218, height: int = 652) -> Iterator[LayerView]:
    """The view beside its form; a Qt warning meanwhile fails the test."""
    said: list[str] = []

    def note(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        said.append(text)

    before = qInstallMessageHandler(note)
    window = QWidget()
    view = LayerView(theme)
    line = QHBoxLayout(window)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(0)
    line.addWidget(view.form)
    line.addWidget(view, 1)
    window.resize(width, height)
    try:
        window.show()
        settle()
        yield view
    finally:
        settle()
        window.close()
        forget(window)
        qInstallMessageHandler(before)
    assert not [text for text in said if OF_THE_PLATFORM not in text]


def settle() -> None:
    for _ in range(5):  # a list asks for a study, a study for a block; a large one for its rest
        assert wait_for_tasks(60)
        QApplication.processEvents()


def opened(view: LayerView, path: Path, name: str = "") -> LayerView:
    view.open_source(path)
    settle()
    if name:
        row = [tensor.name for tensor in view.tensors.list.tensors].index(name)
        view.tensors.list.setCurrentIndex(view.tensors.list.model().index(row, 0))
        settle()
    return view


def open_one(view: LayerView, folder: Path, made: Made, name: str = "w.weight") -> LayerView:
    return opened(view, write_tensors(folder / "one.safetensors", {name: made}))


# -- what it shows -----------------------------------------------------------------------------------------------------


def test_that_it_says_what_to_do_where_no_model_is_kept(theme: Theme, home: Path, cache: Path) -> None:
    with shown_view(theme) as view:
        assert "find a folder" in view.histogram_card.histogram.notice
        view.shown_first()
        settle()
        assert "No model is kept" in view.histogram_card.histogram.notice
        assert not view.grab().isNull()


def test_that_a_kept_model_is_opened_and_its_linear_layers_come_first(
    theme: Theme, home: Path, cache: Path, model_folder: Path
) -> None:
    (home / "models").mkdir(parents=True, exist_ok=True)
    model_folder.rename(home / "models" / "mine")
    with shown_view(theme) as view:
        view.shown_first()
        settle()
        names = [short_name(tensor.name) for tensor in view.tensors.list.tensors]
        assert names == [
            "0.self_attn.q_proj",
            "0.mlp.gate_proj",
            "2.mlp.up_proj",
            "10.mlp.up_proj",
            "model.embed_tokens",
            "model.norm",
        ]
        assert view.tensors.fact.text() == "4 linear layers"
        assert view.tensors.list.chosen is not None
        assert view.tensors.list.chosen.name == GATE
        assert view.histogram_card.histogram.study is not None


def test_that_the_heads_say_what_is_seen(theme: Theme, model_folder: Path) -> None:
    with shown_view(theme) as view:
        opened(view, model_folder)
        assert view.histogram_card.title.text() == "Weights and the 16 levels of NF4"
        assert view.histogram_card.scope.whole == "each weight divided by the absmax of its block of 64"
        assert view.map_card.scope.whole == "192 blocks"
        assert view.map_card.legend.standing == "column 31 stands out"
        assert "6 robust deviations" in view.map_card.rule.text()
        assert view.block_card.scope.whole.startswith("block ")
        assert "of 192: weights 1 to " in view.block_card.scope.whole
        assert "two to a byte" in view.block_card.scope.whole


def test_that_the_table_has_what_the_command_measures(theme: Theme, model_folder: Path) -> None:
    from workbench.core.quantized.tensor import measure

    with shown_view(theme) as view:
        opened(view, model_folder)
        assert [row.scheme.name for row in view.errors.rows] == ["int8", "nf4", "nf4", "fp4", "int4"]
        tensor = view.tensors.list.chosen
        assert tensor is not None
        facts = measure(tensor, [row.scheme for row in view.errors.rows])
        for place, fact in enumerate(facts):
            assert fact.measures is not None
            assert view.errors.text(place, BITS) == f"{fact.bits_per_weight:.3f}"
            assert float(view.errors.text(place, MEAN)) == pytest.approx(fact.measures.mean_abs_error, rel=1e-2)
            assert float(view.errors.text(place, LARGEST)) == pytest.approx(fact.measures.max_abs_error, rel=1e-2)
            assert view.errors.text(place, SNR) == f"{fact.measures.snr_db:.1f}"
        assert view.errors.currentIndex().row() == 1


def test_that_a_block_is_open_down_to_its_bytes(theme: Theme, model_folder: Path) -> None:
    values = with_outlier()
    whole = SCHEMES["nf4"].quantizer.quantize(values, 64)
    with shown_view(theme) as view:
        opened(view, model_folder)
        view.map_card.map.setFocus()
        QTest.keyClick(view.map_card.map, Qt.Key.Key_Home)
        QTest.keyClick(view.map_card.map, Qt.Key.Key_Right)
        settle()
        assert view.block_card.bytes.opened is not None
        assert view.block_card.bytes.opened.index == 1
        assert bytes(view.block_card.bytes.opened.packed) == bytes(whole.packed()[32:64])
        first, stored = view.block_card.bytes.pairs(0)[0]
        assert first == whole.restored()[64]
        assert stored == values.reshape(-1)[64]
        assert f"0x{whole.packed()[32]:02X}" in view.block_card.bytes.accessibleDescription()
        assert view.block_card.sentence.text() == (
            "32 bytes of indices and 4 bytes of absmax: 36 bytes for 64 weights, <b>4.5 bits each</b>."
        )


def test_that_double_quantization_shows_its_second_level(theme: Theme, model_folder: Path) -> None:
    with shown_view(theme) as view:
        opened(view, model_folder)
        assert [link.name for link in view.block_card.chain.links] == ["absmax of the block", "FP32, 4 bytes"]
        QTest.mouseClick(view.formats.double_quant, Qt.MouseButton.LeftButton)
        settle()
        assert view.formats.scheme.double_quant
        assert view.block_card.sentence.text() == (
            "32 bytes of indices, 1 byte of scale, and a 256th of 4 bytes for the scale of scales: "
            "33.02 bytes for 64 weights, <b>4.127 bits each</b>."
        )
        links = {link.name: link.value for link in view.block_card.chain.links}
        assert list(links)[1:5] == ["8-bit code", "its level", "scale of 256 absmax", "mean of all absmax"]
        level, scale, mean, again = (
            float(links[name].replace("\u2212", "-"))
            for name in ("its level", "scale of 256 absmax", "mean of all absmax", "absmax again")
        )
        assert level * scale + mean == pytest.approx(again, rel=1e-2)
        assert view.errors.currentIndex().row() == 2
        assert view.formats.saving.text() == "4.5 to 4.127 bits"


def test_that_the_slider_changes_the_blocks_of_every_format_that_has_them(theme: Theme, model_folder: Path) -> None:
    with shown_view(theme) as view:
        opened(view, model_folder)
        view.formats.blocks.setFocus()
        QTest.keyClick(view.formats.blocks, Qt.Key.Key_Home)
        settle()
        assert view.formats.size_label.text() == "32"
        assert view.map_card.scope.whole == "384 blocks"
        assert [row.scheme.block_size for row in view.errors.rows] == [0, 32, 32, 32, 32]
        fine = float(view.errors.text(1, MEAN))
        QTest.keyClick(view.formats.blocks, Qt.Key.Key_End)
        settle()
        assert view.map_card.scope.whole == "3 blocks"
        assert float(view.errors.text(1, MEAN)) > fine
        assert view.errors.text(1, BITS) == "4.008"


def test_that_a_row_of_the_table_chooses_the_format(theme: Theme, model_folder: Path) -> None:
    with shown_view(theme) as view:
        opened(view, model_folder)
        view.errors.setFocus()
        view.errors.setCurrentIndex(view.errors.model().index(3, 0))
        settle()
        assert view.formats.format.currentData() == "fp4"
        assert view.histogram_card.title.text() == "Weights and the 15 levels of FP4"


@pytest.mark.parametrize(
    ("name", "title", "scope", "card"),
    [
        ("int8", "255 levels of INT8", "absmax of its row", "One row"),
        ("int8-absmax", "255 levels of INT8", "absmax of the tensor", "The tensor"),
        ("int8-zeropoint", "256 levels of INT8 zero point", "before it is rounded", "The tensor"),
        ("int8-zeropoint-row", "256 levels of INT8 zero point", "scale of its row", "One row"),
        ("int4", "15 levels of INT4 absmax", "block of 64", "One block"),
        ("mxfp4", "15 levels of MXFP4", "scale of its block of 32", "One block"),
        ("nvfp4", "15 levels of NVFP4", "scale of its block of 16", "One block"),
    ],
)
def test_that_every_format_can_be_chosen(
    theme: Theme, model_folder: Path, name: str, title: str, scope: str, card: str
) -> None:
    with shown_view(theme) as view:
        opened(view, model_folder)
        view.formats.format.setCurrentIndex(view.formats.format.findData(name))
        view.formats.format.activated.emit(view.formats.format.currentIndex())
        settle()
        assert view.histogram_card.title.text() == f"Weights and the {title}"
        assert scope in view.histogram_card.scope.whole
        assert view.block_card.title.text() == f"{card}, down to its bytes"
        assert view.formats.blocks.isEnabled() == (name == "int4")
        assert any(row.scheme.name == name and row.facts for row in view.errors.rows)
        assert view.block_card.chain.links
        assert view.block_card.bytes.opened is not None
        assert (
            f"{view.block_card.bytes.opened.bits_per_weight:.3f}".rstrip("0").rstrip(".") + " bits each"
            in view.block_card.sentence.text()
        )
        assert not view.grab().isNull()


# -- hands -------------------------------------------------------------------------------------------------------------


def test_that_a_level_is_told_by_pointer_and_by_arrows(theme: Theme, model_folder: Path) -> None:
    with shown_view(theme) as view:
        opened(view, model_folder)
        hist = view.histogram_card.histogram
        study = hist.study
        assert study is not None
        x = next(x for x in range(hist.width()) if hist.place_at(x) == 10)
        QTest.mouseMove(hist, QPoint(x + 2, hist.height() // 2))
        QApplication.processEvents()
        hist.setFocus(Qt.FocusReason.TabFocusReason)
        hist.choose(10)
        share = study.taken[10] / study.tensor.numbers
        assert view.histogram_card.scope.whole == (
            f"level 10 is 0.2461: 0.204 to 0.292 goes to it, {share:.2%} of the weights"
        )
        QTest.keyClick(hist, Qt.Key.Key_Right)
        assert view.histogram_card.scope.whole.startswith("level 11")
        assert hist.accessibleDescription() == view.histogram_card.scope.whole
        QTest.keyClick(hist, Qt.Key.Key_End)
        assert "above" in view.histogram_card.scope.whole
        QTest.keyClick(hist, Qt.Key.Key_Escape)
        assert view.histogram_card.scope.whole.startswith("each weight")


def test_that_a_click_on_the_map_opens_the_block_that_is_shown_there(theme: Theme, model_folder: Path) -> None:
    with shown_view(theme) as view:
        opened(view, model_folder)
        at = QPointF(view.map_card.map.width() * 0.75, 3)
        wanted = view.map_card.map.cell_at(at)
        assert wanted is not None
        QTest.mouseClick(view.map_card.map, Qt.MouseButton.LeftButton, pos=at.toPoint())
        settle()
        assert view.block_card.bytes.opened is not None
        assert view.block_card.bytes.opened.index == wanted
        assert view.map_card.map.index == wanted
        assert f"Block {wanted + 1} of 192, from [" in view.map_card.map.accessibleDescription()
        assert view.map_card.map.mark().contains(at)


def test_that_all_bytes_of_a_block_can_be_turned_to(theme: Theme, model_folder: Path) -> None:
    with shown_view(theme) as view:
        opened(view, model_folder)
        seen = set(view.block_card.bytes.shown)
        assert not view.block_card.before.isEnabled()
        while view.block_card.after.isEnabled():
            QTest.mouseClick(view.block_card.after, Qt.MouseButton.LeftButton)
            seen |= set(view.block_card.bytes.shown)
        assert seen == set(range(32))
        view.block_card.bytes.setFocus()
        QTest.keyClick(view.block_card.bytes, Qt.Key.Key_Home)
        assert view.block_card.bytes.shown.start == 0
        QTest.keyClick(view.block_card.bytes, Qt.Key.Key_PageDown)
        assert view.block_card.bytes.shown.start > 0
        assert f"weights {view.block_card.bytes.weights.start + 1} to" in view.block_card.scope.whole


def test_that_the_bounds_and_the_compared_formats_can_be_switched(theme: Theme, model_folder: Path) -> None:
    with shown_view(theme) as view:
        opened(view, model_folder)
        before = view.histogram_card.histogram.grab().toImage()
        QTest.mouseClick(view.shown.bands, Qt.MouseButton.LeftButton)
        assert not view.histogram_card.histogram.has_bands
        assert view.histogram_card.histogram.grab().toImage() != before
        compare = view.shown.compare
        assert compare.text() == "5 formats"
        compare.actions_by_scheme[SCHEMES["mxfp4"]].trigger()
        compare.actions_by_scheme[NF4].trigger()
        settle()
        assert compare.text() == "5 formats"
        names = [row.scheme.name for row in view.errors.rows]
        assert names == ["int8", "nf4", "nf4", "fp4", "int4", "mxfp4"]  # the chosen one stays
        assert view.errors.rows[view.errors.currentIndex().row()].scheme == NF4
        assert all(row.facts for row in view.errors.rows)


def test_that_the_list_of_formats_stays_open_while_they_are_ticked(theme: Theme, model_folder: Path) -> None:
    with shown_view(theme) as view:
        compare = view.shown.compare
        compare.click()
        action = compare.actions_by_scheme[SCHEMES["nvfp4"]]
        QTest.mouseClick(compare.list, Qt.MouseButton.LeftButton, pos=compare.list.actionGeometry(action).center())
        assert action.isChecked()
        assert compare.list.isVisible()
        compare.list.setActiveAction(action)
        QTest.keyClick(compare.list, Qt.Key.Key_Space)
        assert not action.isChecked()
        QTest.keyClick(compare.list, Qt.Key.Key_Escape)
        assert not compare.list.isVisible()


def test_that_the_filter_finds_any_tensor(theme: Theme, model_folder: Path) -> None:
    with shown_view(theme) as view:
        opened(view, model_folder)
        QTest.keyClicks(view.tensors.filter, "norm")
        assert [tensor.name for tensor in view.tensors.list.tensors] == ["model.norm.weight"]
        assert view.tensors.fact.text() == "1 of 6 tensors"
        view.tensors.list.setCurrentIndex(view.tensors.list.model().index(0, 0))
        settle()
        assert view.histogram_card.histogram.study is not None
        assert view.map_card.rule.text() == "A vector has no columns."


# -- bad input ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (fp32([[1.0, np.nan], [2.0, np.inf]]), "infinities or NaN, 2 of them"),
        (fp32(np.full((64, 64), np.nan)), "infinities or NaN"),
        (Made("I8", (2, 2), b"1234"), "It holds integers (I8)"),
        (Made("I64", (1,), b"12345678"), "Numbers of the type I64 are not shown"),
        (fp32(np.zeros((0, 4))), "This tensor is empty"),
    ],
)
def test_that_what_cannot_be_quantized_is_a_sentence(theme: Theme, tmp_path: Path, made: Made, words: str) -> None:
    with shown_view(theme) as view:
        open_one(view, tmp_path, made)
        assert words in view.histogram_card.histogram.notice
        assert view.histogram_card.histogram.study is None
        assert view.errors.rows == []
        assert view.block_card.bytes.opened is None
        view.formats.blocks.setValue(3)
        view.shown.compare.actions_by_scheme[SCHEMES["nvfp4"]].trigger()
        settle()
        assert words in view.histogram_card.histogram.notice


@pytest.mark.parametrize("made", [fp32(np.zeros((64, 64))), fp32([3.5]), fp32(2.0), fp32([[0.0]])])
def test_that_zeros_and_single_numbers_are_shown_in_every_format(theme: Theme, tmp_path: Path, made: Made) -> None:
    with shown_view(theme) as view:
        open_one(view, tmp_path, made)
        for scheme in (*SCHEMES.values(), NF4.with_blocks(double_quant=True)):
            view.errors.picked.emit(scheme)
            settle()
            assert view.histogram_card.histogram.study is not None
            assert view.histogram_card.histogram.study.scheme == scheme
            assert view.block_card.bytes.opened is not None
            assert not view.grab().isNull()


def test_that_files_that_cannot_be_read_are_told_below_the_model(theme: Theme, tmp_path: Path) -> None:
    path = write_tensors(tmp_path / "cut.safetensors", {"w": bf16(weights())})
    with path.open("r+b") as file:
        file.truncate(5000)
    lying = tmp_path / "lying.safetensors"
    text = b'{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,8]}}'
    lying.write_bytes(len(text).to_bytes(8, "little") + text + b"12345678")
    with shown_view(theme) as view:
        for bad, words in (
            (path, "is cut short"),
            (lying, "which is not what its shape takes"),
            (tmp_path / "nowhere", "There is nothing at"),
        ):
            opened(view, bad)
            problem = view.tensors.model.problem
            assert words in problem.text().replace("\u200b", "")
            assert problem.isVisible()
            assert "Choose a model" in view.histogram_card.histogram.notice
            assert not view.tensors.list.tensors


def test_that_a_file_that_goes_while_it_is_open_is_told(theme: Theme, tmp_path: Path) -> None:
    with shown_view(theme) as view:
        open_one(view, tmp_path, bf16(weights()))
        (tmp_path / "one.safetensors").unlink()
        QTest.keyClick(view.map_card.map, Qt.Key.Key_End)
        settle()
        assert "cannot be read" in view.histogram_card.histogram.notice
        open_one(view, tmp_path, bf16(weights()))
        assert view.histogram_card.histogram.study is not None


def test_that_names_that_are_long_or_look_like_html_are_harmless(theme: Theme, tmp_path: Path) -> None:
    names = [
        "<b>bold</b> <img src=x>",
        "model.layers.0." + "long_" * 37 + "name.weight",
        "\u05d0\u05d1\u05d2.3.w.weight",
    ]
    path = write_tensors(tmp_path / "n.safetensors", {name: fp32(weights(8, 64)) for name in names})
    with shown_view(theme) as view:
        opened(view, path)
        for name in names:
            opened(view, path, name)
            assert view.histogram_card.histogram.study is not None
            assert view.width() + view.form.width() <= 1218


# -- large tensors -----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_that_of_a_large_tensor_the_first_rows_are_shown_before_the_rest(theme: Theme, tmp_path: Path) -> None:
    size = 4096 * 4096 * 2
    path = write_sparse(tmp_path / "large.safetensors", {"w.weight": ("BF16", (4096, 4096), size)})
    with shown_view(theme) as view:
        scopes: list[str] = []
        view.reader.studied.connect(lambda _study: scopes.append(view.map_card.scope.whole))
        opened(view, path)
        assert scopes == ["the first 512 of 4 096 rows so far", "262 144 blocks"]
        assert view.error_card.scope.text() == "this tensor"
        assert view.block_card.bytes.opened is not None


@pytest.mark.slow
def test_that_only_the_last_of_many_answers_is_shown(theme: Theme, tmp_path: Path) -> None:
    size = 4096 * 4096 * 2
    path = write_sparse(tmp_path / "large.safetensors", {"w.weight": ("BF16", (4096, 4096), size)})
    with shown_view(theme) as view:
        opened(view, path)
        whole: list[int] = []
        view.reader.studied.connect(
            lambda study: whole.append(study.scheme.block_size) if study.tensor.shape[0] == 4096 else None
        )
        for step in (0, 3, 5, 7):
            view.formats.blocks.setValue(step)
            QApplication.processEvents()
        settle()
        assert whole == [4096]
        assert view.histogram_card.histogram.study is not None
        assert view.histogram_card.histogram.study.scheme.block_size == 4096


# -- looks -------------------------------------------------------------------------------------------------------------


def test_that_it_is_drawn_in_every_look_and_width(theme: Theme, model_folder: Path) -> None:
    with shown_view(theme) as view:
        opened(view, model_folder)
        for choice, projector, width in (("dark", False, 1218), ("light", True, 1500), ("light", False, 1772)):
            theme.projector = projector
            theme.choose(choice)  # type: ignore[arg-type]
            view.is_wide = width > 1600
            view.arranged()
            view.window().resize(width, 652)
            settle()
            assert not view.grab().isNull()
            assert view.minimumSizeHint().height() <= 636
            assert view.minimumSizeHint().width() <= 860


def test_that_every_control_has_a_name_and_is_reached_by_the_keyboard(theme: Theme) -> None:
    with shown_view(theme) as view:
        controls = (
            view.tensors.model.choice,
            view.tensors.filter,
            view.tensors.list,
            view.formats.format,
            view.formats.blocks,
            view.formats.double_quant,
            view.shown.bands,
            view.shown.compare,
            view.histogram_card.histogram,
            view.errors,
            view.map_card.map,
            view.block_card.bytes,
            view.block_card.before,
            view.block_card.after,
        )
        for control in controls:
            assert control.accessibleName()
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_that_tensors_of_other_families_have_an_order_too(tmp_path: Path) -> None:
    names = ["transformer.h.1.mlp.c_fc.weight", "transformer.h.0.attn.c_attn.weight", "transformer.wte.weight", "7"]
    path = write_tensors(tmp_path / "g.safetensors", {name: fp32(weights(4, 8)) for name in names})
    ordered = [tensor.name for tensor in in_order(open_tensors(path))]
    assert ordered[:2] == ["transformer.h.0.attn.c_attn.weight", "transformer.h.1.mlp.c_fc.weight"]
    assert short_name(ordered[0]) == "0.attn.c_attn"
    assert short_name("7") == "7"
