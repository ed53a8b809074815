"""How much memory this machine has, and how much of it a program could have now."""

import sys
from typing import NamedTuple


class MachineMemory(NamedTuple):
    total_bytes: int
    available_bytes: int


def machine_memory() -> MachineMemory:
    """On Linux read where psutil reads it: psutil takes 8 ms to import, and the window's first paint shows this."""
    if sys.platform == "linux":
        with open("/proc/meminfo", encoding="ascii") as file:  # noqa: PTH123  as in process_age
            kibibytes = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in file)}
        if "MemAvailable" in kibibytes:  # Linux 3.14
            return MachineMemory(kibibytes["MemTotal"] * 1024, kibibytes["MemAvailable"] * 1024)
    import psutil

    memory = psutil.virtual_memory()
    return MachineMemory(int(memory.total), int(memory.available))
