"""The least a PySide6 program can be, an empty window that is painted: the other side of `bench window`.

Prints the seconds from the start of its process to the end of its first paint as JSON, and ends.
"""

import json
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMainWindow

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent


class Window(QMainWindow):
    is_painted = False

    def paintEvent(self, event: "QPaintEvent") -> None:
        super().paintEvent(event)
        if not self.is_painted:
            self.is_painted = True
            QTimer.singleShot(0, tell)  # once all of it has been painted


def tell() -> None:
    painted = time.perf_counter()
    import psutil

    from workbench.core.machine.process_age import seconds_since_start

    seconds = seconds_since_start() - (time.perf_counter() - painted)
    resident = psutil.Process().memory_info().rss
    print(json.dumps({"first_paint_seconds": round(seconds, 3), "resident_bytes": resident}), flush=True)
    QApplication.quit()


if __name__ == "__main__":
    application = QApplication([])
    window = Window()
    window.resize(1366, 768)
    window.show()
    application.exec()
