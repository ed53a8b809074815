"""A model on its way to this machine, as those say it who show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.core.ticks import clock
from workbench.core.units import bytes_in_digits, grouped

ArrivalState = Literal["starting", "arriving", "pausing", "paused", "waiting", "cancelling"]


@dataclass(frozen=True)
class Arrival:
    """A download; what is not known is 0, or nothing.

    Attributes:
        name: What is fetched: the id of a model or a dataset.
        file: Which of `files` is under way, counted from 1.
        checked: Files that are whole by their checksum.
        bytes_per_second: The mean of the last seconds.
        why: What stopped it, in a sentence.
    """

    name: str
    state: ArrivalState = "waiting"
    done_bytes: int = 0
    total_bytes: int = 0
    file: int = 0
    files: int = 0
    checked: int = 0
    bytes_per_second: float = 0.0
    why: str = ""

    @property
    def title(self) -> str:
        """The name without its owner."""
        return self.name.rpartition("/")[2]

    @property
    def share(self) -> float:
        return min(1.0, self.done_bytes / self.total_bytes) if self.total_bytes else 0.0

    @property
    def remaining_seconds(self) -> float | None:
        if not self.total_bytes or not self.bytes_per_second or self.state != "arriving":
            return None
        return max(0, self.total_bytes - self.done_bytes) / self.bytes_per_second

    @property
    def of_files(self) -> str:
        """Which file, such as "file 2 of 4, 1 checked"."""
        if not self.files:
            return "asks what there is to fetch" if self.state == "starting" else ""
        return f"file {grouped(max(1, self.file))} of {grouped(self.files)}, {grouped(self.checked)} checked"

    @property
    def of_bytes(self) -> tuple[str, str]:
        """How much of how much: "6.24" and "of 15.2 GB", in the unit of the whole."""
        if not self.total_bytes:
            return (bytes_in_digits(self.done_bytes), "") if self.done_bytes else ("", "")
        whole = bytes_in_digits(self.total_bytes)
        unit = {"TB": 1e12, "GB": 1e9, "MB": 1e6, "kB": 1e3}.get(whole.rpartition(" ")[2], 1.0)
        done = self.done_bytes / unit
        return (f"{done:.2f}" if unit > 1 and done < 100 else f"{done:.0f}", f"of {whole}")

    @property
    def speed(self) -> str:
        is_coming = self.state == "arriving" and self.bytes_per_second
        return f"{bytes_in_digits(self.bytes_per_second)}/s" if is_coming else ""

    @property
    def left(self) -> str:
        """The time left as a clock shows it, or what is in its place."""
        if self.remaining_seconds is not None:
            return f"{clock(self.remaining_seconds)} left"
        return "" if self.state == "arriving" else self.state


def arrivals_in_words(arrivals: Sequence[Arrival]) -> str:
    """Of all that is on its way: "One arriving", "3 arriving", "One paused"; nothing of none."""
    if not arrivals:
        return ""
    count = "One" if len(arrivals) == 1 else grouped(len(arrivals))
    return f"{count} {'paused' if arrivals[0].state == 'paused' else 'arriving'}"
