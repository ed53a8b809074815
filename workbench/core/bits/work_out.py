"""The workings of a row, whatever its format."""

from workbench.core.bits.float_workings import work_out_float
from workbench.core.bits.inspection import Inspection
from workbench.core.bits.other_workings import work_out_codebook, work_out_integer, work_out_twos
from workbench.core.bits.rounding_words import rounding_words
from workbench.core.bits.workings import Workings, no_facts
from workbench.numerics.codebook import Codebook
from workbench.numerics.float_format import FloatFormat
from workbench.numerics.integer_format import IntegerFormat
from workbench.numerics.rounding import Rounding
from workbench.numerics.twos_format import TwosFormat


def workings_of(inspection: Inspection, rounding: Rounding, *, is_locked: bool = False) -> Workings:
    """Works out a code; of a locked one it is not said how the number was rounded, for it was not."""
    if inspection.code is None or inspection.decoded is None:
        return Workings(f"{inspection.format.name}: no code", sentence=inspection.note, facts=no_facts())
    how = "" if is_locked else rounding_words(inspection, rounding)
    match inspection.format:
        case FloatFormat() as format_:
            return work_out_float(format_, inspection, how)
        case TwosFormat() as format_:
            return work_out_twos(format_, inspection, how)
        case IntegerFormat() as format_:
            return work_out_integer(format_, inspection, how)
        case Codebook() as format_:
            return work_out_codebook(format_, inspection, how)
    raise TypeError(inspection.format)
