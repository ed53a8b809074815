"""What was measured, as the cards show it: of the two ways to merge, and of each type of a GGUF file."""

from workbench.core.export.measured import ITEMS, REFERENCE
from workbench.core.export.offered import Offered
from workbench.core.job.export_kinds import Way, WeightsMeasured
from workbench.core.units import counted, grouped
from workbench.numerics.formats import FORMATS
from workbench.panes.runs.export.choice import Choice
from workbench.panes.runs.export.gguf_card import GgufRow
from workbench.panes.runs.export.ways_card import WayRow
from workbench.panes.runs.export.words import in_short
from workbench.panes.runs.export.work import Work

# From this share of the same first choices on, answers are said to stay as they are.
SAME_ENOUGH = 0.99


# -- the two ways -----------------------------------------------------------------------------------------------------


def way_in_words(way: Way, offered: Offered) -> str:
    return f"{_rounded(offered)}\u2019s values" if way == "nf4" else "the original weights"


def _rounded(offered: Offered) -> str:
    return FORMATS[offered.precision].title if offered.precision in FORMATS else offered.precision.upper()


def way_rows(offered: Offered, choice: Choice) -> list[WayRow]:
    """The reference and both ways; nothing where there is one way alone."""
    if len(offered.ways) < 2:
        return []
    rounded = _rounded(offered)
    found = {way: offered.measured.get(ITEMS[way]) for way in offered.ways}
    closest = min((each.kl for each in found.values() if each is not None and each.kl is not None), default=None)
    is_whole = all(each is not None and each.kl is not None for each in found.values())
    reference = offered.measured.get(REFERENCE)
    rows = [
        WayRow(
            "",
            f"Adapter on {rounded}",
            "as it was trained",
            perplexity=reference.perplexity if reference is not None else None,
            tag=("reference", "none", "flag"),
        )
    ]
    titles: dict[Way, tuple[str, str]] = {
        "nf4": (f"Into {rounded}\u2019s values", "rounded, held in 16 bits"),
        "original": ("Into the original weights", "as downloaded"),
    }
    for way in offered.ways:
        event = found[way]
        is_better = is_whole and event is not None and event.kl == closest
        rows.append(
            WayRow(
                way,
                *titles[way],
                perplexity=event.perplexity if event is not None else None,
                kl=event.kl if event is not None else None,
                same_share=event.same_share if event is not None else None,
                is_better=is_better,
                tag=_tag(event, is_better=is_better, is_taken=choice.way_of(offered) == way) if is_whole else None,
            )
        )
    return rows


def _tag(event: WeightsMeasured | None, *, is_better: bool, is_taken: bool) -> tuple[str, str, str] | None:
    if event is None:
        return None
    if is_better:
        return ("better, taken" if is_taken else "better", "success", "check")
    changes = event.same_share is not None and event.same_share < SAME_ENOUGH
    return ("answers change" if changes else "further off", "warn", "warning")


def way_sentence(offered: Offered) -> str:
    """What follows of the figures; nothing before they are there."""
    rows = [event for way in offered.ways if (event := offered.measured.get(ITEMS[way])) is not None]
    if len(rows) < 2 or any(event.kl is None for event in rows):
        return ""
    rounded = _rounded(offered)
    if offered.way == "nf4":
        return (
            f"The adapter has also learned to undo {rounded}\u2019s rounding. In weights that were never rounded, "
            "that is a correction too many."
        )
    return (
        f"Held in 16 bits, {rounded}\u2019s values with the adapter lie further off than the original weights with it: "
        "what it learned does not hang on the rounding."
    )


def rows_in_words(offered: Offered) -> str:
    """ "measured on 40 held-out rows, 2 310 tokens"."""
    event = next(iter(offered.measured.values()), None)
    if event is None:
        return "to be measured on held-out rows"
    kind = "held-out row" if event.is_held_out else "row that it learned from"
    rows = counted(event.rows, kind) if event.is_held_out else f"{grouped(event.rows)} rows that it learned from"
    return f"measured on {rows}, {counted(event.tokens, 'token')}"


def measure_in_words(offered: Offered) -> str:
    """What the button says; nothing where all is measured, or nothing can be."""
    measured = all(ITEMS[way] in offered.measured for way in offered.ways)
    if measured or offered.measure_seconds is None:
        return ""
    return f"Measure, {in_short(offered.measure_seconds)}"


# -- GGUF -------------------------------------------------------------------------------------------------------------


def gguf_rows(offered: Offered, choice: Choice, work: Work) -> list[GgufRow]:
    target = offered.target("gguf")
    if target is None:
        return []
    is_wanted = "gguf" in choice.targets
    rows = []
    for offer in target.offers:
        item = f"gguf:{offer.type}"
        event = work.seen.measured.get(item) or offered.measured.get(item)
        if event is not None and event.against not in ("", ITEMS[choice.way_of(offered)]):
            event = None  # of the other way to merge
        step = work.seen.step(item)
        is_made = step is not None and work.state_of(step) == "done" and bool(step.path)
        is_possible = event is None and not offer.why_not and not target.why_not and not work.is_busy
        rows.append(
            GgufRow(
                offer.type,
                offer.title,
                offer.bits,
                step.size_bytes if is_made and step is not None else offer.size_bytes,
                is_predicted=not is_made,
                is_ticked=is_wanted and offer.type in choice.types,
                is_locked=work.has_begun(item),
                is_busy=work.measuring == item,
                why_not=offer.why_not or (target.why_not and "not of this model"),
                perplexity=event.perplexity if event is not None else None,
                kl=event.kl if event is not None else None,
                same_share=event.same_share if event is not None else None,
                measure=f"Measure, {in_short(target.seconds)}" if is_possible and not work.measuring else "",
            )
        )
    return rows
