"""How one comes from a number to its code and from the code to its value, in lines of text."""

from workbench.core.bits.inspection import Inspection
from workbench.core.bits.rounding_words import NEAREST, distance_words
from workbench.core.bits.work_out import workings_of
from workbench.core.bits.workings import NONE, plain_text
from workbench.numerics.rounding import Rounding


def explanation_of(inspection: Inspection, rounding: Rounding | None, *, is_brief: bool = False) -> tuple[str, ...]:
    """The workings of a code: title, fields, equation, sentences and neighbours, none of them empty.

    `rounding` is how the number was rounded to it; None where the code itself was given. A brief explanation has
    neither fields nor neighbours, and its equation in one line.
    """
    workings = workings_of(inspection, rounding)
    sentences = [workings.sentence, "" if rounding is None else _choice_words(inspection, rounding)]
    if is_brief:
        lines = [workings.title, " = ".join(workings.sides), *sentences]
    else:
        lines = [
            workings.title,
            *(rule.text for rule in workings.rules),
            *(plain_text(line) for line in workings.equation),
        ]
        lines += [*sentences, *(f"{name}: {value}" for name, value in workings.facts if value != NONE)]
    return tuple(line for line in lines if line)


def _choice_words(inspection: Inspection, rounding: Rounding) -> str:
    """Why one of the two values around the number was chosen; nothing where it is exact or beyond the last value."""
    format_, given, decoded = inspection.format, inspection.given.value, inspection.decoded
    if given is None or decoded is None or given == decoded.value:
        return ""
    below = format_.ordinal_at_or_below(given)
    if not 0 <= below < format_.value_count - 1:
        return ""
    low, high = format_.value_at(below), format_.value_at(below + 1)
    distances, *nearer = distance_words(format_, given, low, high)
    if rounding in NEAREST:
        return " ".join((distances, *nearer))
    return f"{distances} The rounding is {rounding}: it becomes the {'lower' if decoded.value == low else 'upper'} one."
