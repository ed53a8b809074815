"""The precisions of a race by name, and what is measured of each."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import cast

from workbench.core.job.study_kinds import PRECISIONS, PrecisionMeasured
from workbench.core.problems import UserError, nearest, shown
from workbench.core.units import bytes_in_words
from workbench.numerics.formats import FORMATS


def title_of(precision: str) -> str:
    """ "nf4-dq" as people write it: "NF4 + DQ"."""
    name, _, doubled = precision.partition("-")
    title = FORMATS[name].title if name in FORMATS else precision
    return f"{title} + DQ" if doubled == "dq" else title


def color_key_of(precision: str) -> str:
    """Its key among the tokens of formats; NF4 and NF4 + DQ share one."""
    return title_of(precision.partition("-")[0])


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """The precisions asked for, each once, the widest first. Raises UserError."""
    asked = [part.strip().lower() for name in names for part in name.split(",") if part.strip()]
    for name in asked:
        if name not in PRECISIONS:
            raise UserError(
                f'There is no precision "{shown(name)}".{nearest(name, list(PRECISIONS))}',
                remedy=f"There are {', '.join(PRECISIONS)}.",
            )
    if not asked:
        raise UserError("No precision is named.", remedy=f"Name some of {', '.join(PRECISIONS)}.")
    return tuple(name for name in PRECISIONS if name in asked)


@dataclass(frozen=True)
class Measure:
    """One column: a field of PrecisionMeasured and how it is put in words."""

    name: str
    title: str
    unit: str
    help: str
    is_more_better: bool
    spelled: Callable[[float], str]

    def value(self, row: PrecisionMeasured) -> float | None:
        return cast(float | None, getattr(row, self.name))

    def words(self, row: PrecisionMeasured) -> str:
        """The figure with its unit; nothing where it was not taken."""
        value = self.value(row)
        if value is None:
            return ""
        if not math.isfinite(value):
            return "infinite" if value > 0 else "not a number"
        return self.spelled(value)


def _seconds(value: float) -> str:
    return f"{value:.1f} s"


def _rate(value: float) -> str:
    return f"{value:.0f} tokens/s" if value >= 100 else f"{value:.1f} tokens/s"


def _divergence(value: float) -> str:
    return "0" if value == 0 else f"{value:.4f}" if value >= 0.0005 else f"{value:.1e}"


MEASURES = (
    Measure(
        "load_seconds", "Load", "s", "From the files to a model that is ready, quantizing included.", False, _seconds
    ),
    Measure(
        "size_bytes",
        "Size",
        "bytes",
        "All weights as they lie in memory, with the constants of their quantization.",
        False,
        bytes_in_words,
    ),
    Measure(
        "peak_bytes",
        "Peak",
        "bytes",
        "The most memory so far: on a card that of its allocator, on a CPU that of the whole process.",
        False,
        bytes_in_words,
    ),
    Measure(
        "prompt_tokens_per_second",
        "Prompt",
        "tokens/s",
        "How fast a prompt is read: all its tokens at once.",
        True,
        _rate,
    ),
    Measure(
        "answer_tokens_per_second",
        "Answer",
        "tokens/s",
        "How fast an answer is written: token after token.",
        True,
        _rate,
    ),
    Measure(
        "perplexity",
        "Perplexity",
        "",
        "Among how many equally likely tokens the model hesitates, on average over the text.",
        False,
        "{:.3f}".format,
    ),
    Measure(
        "kl_divergence",
        "KL",
        "nats/token",
        "How far its distribution of the next token lies from that of the widest precision.",
        False,
        _divergence,
    ),
    Measure(
        "same_top_token",
        "Same token",
        "",
        "At how many places of the text it holds the same next token for the likeliest.",
        True,
        "{:.1%}".format,
    ),
)
MEASURE = {measure.name: measure for measure in MEASURES}
