"""Files in a corner of the screen, to be dragged into a window: `python -m tests.journeys.drag_source PATH...`."""

import sys
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QTimer, QUrl
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

# Where the files lie, in the screen's pixels: left, top, width, height.
PLACE = (8, 728, 200, 36)

# Who takes the drop asks for the files after the mouse is let go.
STAYS_MILLISECONDS = 3000


class Files(QLabel):
    """Begins a drag of its files as soon as the mouse moves with its button down."""

    def __init__(self, paths: list[Path]) -> None:
        super().__init__(", ".join(path.name for path in paths))
        self.setWindowFlags(Qt.WindowType.BypassWindowManagerHint | Qt.WindowType.WindowStaysOnTopHint)
        self.setStyleSheet("background: #fff8d8; border: 1px solid #888; padding: 6px;")
        self._paths = paths

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        drag = QDrag(self)
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in self._paths])
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)
        self.hide()
        QTimer.singleShot(STAYS_MILLISECONDS, QApplication.quit)


if __name__ == "__main__":
    application = QApplication(sys.argv[:1])
    files = Files([Path(path).resolve() for path in sys.argv[1:]])
    files.setGeometry(*PLACE)
    files.show()
    sys.exit(application.exec())
