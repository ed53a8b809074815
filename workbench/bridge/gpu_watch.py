"""The NVIDIA cards and what is on them, asked of the driver each second."""

import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

POLL_SECONDS = 1.0
NO_DRIVER = "There is no NVIDIA driver on this computer: training runs on the CPU."
NO_CARD = "The NVIDIA driver finds no card: training runs on the CPU."
NO_LIBRARY = "The card cannot be watched: the package nvidia-ml-py is missing."


@dataclass(frozen=True)
class CardStatus:
    """One card now; what the driver does not tell is None, or 0 bytes. `ours_bytes` are the watched process's."""

    name: str
    index: int
    used_bytes: int
    total_bytes: int
    utilization_percent: int | None
    temperature_celsius: int | None
    ours_bytes: int


class GpuWatch(QObject):
    """The cards, kept up to date while there are any; where there are none it says why once, and rests.

    Attributes:
        cards: As they were last; none before the first answer, and where there are none.
        reason: Why there are none, as a sentence.

    Signals:
        changed: `cards` or `reason` has changed.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cards: tuple[CardStatus, ...] = ()
        self.reason = ""
        self._pid: int | None = None
        self._thread: _Poll | None = None

    @property
    def is_asking(self) -> bool:
        """Whether a thread asks the driver; it ends by itself where there is no card."""
        return self._thread is not None and self._thread.isRunning()

    def start(self) -> None:
        """Begins to watch; what there is comes with `changed`."""
        if self._thread is None:
            self._thread = _Poll(self._pid)
            self._thread.polled.connect(self._keep_polled)
            self._thread.start()

    def stop(self) -> None:
        """Ends watching; no thread is left."""
        if self._thread is not None:
            self._thread.leaving.set()
            self._thread.wait()
            self._thread = None

    def watch_pid(self, pid: int | None) -> None:
        """Whose memory `ours_bytes` is."""
        self._pid = pid
        if self._thread is not None:
            self._thread.pid = pid

    def _keep_polled(self, polled: tuple[tuple[CardStatus, ...], str]) -> None:
        if self._thread is None or self.sender() is not self._thread:
            return  # it was on its way when watching ended
        if polled != (self.cards, self.reason):
            self.cards, self.reason = polled
            self.changed.emit()


class _Poll(QThread):
    """Asks the driver: loading its library takes a moment, and a driver in trouble answers late."""

    polled = Signal(object)

    def __init__(self, pid: int | None) -> None:
        super().__init__()
        self.pid = pid
        self.leaving = threading.Event()

    def run(self) -> None:
        """Qt's name for what the thread does."""
        try:
            import pynvml
        except ImportError:
            self.polled.emit(((), NO_LIBRARY))
            return
        try:
            pynvml.nvmlInit()
        except pynvml.NVMLError_LibraryNotFound:
            self.polled.emit(((), NO_DRIVER))
            return
        except pynvml.NVMLError as error:
            self.polled.emit(((), _in_words(error)))
            return
        try:
            self._poll(pynvml)
        except pynvml.NVMLError as error:
            self.polled.emit(((), _in_words(error)))
        finally:
            with suppress(pynvml.NVMLError):
                pynvml.nvmlShutdown()

    def _poll(self, nvml: Any) -> None:
        handles = [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(nvml.nvmlDeviceGetCount())]
        if not handles:
            self.polled.emit(((), NO_CARD))
            return
        while not self.leaving.is_set():
            cards = tuple(_status(nvml, index, handle, self.pid) for index, handle in enumerate(handles))
            self.polled.emit((cards, ""))
            self.leaving.wait(POLL_SECONDS)


def _status(nvml: Any, index: int, handle: Any, pid: int | None) -> CardStatus:
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    utilization = temperature = None
    ours = 0
    with suppress(nvml.NVMLError):  # not every card tells its load
        utilization = int(nvml.nvmlDeviceGetUtilizationRates(handle).gpu)
    with suppress(nvml.NVMLError):
        temperature = int(nvml.nvmlDeviceGetTemperature(handle, nvml.NVML_TEMPERATURE_GPU))
    if pid is not None:
        with suppress(nvml.NVMLError):
            processes = nvml.nvmlDeviceGetComputeRunningProcesses(handle)
            # Windows' desktop driver counts no memory by process: None.
            ours = sum(process.usedGpuMemory or 0 for process in processes if process.pid == pid)
    return CardStatus(
        name=str(nvml.nvmlDeviceGetName(handle)),
        index=index,
        used_bytes=int(memory.used),
        total_bytes=int(memory.total),
        utilization_percent=utilization,
        temperature_celsius=temperature,
        ours_bytes=ours,
    )


def _in_words(error: Exception) -> str:
    return f"The NVIDIA driver says: {error}. Restart the computer; if that does not help, install the driver anew."
