"""A number format is one entry: `inspect`, the Bits page and the tests of all formats have it by themselves."""

import json
import re

from tests.house.scratch import ROOT, Scratch

DECLARED = "workbench/numerics/named_formats.py"
LAST = "        FP32, FP16, BF16, FP64, INT8, FP8_E4M3, FP8_E5M2, FP4_E2M1, E8M0, NF4, FP4_BITSANDBYTES, ARTICLE\n"
ENTRY = """        , FloatFormat("FP6 E2M3", "6 bits, 3 of them fraction", 2, 3, 1, specials=Specials.NONE)
"""
SHOWN = """
import json
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from workbench.panes.bits.page import BitsPage
from workbench.panes.bits.rows.formats import RowsDialog
from workbench.panes.look.theme import Theme

application = QApplication([])
page = BitsPage(Theme("light"))
page.resize(1366, 704)
page.show()
application.processEvents()
dialog = RowsDialog(page.theme, page.model)
offered = [dialog.list.item(row) for row in range(dialog.list.count())]
(item,) = [item for item in offered if item.text() == "FP6 E2M3"]
was = item.checkState() == Qt.CheckState.Checked
item.setCheckState(Qt.CheckState.Checked)
application.processEvents()
assert not page.grab().isNull()
print(json.dumps([was, item.toolTip(), [row.name for row in page.model.formats]]))
"""
TESTS = ("tests/numerics/test_number_formats.py", "tests/numerics/test_neighbours.py")


def test_that_a_number_format_is_one_entry(scratch: Scratch) -> None:
    scratch.after(DECLARED, LAST, ENTRY)
    assert scratch.touched == {DECLARED}
    ended = scratch.workbench("inspect", "0.3", "--json")
    assert ended.returncode == 0, ended.stderr
    (row,) = [row for row in json.loads(ended.stdout) if row["name"] == "FP6 E2M3"]
    assert (row["code"], row["exact"]) == ("0x02", "0.25")
    was, tip, rows = json.loads(scratch.evaluate(SHOWN).splitlines()[-1])
    assert not was
    assert "6 bits, 3 of them fraction" in tip
    assert rows[-1] == "FP6 E2M3"


def test_that_the_tests_of_all_formats_have_a_new_one(scratch: Scratch) -> None:
    scratch.after(DECLARED, LAST, ENTRY)
    ended = scratch.python(
        "-m", "pytest", "-q", "--noconftest", "-p", "no:cacheprovider", "--import-mode=append", "--rootdir", str(ROOT),
        "-k", "FP6 or names", *(str(ROOT / file) for file in TESTS),
    )  # fmt: skip
    found = re.search(r"(\d+) passed", ended.stdout)
    assert ended.returncode == 0, ended.stdout
    assert found is not None
    assert int(found[1]) > 8
