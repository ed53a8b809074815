"""The workings of a code, whatever its format."""

from workbench.core.bits.codebook_workings import work_out_codebook
from workbench.core.bits.float_workings import work_out_float
from workbench.core.bits.inspection import Inspection
from workbench.core.bits.integer_workings import work_out_integer
from workbench.core.bits.rounding_words import rounding_words
from workbench.core.bits.twos_workings import work_out_twos
from workbench.core.bits.workings import Workings, no_facts
from workbench.numerics.codebook import Codebook
from workbench.numerics.float_format import FloatFormat
from workbench.numerics.integer_format import IntegerFormat
from workbench.numerics.rounding import Rounding
from workbench.numerics.twos_format import TwosFormat


def workings_of(inspection: Inspection, rounding: Rounding | None) -> Workings:
    """Works out a code. `rounding` is how its number was rounded to it; None where the code itself was given."""
    if inspection.code is None or inspection.decoded is None:
        return Workings(f"{inspection.format.name}: no code", sentence=inspection.note, facts=no_facts())
    rounding_text = "" if rounding is None else rounding_words(inspection, rounding)
    match inspection.format:
        case FloatFormat() as format_:
            return work_out_float(format_, inspection, rounding_text)
        case TwosFormat() as format_:
            return work_out_twos(format_, inspection, rounding_text)
        case IntegerFormat() as format_:
            return work_out_integer(format_, inspection, rounding_text)
        case Codebook() as format_:
            return work_out_codebook(format_, inspection, rounding_text)
    raise TypeError(inspection.format)
