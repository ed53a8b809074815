"""The device a run uses, and what its memory holds."""

import gc
import sys
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import psutil
import torch

from workbench.core.job.events import Memory
from workbench.core.problems import UserError
from workbench.core.recipe import rules


@dataclass(frozen=True)
class Device:
    """The chosen device; `index` is the card's, as torch counts them."""

    kind: str  # "cuda" or "cpu"
    name: str
    supports_bf16: bool
    index: int = 0

    @property
    def torch(self) -> torch.device:
        return torch.device(self.kind, self.index) if self.kind == "cuda" else torch.device("cpu")

    @property
    def for_rules(self) -> rules.Device:
        return rules.Device(self.kind, self.name, self.supports_bf16)

    def memory(self) -> Memory:
        """What is held now; on a card from torch's allocator and, for the whole card, from the driver."""
        process = psutil.Process()
        resident = process.memory_info().rss
        if self.kind == "cpu":
            return Memory(resident_bytes=resident, resident_peak_bytes=max(resident, _resident_peak_bytes(process)))
        free, total = torch.cuda.mem_get_info(self.index)
        return Memory(
            resident_bytes=resident,
            resident_peak_bytes=max(resident, _resident_peak_bytes(process)),
            allocated_bytes=torch.cuda.memory_allocated(self.index),
            allocated_peak_bytes=torch.cuda.max_memory_allocated(self.index),
            reserved_bytes=torch.cuda.memory_reserved(self.index),
            card_used_bytes=_card_used_bytes(self.index) or total - free,
            card_total_bytes=total,
        )


def choose(wanted: str) -> Device:
    """The device a recipe's model.device means. Raises UserError where a card is asked for and there is none."""
    if wanted != "cpu" and torch.cuda.is_available():
        properties = torch.cuda.get_device_properties(0)
        return Device("cuda", properties.name, supports_bf16=properties.major >= 8)
    if wanted == "cuda":
        why = (
            "This PyTorch is a CPU build."
            if torch.version.cuda is None
            else "PyTorch finds no NVIDIA card, or its driver does not fit."
        )
        raise UserError(
            "model.device asks for an NVIDIA card.",
            why=why,
            remedy="Set model.device = auto; `workbench doctor` says more.",
        )
    return Device("cpu", "CPU", supports_bf16=True)


def _resident_peak_bytes(process: psutil.Process) -> int:
    """The largest resident size so far, as the system keeps it."""
    if sys.platform == "win32":
        return int(process.memory_info().peak_wset)
    if sys.platform == "linux":
        # getrusage counts what the process that started this one held: proc(5), execve keeps ru_maxrss.
        with suppress(OSError, ValueError, IndexError):
            status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
            return int(status.split("VmHWM:")[1].split()[0]) * 1024
    import resource

    unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2): kibibytes on Linux, bytes on macOS
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


@cache
def _nvml_handle(index: int) -> Any:
    """The driver's handle of torch's card, by its UUID: the two count cards in different orders; None without NVML."""
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
        return pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{torch.cuda.get_device_properties(index).uuid}")
    except pynvml.NVMLError:
        return None


def _card_used_bytes(index: int) -> int:
    """What all programs together hold on the card, by NVML; 0 where NVML cannot say."""
    handle = _nvml_handle(index)
    if handle is None:
        return 0
    import pynvml

    try:
        return int(pynvml.nvmlDeviceGetMemoryInfo(handle).used)
    except pynvml.NVMLError:
        return 0


def free_memory() -> None:
    """Gives back what nobody holds any more."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
