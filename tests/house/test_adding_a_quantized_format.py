"""A quantized format is its entry and what computes it: the command and three views have it by themselves."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.house.scratch import Scratch
from tests.tensors import fp32, write_tensors

DECLARED = "workbench/numerics/quantization_scheme.py"
LAST = '        Scheme("nvfp4", "NVFP4", "NVFP4", "NVFP4", _NVFP4, _BLOCK, NVFP4_BLOCK),\n'
FIRST_IMPORT = "from workbench.numerics.formats import DOUBLE_QUANT_BLOCK, FORMATS\n"
VALUES = [1.2, -0.5, -4.3, 1.2, -3.1, 0.8, 2.4, 5.4]

QUARTERS = '''
"""Four levels that lie where weights are dense."""

from fractions import Fraction

from workbench.numerics.block_quantizer import CodebookQuantizer
from workbench.numerics.codebook import Codebook

LEVELS = (Fraction(-1), Fraction(-1, 4), Fraction(1, 4), Fraction(1))
QUARTERS = CodebookQuantizer("Quarters", "formats.NF4", Codebook("Quarters", "an index into 4 levels", LEVELS))
'''
COARSE = '''
"""E2M1 numbers beside a scale in E5M2."""

from typing import ClassVar

import numpy as np

from workbench.numerics.arrays import decode_array, encode_array
from workbench.numerics.block_quantizer import Scales
from workbench.numerics.mx_blocks import E2m1Quantizer, Fp32
from workbench.numerics.named_formats import FP8_E5M2
from workbench.numerics.number_format import NumberFormat


class CoarseQuantizer(E2m1Quantizer):
    """The scale is a sixth of the absmax, rounded to E5M2."""

    scale_format: ClassVar[NumberFormat] = FP8_E5M2

    @property
    def ends(self) -> tuple[float, float]:
        return -7.0, 7.0

    def scales(self, absmax: Fp32, largest: float | None = None) -> Scales:
        codes = encode_array(FP8_E5M2, absmax / np.float32(6), saturate=True).astype(np.uint8)
        return Scales(decode_array(FP8_E5M2, codes).astype(np.float32), codes)


COARSE = CoarseQuantizer("Coarse", "formats.FP4")
'''


@dataclass(frozen=True)
class Added:
    """A format that is invented: its entry, the file that computes it, where it needs one, and what is seen of it."""

    name: str
    entry: str
    integers: list[int]
    restored: list[float]
    hand: list[str]
    layer: list[str]
    file: str = ""
    text: str = ""
    imported: str = ""


FORMATS = (
    Added(
        "quarters",
        'Scheme("quarters", "Four levels", "Quarters, per block", "Quarters", QUARTERS, _BLOCK, DEFAULT_BLOCK)',
        [2, 1, 0, 2, 1, 2, 2, 3],
        [1.35, -1.35, -5.4, 1.35, -1.35, 1.35, 1.35, 5.4],
        ["Quarters", "one absmax for all eight: 5.4", "scale"],
        ["4 levels of Quarters", "divided by the absmax of its block of 64", "four to a byte", "16 bytes of indices"],
        "workbench/numerics/quarters.py",
        QUARTERS,
        "from workbench.numerics.quarters import QUARTERS\n",
    ),
    Added(
        "coarse",
        'Scheme("coarse", "E2M1 by E5M2", "Coarse", "Coarse blocks", COARSE, _BLOCK, 32)',
        [],
        [1.3125, -0.4375, -3.5, 1.3125, -3.5, 0.875, 2.625, 5.25],
        ["Coarse", "one scale for all eight: 0.875, E5M2", ""],
        ["15 levels of Coarse", "by the scale of its block of 32", "the first at its right", "and 1 byte of scale"],
        "workbench/numerics/coarse.py",
        COARSE,
        "from workbench.numerics.coarse import COARSE\n",
    ),
    Added(
        "int4-zeropoint",
        'Scheme("int4-zeropoint", "INT4 with a zero point", "INT4 zero point", "INT4 zero pt.", '
        'ZeroPointQuantizer("INT4 zero point", "formats.INT8", 4), _TENSOR)',
        [1, -2, -8, 1, -6, 0, 3, 7],
        [],
        ["INT4 zero point", "one scale for all eight: (5.4 \u2212 (\u22124.3)) / 15 = 0.6467", "scale, zero point"],
        ["16 levels of INT4 zero point", "on the scale of the tensor", "two to a byte", "and 1 of zero point"],
    ),
)
SHOWN = """
import json
import sys
import time
from pathlib import Path
from PySide6.QtWidgets import QApplication
from workbench.bridge.tasks import wait_for_tasks
from workbench.core.job.events import Ended, Started
from workbench.core.job.journal import JournalWriter
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import LayersRequest, MatrixMeasured
from workbench.core.model.stored_tensor import open_tensors
from workbench.core.quantized.model import matrices, measured
from workbench.numerics.quantization_scheme import SCHEMES
from workbench.panes.look.theme import Theme
from workbench.panes.quantize.page import QuantizePage

name, model = sys.argv[1], Path(sys.argv[2])
faults = []


def note(kind, error, trace):
    faults.append(repr(error))
    sys.__excepthook__(kind, error, trace)


sys.excepthook = note
application = QApplication([])
page = QuantizePage(Theme("light"))
page.resize(1366, 704)
page.show()


def settle():
    for _ in range(6):
        assert wait_for_tasks(60)
        application.processEvents()


def brought_up(view):
    page.show_view(view)
    settle()
    return page.view


def choose(box):
    box.setCurrentIndex(box.findData(name))
    box.activated.emit(box.currentIndex())
    settle()


seen = {}
hand = brought_up("hand")
choose(hand.controls.format)
grips = [handle for handle in hand.lines.handles() if "clip" not in handle]
seen["hand"] = [hand.controls.format.currentText(), hand.lines_card.scope.whole, ", ".join(grips)]
zero = hand.controls.zero.slider
seen["zero point"] = [zero.minimum(), zero.maximum()] if not hand.controls.zero.isHidden() else []
layer = brought_up("layer")
layer.open_source(model)
settle()
choose(layer.formats.format)
layer.shown.compare.actions_by_scheme[SCHEMES[name]].setChecked(True)
settle()
cards = layer.histogram_card, layer.block_card
seen["layer"] = [cards[0].title.whole, cards[0].scope.whole, cards[1].scope.whole, cards[1].sentence.text()]
seen["compared"] = [row.scheme.name for row in layer.errors.rows if row.facts is not None]
study = create_study(LayersRequest(model=str(model), formats=(name,)))
journal = JournalWriter(study.journal)
journal.write(Started(attempt=1, pid=1, versions={}))
for facts in measured(matrices(open_tensors(model)), [SCHEMES[name]]):
    journal.write(MatrixMeasured(facts=[fact.row() for fact in facts]))
journal.write(Ended(state="finished"))
journal.close()
whole = brought_up("whole")
until = time.monotonic() + 60
while not whole.errors.count and time.monotonic() < until:
    settle()
chip = whole.fields.chips[name]
seen["whole"] = [chip.text(), chip.isChecked(), whole.picture.sizes.rows[-1].title, whole.errors.count]
for view in ("hand", "layer", "whole"):
    brought_up(view)
    assert not page.grab().isNull()
page.window_closes()
settle()
print(json.dumps(seen | {"faults": faults}))
"""


@pytest.mark.parametrize("added", FORMATS, ids=lambda added: added.name)
def test_that_a_quantized_format_is_its_entry_and_its_numerics(added: Added, scratch: Scratch, tmp_path: Path) -> None:
    scratch.after(DECLARED, LAST, f"        {added.entry},\n")
    if added.file:
        scratch.create(added.file, added.text)
        scratch.before(DECLARED, FIRST_IMPORT, added.imported)
    assert scratch.touched == {DECLARED, *filter(None, [added.file])}
    assert len(scratch.touched) <= 2
    _is_quantized_by_the_command(scratch, added)
    weights = np.random.default_rng(5).standard_normal((64, 128), dtype=np.float32)
    model = write_tensors(tmp_path / "model.safetensors", {"model.layers.0.mlp.up_proj.weight": fp32(weights)})
    ended = scratch.python("-c", SHOWN, added.name, str(model))
    assert ended.returncode == 0, ended.stderr
    seen = json.loads(ended.stdout.splitlines()[-1])
    assert seen["faults"] == []
    assert seen["hand"] == added.hand
    assert seen["zero point"] == ([-8, 7] if "zero point" in added.hand[2] else [])
    assert [words in said for words, said in zip(added.layer, seen["layer"], strict=True)] == [True] * 4, seen["layer"]
    assert added.name in seen["compared"]
    assert seen["whole"] == [_strings_of(added.entry)[2], True, _strings_of(added.entry)[3], 1]


def _is_quantized_by_the_command(scratch: Scratch, added: Added) -> None:
    ended = scratch.workbench("quantize", "--values", ", ".join(map(str, VALUES)), "--to", added.name, "--json")
    assert ended.returncode == 0, ended.stderr
    row = json.loads(ended.stdout)
    assert (row["format"], row["integers"]) == (added.name, added.integers)
    if added.restored:
        assert row["restored"] == added.restored
    assert row["clipped"] == 0


def _strings_of(entry: str) -> list[str]:
    """Name, title, label and short title of an entry."""
    return entry.split('"')[1:8:2]
