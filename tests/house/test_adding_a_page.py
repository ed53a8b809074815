"""A page is its own file and its entry in the window's list: rail, key, header and help have it by themselves."""

import json

from tests.house.scratch import Scratch

PAGE = "workbench/panes/notes/page.py"
LIST = "workbench/window/pages.py"
MADE = '''
"""The Notes page."""

from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import label
from workbench.panes.parts.page import Page


class NotesPage(Page):
    """What a person wants to remember."""

    sentence = "Write down what you saw."

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, has_form=False)
        self.words = label("Nothing yet.")
'''
MAKER = """def _notes(shared: Shared) -> "Page":
    from workbench.panes.notes.page import NotesPage

    return NotesPage(shared.theme)


"""
ENTRY = """        PageEntry("notes", "Notes", "pencil-simple", _notes),
"""
SEEN = """
import json
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from workbench.window import app
from workbench.window.help_dialog import HelpDialog

made = app.application()
window = app.build(made)
seen = {}

def look():
    QTest.keyClick(window, Qt.Key.Key_9, Qt.KeyboardModifier.ControlModifier)
    page = window.stack.currentWidget()
    row = window.rail.buttons["notes"]
    seen["page"] = [type(page).__name__, page.header.title.text(), page.header.sentence.whole]
    seen["row"] = [row.text(), row.toolTip(), row.accessibleName(), row.isChecked(), row.isVisible()]
    seen["rail"] = list(window.rail.buttons)
    seen["help"] = HelpDialog(window.theme, window).findChildren(QLabel)[1].text()
    window.close()

window.settled.connect(look)
window.show()
made.exec()
print(json.dumps(seen))
"""


def test_that_a_page_is_its_file_and_its_entry(scratch: Scratch) -> None:
    scratch.create(PAGE, MADE)
    scratch.before(LIST, "SECTIONS = {", MAKER)
    scratch.after(LIST, '        PageEntry("memory", "Memory", "cpu", _memory),\n', ENTRY)
    seen = json.loads(scratch.evaluate(SEEN).splitlines()[-1])
    assert seen["page"] == ["NotesPage", "Notes", "Write down what you saw."]
    assert seen["row"] == ["Notes", "Notes (Ctrl+9)", "Notes", True, True]
    assert seen["rail"][-1] == "notes"
    assert seen["help"] == "Ctrl+1 to Ctrl+9"
    assert scratch.touched == {PAGE, LIST}
