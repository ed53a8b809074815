"""The cards as the driver tells them; a stand-in for the driver's library where there is no card."""

import sys
import threading
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace

import pynvml
import pytest

from tests.qt_waits import wait_until
from workbench.bridge import gpu_watch
from workbench.bridge.gpu_watch import GpuWatch


@pytest.fixture
def watch() -> Iterator[GpuWatch]:
    made = GpuWatch()
    yield made
    made.stop()


def has_card() -> bool:
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return False
    return bool(pynvml.nvmlDeviceGetCount())


class Driver(ModuleType):
    """Two cards of a made-up driver; the second tells little."""

    NVMLError = pynvml.NVMLError
    NVMLError_LibraryNotFound = pynvml.NVMLError_LibraryNotFound
    NVML_TEMPERATURE_GPU = 0

    def __init__(self) -> None:
        super().__init__("pynvml")
        self.polls = 0
        self.inits = 0
        self.fault: Exception | None = None
        self.threads: set[int] = set()

    def nvmlInit(self) -> None:
        self.inits += 1
        self.threads.add(threading.get_ident())

    def nvmlShutdown(self) -> None:
        self.inits -= 1

    def nvmlDeviceGetCount(self) -> int:
        return 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return index

    def nvmlDeviceGetName(self, handle: int) -> str:
        return f"Card {handle}"

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> SimpleNamespace:
        self.polls += handle
        if self.fault:
            raise self.fault
        return SimpleNamespace(used=100 + self.polls, total=1000)

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> SimpleNamespace:
        if handle:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)
        return SimpleNamespace(gpu=50)

    def nvmlDeviceGetTemperature(self, handle: int, kind: int) -> int:
        if handle:
            raise pynvml.NVMLError(pynvml.NVML_ERROR_NOT_SUPPORTED)
        return 60 + kind

    def nvmlDeviceGetComputeRunningProcesses(self, handle: int) -> list[SimpleNamespace]:
        return [
            SimpleNamespace(pid=7, usedGpuMemory=40 if not handle else None),
            SimpleNamespace(pid=8, usedGpuMemory=9),
        ]


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Driver:
    made = Driver()
    monkeypatch.setitem(sys.modules, "pynvml", made)
    monkeypatch.setattr(gpu_watch, "POLL_SECONDS", 0.02)
    return made


@pytest.mark.skipif(has_card(), reason="there is a card")
def test_that_a_machine_without_a_card_says_so_once_and_rests(watch: GpuWatch) -> None:
    heard: list[str] = []
    watch.changed.connect(lambda: heard.append(watch.reason))
    watch.start()
    wait_until(lambda: heard)
    assert heard[0].endswith("training runs on the CPU.")
    assert watch.cards == ()
    wait_until(lambda: not watch.is_asking)
    watch.stop()
    watch.start()
    assert len(heard) == 1


@pytest.mark.skipif(not has_card(), reason="there is no card")
def test_that_a_card_tells_its_memory(watch: GpuWatch) -> None:
    watch.start()
    wait_until(lambda: watch.cards)
    card = watch.cards[0]
    assert 0 < card.used_bytes < card.total_bytes
    assert card.name.startswith("NVIDIA")


def test_that_cards_are_asked_again_and_again_in_another_thread(watch: GpuWatch, driver: Driver) -> None:
    watch.watch_pid(7)
    watch.start()
    wait_until(lambda: watch.cards)
    first, second = watch.cards
    assert (first.name, first.index, first.total_bytes, first.ours_bytes) == ("Card 0", 0, 1000, 40)
    assert (first.utilization_percent, first.temperature_celsius) == (50, 60)
    assert (second.utilization_percent, second.temperature_celsius, second.ours_bytes) == (None, None, 0)
    wait_until(lambda: watch.cards[1].used_bytes > second.used_bytes)
    watch.watch_pid(None)
    wait_until(lambda: watch.cards[0].ours_bytes == 0)
    assert threading.get_ident() not in driver.threads
    watch.stop()
    assert driver.inits == 0


def test_that_a_driver_that_fails_is_told_and_left(watch: GpuWatch, driver: Driver) -> None:
    watch.start()
    wait_until(lambda: watch.cards)
    driver.fault = pynvml.NVMLError(pynvml.NVML_ERROR_GPU_IS_LOST)
    wait_until(lambda: watch.reason)
    assert watch.reason.startswith("The NVIDIA driver says: ")
    assert watch.cards == ()
