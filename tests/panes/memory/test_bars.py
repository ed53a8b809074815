"""The bars of the Memory page by themselves."""

from PySide6.QtCore import Qt

from tests.panes.memory.pages import key
from workbench.panes.look.theme import Theme
from workbench.panes.memory.bars import ScenarioBars
from workbench.panes.memory.scale import WayBar


def test_that_keys_find_no_block_in_a_row_that_has_none(theme: Theme) -> None:
    bars = ScenarioBars(theme)
    parts: list[str] = []
    bars.part_chosen.connect(parts.append)
    bars.show_bars([WayBar("Nothing", "", (), 0.0, "0")], unit="GB", limit_bytes=1e9, limit_words="1 GB", chosen=0)
    key(bars, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)
    assert (bars.block, parts) == (-1, [])
