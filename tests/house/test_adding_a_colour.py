"""A colour or a size is its token: painters have it by its name, and the style sheet where it is used there."""

import json

from tests.house.scratch import Scratch

TOKENS = "resources/themes/tokens.toml"
STYLE = "resources/themes/window.qss"
SEEN = """
import json
from PySide6.QtWidgets import QApplication
from workbench.panes.look.theme import Theme

application = QApplication([])
seen = {}
for choice in ("light", "dark"):
    theme = Theme(choice)
    theme.apply()
    seen[choice] = [theme.color("surface.spark").name(), theme.size("size.spark") > 30]
    seen[choice] += [f"background: {seen[choice][0]}; width: {theme.size('size.spark')}px" in application.styleSheet()]
print(json.dumps(seen))
"""


def test_that_a_colour_and_a_size_are_their_tokens(scratch: Scratch) -> None:
    scratch.after(TOKENS, "[light.surface]\n", 'spark = "#ffe0b2"\n')
    scratch.after(TOKENS, "[dark.surface]\n", 'spark = "#5a3a00"\n')
    scratch.after(TOKENS, "[size]\n", "spark = 40\n")
    assert json.loads(scratch.evaluate(SEEN)) == {"light": ["#ffe0b2", True, False], "dark": ["#5a3a00", True, False]}
    assert scratch.touched == {TOKENS}
    scratch.append(STYLE, 'QFrame[role="spark"] { background: @surface.spark@; width: @size.spark@; }\n')
    assert json.loads(scratch.evaluate(SEEN)) == {"light": ["#ffe0b2", True, True], "dark": ["#5a3a00", True, True]}
