"""The figures of the Memory page in words, and its tables as text."""

import csv
import io
from collections.abc import Sequence

from workbench.core.figures import with_sign
from workbench.core.memory.fitting import Verdict
from workbench.core.memory.ledger import NAMES, PARTS
from workbench.panes.memory.model import Card, MemoryModel, PredictedWay

UNITS = {"GB": 1e9, "GiB": 2.0**30}
TITLES = {part: part.capitalize() for part in PARTS}


def amount(size_bytes: float, unit: str, digits: int = 1) -> str:
    """In GB or GiB: "8.4", "137" from 100 on, with `digits` decimals below; nothing at all is "0"."""
    value = size_bytes / UNITS[unit]
    if not size_bytes:
        return "0"
    if abs(value) >= 99.95:
        return f"{value:.0f}"
    return f"{value:.{digits}f}"


def fine(size_bytes: int, unit: str) -> str:
    """The same with two decimals; what is less is not taken for nothing."""
    if 0 < size_bytes < 0.005 * UNITS[unit]:
        return "<0.01"
    return f"{size_bytes / UNITS[unit]:.2f}" if size_bytes else "0"


def change_words(saved_bytes: int, unit: str) -> str:
    """What a change does: a minus sign and what it saves, a plus sign and what it costs."""
    return with_sign(fine(abs(saved_bytes), unit), -saved_bytes)


def verdict_words(verdict: Verdict, unit: str) -> str:
    spare = amount(abs(verdict.spare_bytes), unit)
    if verdict.spare_bytes < 0:
        return f"does not fit, lacks {spare}"
    return f"{verdict.word}, {spare} to spare"


def tag_words(title: str, row: PredictedWay, card: Card, unit: str) -> str:
    """ "QLoRA fits: 8.4 of 12.0 GB"."""
    word = {"fits": "fits", "tight": "is tight", "does not fit": "does not fit"}[row.verdict.word]
    return f"{title} {word}: {amount(row.corrected.peak_bytes, unit)} of {amount(card.free_bytes, unit)} {unit}"


def limit_words(card: Card, unit: str) -> str:
    free = f"{amount(card.free_bytes, unit)} {unit}"
    if card.device == "cpu":
        return f"this computer, {free} free"
    return f"this card, {free} free" if card.name else f"a card of {free}"


def learned_words(model: MemoryModel) -> str:
    """On how many finished runs the figure rests."""
    correction, card = model.correction, model.card
    if not card.name:
        return "Computed from formulas alone: no run is known of a card that is assumed."
    where = "this computer" if card.device == "cpu" else "this card"
    family = correction.family or "such"
    if not correction.runs:
        return f"Computed from formulas alone: no run of a {family} model on {where} has finished yet."
    return f"Corrected by {family} models on {where}: {correction.in_words}."


def line_rows(row: PredictedWay, unit: str) -> list[tuple[str, str, str]]:
    """The ledger line by line: name, size and formula."""
    rows = [(TITLES[line.part], fine(line.size_bytes, unit), line.formula) for line in row.ledger.lines]
    more = row.corrected.peak_bytes - row.ledger.peak_bytes
    if row.corrected.correction.runs:
        rows.append(("Learned", change_words(-more, unit) if more else "0", row.corrected.correction.in_words))
    return [*rows, ("Peak", fine(row.corrected.peak_bytes, unit), f"at the {row.ledger.moment}")]


def lines_text(row: PredictedWay, unit: str) -> str:
    """With tabs between, for a spreadsheet."""
    rows = [("Line", unit, "Formula"), *line_rows(row, unit)]
    return "\n".join("\t".join(cells) for cells in rows) + "\n"


def ways_text(model: MemoryModel) -> str:
    """All rows side by side, with tabs between."""
    rows, unit = model.predicted_ways(), model.unit
    table = [[f"Line ({unit})", *model.titles]]
    for index, part in enumerate(PARTS):
        table.append([TITLES[part], *(fine(row.ledger.lines[index].size_bytes, unit) for row in rows)])
    table.append(["Peak", *(fine(row.corrected.peak_bytes, unit) for row in rows)])
    table.append(["Verdict", *(verdict_words(row.verdict, unit) for row in rows)])
    return "\n".join("\t".join(cells) for cells in table) + "\n"


def ways_csv(model: MemoryModel) -> str:
    """A line for each part of each row, in bytes, with its formula."""
    text = io.StringIO()
    write = csv.writer(text, lineterminator="\n").writerow
    write(("model", "way", "line", "bytes", "formula"))
    for title, row in zip(model.titles, model.predicted_ways(), strict=True):
        for line in row.ledger.lines:
            write((_plain(model.model_title), _plain(title), NAMES[line.part], line.size_bytes, line.formula))
        peak = row.corrected.peak_bytes
        if peak != row.ledger.peak_bytes:
            learned = row.corrected.correction.in_words
            write((_plain(model.model_title), _plain(title), "learned", peak - row.ledger.peak_bytes, learned))
        write((_plain(model.model_title), _plain(title), "peak", peak, f"at the {row.ledger.moment}"))
    return text.getvalue()


def _plain(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name[:1] in tuple("=+-@\t\r") else name


def count_words(count: int) -> str:
    return ("No way", "One way", "Two ways", "Three ways", "Four ways")[count]


def ways_words(titles: Sequence[str], rows: Sequence[PredictedWay], unit: str) -> str:
    """All rows in a sentence each, for a screen reader."""
    return " ".join(
        f"{title}: {amount(row.corrected.peak_bytes, unit)} {unit}, {verdict_words(row.verdict, unit)}."
        for title, row in zip(titles, rows, strict=False)  # no rows without a model
    )
