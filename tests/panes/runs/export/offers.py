"""What can be made of a run, what is chosen of it, and an export of it at work."""

from dataclasses import replace
from pathlib import Path

from tests.exports import STEPS, plan
from workbench.core.export.measured import REFERENCE
from workbench.core.export.offered import Offered, OfferedTarget
from workbench.core.export.target import Offer
from workbench.core.job.export_kinds import StepBegun, StepChecked, StepDone, WeightsMeasured
from workbench.core.job.study_base import Finding
from workbench.panes.runs.export.choice import Choice

OFFERS = (
    Offer("f16", "F16", 16.0, 3_090_000_000),
    Offer("q8_0", "Q8_0", 8.5, 1_650_000_000),
    Offer("q4_k", "Q4_K", 4.5, 0, why_not="its rows are no multiple of 256"),
)
OFFERED = Offered(
    name="bicycle",
    title="bicycle",
    precision="nf4",
    ways=("nf4", "original"),
    way="nf4",
    targets=(
        OfferedTarget("adapter", "Adapter", 37_000_000),
        OfferedTarget("merged", "Merged into the original weights", 3_090_000_000),
        OfferedTarget("merged-nf4", "Merged into NF4's values", 3_090_000_000),
        OfferedTarget("gguf", "GGUF", 1_650_000_000, 25.0, offers=OFFERS),
        OfferedTarget("ollama", "Ollama", 1000, why_not="It needs a GGUF file."),
    ),
    measure_seconds=50,
)
HUB = OfferedTarget("hub", "Hub")
CHOICE = Choice(Path("/runs/one"), "bicycle", folder="/out", targets=("adapter", "merged", "gguf"))


def measured(item: str, kl: float | None, same: int = 2310) -> WeightsMeasured:
    return WeightsMeasured(
        item=item,
        perplexity=2.2,
        kl=kl,
        same_tokens=same,
        positions=2310 if kl is not None else 0,
        tokens=2310,
        rows=40,
    )


def known(nf4: float = 0.0004, original: float = 0.0187, same: int = 2226) -> Offered:
    found = [measured(REFERENCE, None), measured("merged-nf4", nf4, 2305), measured("merged", original, same)]
    return replace(OFFERED, measured={event.item: event for event in found})


def at_work() -> list[Finding]:
    first, second = STEPS[:2]
    checked = StepChecked(item=first.item, name="loaded back", ok=True, found="equal")
    done = StepDone(item=first.item, path=first.path, size_bytes=37_000_000, seconds=1)
    return [plan(), StepBegun(item=first.item), checked, done, StepBegun(item=second.item)]
