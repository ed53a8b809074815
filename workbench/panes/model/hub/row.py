"""A model of the Hub as a row of the table says it."""

from dataclasses import dataclass
from typing import Literal

from workbench.core.units import bytes_in_digits, short_count, three_digits

# What somebody may do with a model's files before and after its owner was asked.
Access = Literal["", "open", "ask first", "asked", "granted", "refused"]
State = Literal["", "here", "arriving", "waiting", "paused"]

NOT_READ = "config not read yet"
# What a repository without safetensors holds, by what its listing says.
NOT_LOADED = {
    "pickles": "only pickles: not loaded",
    "gguf": "only GGUF: not trained",
    "none": "no weights that can be loaded",
}
UNKNOWN = "–"  # noqa: RUF001


@dataclass(frozen=True)
class StepPeak:
    """The peak of a QLoRA step in NF4, in bytes: quantized weights, what is not quantized, and all else."""

    weights: int
    unquantized: int
    rest: int

    @property
    def total(self) -> int:
        return self.weights + self.unquantized + self.rest

    def fits(self, limit_bytes: int) -> bool:
        return self.total <= limit_bytes


@dataclass(frozen=True)
class HubRow:
    """One row; a number that is not known is 0, a word nothing.

    Attributes:
        state: How far it is on its way to this machine; `share` is how much of it has arrived, from 0 to 1.
        not_loaded: Why there is nothing to train, such as one of NOT_LOADED; such a row is grey.
        peak: None until its config.json is read, and where that says too little; `why_no_peak` says which.
        limit_bytes: The memory that the peak is held against.
    """

    id: str
    parameters: int = 0
    download_bytes: int = 0
    licence: str = ""
    downloads: int = 0
    access: Access = "open"
    not_loaded: str = ""
    state: State = ""
    share: float = 0.0
    peak: StepPeak | None = None
    why_no_peak: str = NOT_READ
    limit_bytes: int = 0

    @property
    def name(self) -> str:
        return self.id.rpartition("/")[2]

    @property
    def owner(self) -> str:
        return self.id.rpartition("/")[0]

    @property
    def fits(self) -> bool:
        return self.peak is not None and self.peak.fits(self.limit_bytes)

    @property
    def state_words(self) -> str:
        percent = f"{int(100 * self.share)} %"
        return {"arriving": f"arriving, {percent}", "paused": f"paused at {percent}"}.get(self.state, self.state)

    @property
    def billions(self) -> str:
        return three_digits(self.parameters / 1e9) if self.parameters else UNKNOWN

    @property
    def download(self) -> str:
        return bytes_in_digits(self.download_bytes) if self.download_bytes else UNKNOWN

    @property
    def licence_words(self) -> str:
        return self.licence or "unknown"

    @property
    def downloads_words(self) -> str:
        return short_count(self.downloads) if self.downloads else UNKNOWN

    @property
    def peak_figure(self) -> str:
        return f"{self.peak.total / 1e9:.1f}" if self.peak is not None else UNKNOWN

    @property
    def verdict(self) -> str:
        """What is said of its memory: whether it fits, or why that is not known."""
        if self.not_loaded:
            return self.not_loaded
        if self.peak is None:
            return self.why_no_peak
        return "fits" if self.fits else "too large"

    @property
    def peak_words(self) -> str:
        """The memory for a screen reader."""
        return self.verdict if self.peak is None else f"{self.peak_figure} GB, {self.verdict}"
