"""The reference counts that PySide6 6.12.0 corrupts on Python 3.11."""

import subprocess
import sys

EMITS = """
import sys
from PySide6.QtCore import QCoreApplication, QObject, QThread, Signal

class Sender(QThread):
    told = Signal(list)
    said = Signal(object)
    switched = Signal(bool)

    def run(self):
        for _ in range(20000):
            self.told.emit([True, None, False])
            self.said.emit(None)
            self.switched.emit(True)

class Receiver(QObject):
    count = 0

    def take(self, value):
        self.count += 1

application = QCoreApplication([])
sender, receiver = Sender(), Receiver()
for emitted in (sender.told, sender.said, sender.switched):
    emitted.connect(receiver.take)
before = [sys.getrefcount(value) for value in (None, True, False)]
sender.start()
while receiver.count < 60000:
    application.processEvents()
sender.wait()
after = [sys.getrefcount(value) for value in (None, True, False)]
drift = [later - earlier for earlier, later in zip(before, after)]
assert all(abs(count) < 2000 for count in drift), drift
"""


def test_that_no_reference_is_lost_where_signals_cross_threads() -> None:
    done = subprocess.run([sys.executable, "-c", EMITS], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
