"""What is shown when the window itself meets a fault: one plain dialog with a report to copy."""

import platform
import sys
import threading
import traceback
from importlib import metadata
from types import TracebackType

from PySide6.QtCore import QObject, Qt, Signal, qVersion
from PySide6.QtGui import QFontDatabase, QFontInfo, QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QPushButton, QWidget

from workbench.core.scrubbed import scrubbed
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import label


def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> str:
    """What a developer needs to know of a fault: versions, system and where it happened."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("qlora-workbench", "PySide6-Essentials"))
    where = "".join(traceback.format_exception(kind, error, trace))
    system = f"Qt {qVersion()}, Python {platform.python_version()}, {platform.platform()}"
    return scrubbed(f"{versions}, {system}\n\n{where}")


class CrashDialog(QDialog):
    """Says that the run goes on, and holds the report."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("QLoRA Workbench met a fault")
        self.resize(680, 420)
        self._text = text
        what = (
            "A run that is training goes on: it is a process of its own. What was just clicked may not have happened."
        )
        self._report = QPlainTextEdit(text)
        self._report.setReadOnly(True)
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)  # the theme itself may have the fault
        fixed.setPixelSize(QFontInfo(self.font()).pixelSize())
        self._report.setFont(fixed)
        self._report.setProperty("role", "code")
        self._report.setAccessibleName("Report of the fault")
        copy = QPushButton("Copy the report")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._text))
        on = QPushButton("Go on")
        on.setProperty("kind", "primary")
        on.setDefault(True)
        on.clicked.connect(self.accept)
        lead, sentence = label("The window met a fault of its own.", "lead"), label(what, "sentence", wraps=True)
        parts = (lead, sentence, (self._report, 1), in_row(1, copy, on))
        in_column(*parts, gap=10, margins=(18, 16, 18, 14), of=self)


class FaultCatcher(QObject):
    """Takes faults of any thread to the window, where one dialog at a time shows them."""

    _met = Signal(str)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: CrashDialog | None = None
        self._met.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        sys.excepthook = self._report_fault
        threading.excepthook = lambda given: self._report_fault(
            given.exc_type, given.exc_value or given.exc_type(), given.exc_traceback
        )

    def remove(self) -> None:
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def _report_fault(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QGuiApplication.quit()
            return
        text = report(kind, error, trace)
        sys.stderr.write(text)
        self._met.emit(text)

    def _show(self, text: str) -> None:
        if self.dialog is not None:
            return  # one at a time: a fault while painting would open one a frame
        self.dialog = CrashDialog(text, self._window)
        self.dialog.finished.connect(self._forget)
        self.dialog.open()

    def _forget(self, _result: int) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
        self.dialog = None
