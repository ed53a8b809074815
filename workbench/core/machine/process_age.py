"""How long this process has been there."""

import os
import sys
import time


def seconds_since_start() -> float:
    """Seconds since the system made this process, on Linux to a hundredth.

    psutil works out the start there from a boot time in whole seconds: up to a second off.
    """
    if sys.platform == "linux":
        with open("/proc/self/stat", encoding="utf-8") as file:  # noqa: PTH123  pathlib takes longer than the answer
            fields = file.read().rpartition(")")[2].split()
        ticks = int(fields[19])  # starttime, the 22nd field of proc(5), after the pid and the name in brackets
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    import psutil

    return float(time.time() - psutil.Process().create_time())
