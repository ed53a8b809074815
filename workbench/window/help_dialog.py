"""What the keys do, and which versions are running."""

import platform
from importlib import metadata

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QDialog, QGridLayout, QWidget

from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_column
from workbench.panes.parts.controls import button, label
from workbench.window import pages

_OF_PAGES = list(pages.KEYS.values())
KEYS = (
    (f"{_OF_PAGES[0]} to {_OF_PAGES[-1]}", "the pages, in the order of the rail"),
    ("Ctrl+Enter", "on Try, ask; elsewhere, train what the form says"),
    ("Enter, Shift+Enter, Up, Ctrl+L, Esc", "on Try: ask, break the line, the last question, to the field, stop"),
    ("Tab, Shift+Tab", "to the next control and back"),
    ("Space", "turns a switch, presses a button"),
    ("Arrows", "move within pages, cards and choices"),
    ("Up, Down, 1, 2, 3, R, W, U", "in the table of Try: rows, an answer of it, right, wrong, not rated"),
    ("Ctrl+Z, Ctrl+Shift+Z", "undo and redo changes of the form; Ctrl+Z takes a mark back"),
    ("Ctrl+F, F5, Enter, Del", "among the models: search, ask again, download or use, delete"),
    (
        "Space, Enter, Ctrl+D, F2, Del",
        "among the runs: compare, open on Train, repeat, rename, delete; Ctrl+Z brings back",
    ),
    ("Ctrl+N, Ctrl+D, Ctrl+F, Ctrl+H", "where rows are written: add, duplicate, find, replace"),
    ("Alt+Up, Alt+Down", "on a download or a run that waits: its turn comes sooner or later"),
    ("Space, arrows, N and P", "on a row of Bits: flip the bit, move, one ulp, the neighbours"),
    ("I, 0, M, S", "on a row of Bits: infinity, zero, the largest, the smallest"),
    ("Ctrl+Q", "close the window; a run may go on"),
)


class HelpDialog(QDialog):
    """The keys in a table, and the versions below."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keys")
        layout = in_column(label("Keys", "lead"), gap=12, margins=(20, 18, 20, 16), of=self)
        table = QGridLayout()
        table.setHorizontalSpacing(24)
        table.setVerticalSpacing(8)
        for row, (keys, meaning) in enumerate(KEYS):
            table.addWidget(label(keys, "medium"), row, 0)
            table.addWidget(label(meaning, "sentence"), row, 1)
        layout.addLayout(table)
        versions = (
            f"QLoRA Workbench {metadata.version('qlora-workbench')}, Qt {qVersion()}, "
            f"Python {platform.python_version()}. Apache-2.0."
        )
        layout.addWidget(label(versions, "fact", wraps=True))
        close = button("Close", theme)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignRight)
