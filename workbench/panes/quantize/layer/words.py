"""What the picture of a layer says: names of formats, of groups, of columns, and where the bytes go."""

from collections.abc import Sequence

from workbench.core.figures import in_digits
from workbench.core.quantized.layer_block import OpenGroup
from workbench.core.quantized.layer_study import OUTLIER_DEVIATIONS, LayerStudy
from workbench.core.units import counted, grouped
from workbench.numerics.formats import DOUBLE_QUANT_BLOCK
from workbench.numerics.number_format import FieldKind
from workbench.numerics.quantization_scheme import SCALE_BYTES, SCHEMES, Grouping, Scheme

MOST_NAMED_COLUMNS = 4
COUNTS = {1: "one", 2: "two", 4: "four", 8: "eight"}


def title_of(scheme: Scheme) -> str:
    return scheme.label + (", double quant." if scheme.double_quant else "")


def group_word(scheme: Scheme) -> str:
    return {Grouping.BLOCK: "block", Grouping.ROW: "row", Grouping.TENSOR: "tensor"}[scheme.grouping]


def groups_in_words(study: LayerStudy) -> str:
    if study.scheme.grouping is Grouping.TENSOR:
        return "one for all weights"
    word = group_word(study.scheme)
    return counted(study.groups, word)


def heading_of(study: LayerStudy) -> str:
    name = study.scheme.label.partition(",")[0]
    return f"Weights and the {len(study.grid.levels)} levels of {name}"


def axis_in_words(scheme: Scheme) -> str:
    """What was done to each weight before it was counted."""
    match scheme.grouping:
        case Grouping.BLOCK:
            whose = f"its block of {grouped(scheme.block_size)}"
        case Grouping.ROW:
            whose = "its row"
        case Grouping.TENSOR:
            whose = "the tensor"
    if scheme.quantizer.has_zero_point:
        return f"each weight on the scale of {whose}, before it is rounded"
    return f"each weight divided by the {scheme.quantizer.divisor} of {whose}"


def part_in_words(study: LayerStudy, place: int) -> str:
    """A level, counted upward: what goes to it."""
    grid, scheme = study.grid, study.scheme
    ends = [in_digits(float(bound)) for bound in grid.bounds[max(0, place - 1) : place + 1]]
    reach = f"below {ends[0]}" if place == 0 else f"above {ends[0]}" if len(ends) == 1 else f"{ends[0]} to {ends[1]}"
    level = f"level {grid.labels[place]}"
    if not scheme.quantizer.has_zero_point:
        level += f" is {in_digits(float(grid.levels[place]), 4)}"
    share = ""
    if len(study.taken):
        share = f", {study.taken[place] / study.tensor.numbers:.2%} of the weights"
    return f"{level}: {reach} goes to it{share}"


def columns_in_words(outliers: Sequence[int]) -> str:
    """ "column 31 stands out" """
    if not outliers:
        return "none stands out"
    if len(outliers) == 1:
        return f"column {outliers[0]} stands out"
    return f"{len(outliers)} columns stand out"


def rule_in_words(study: LayerStudy) -> str:
    """When a column stands out."""
    if not len(study.columns):
        return "A vector has no columns."
    if study.column_limit is None:
        return "The columns are too few, or too much alike, for one to stand out."
    limit = f"{in_digits(study.column_limit)}, the median of all and {OUTLIER_DEVIATIONS:g} robust deviations"
    if len(study.outliers) < 2:
        return f"A column stands out with an absmax over {limit}."
    named = ", ".join(map(str, study.outliers[:MOST_NAMED_COLUMNS]))
    more = len(study.outliers) - MOST_NAMED_COLUMNS
    return f"Columns {named}{f' and {grouped(more)} more' if more > 0 else ''}: their absmax is over {limit}."


def open_in_words(opened: OpenGroup, first: int, shown: int, *, has_stored: bool) -> str:
    """Which weights the bytes below are."""
    study, word = opened.study, group_word(opened.study.scheme)
    which = f"{word} {grouped(opened.index + 1)} of {grouped(study.groups)}: " if study.groups > 1 else ""
    if shown >= opened.count:
        these = f"its {grouped(opened.count)} weights" if opened.count > 1 else "its one weight"
    else:
        these = f"weights {grouped(first + 1)} to {grouped(first + shown)} of {grouped(opened.count)}"
    was = ", as they were" if has_stored else ""
    packing = f", {COUNTS[opened.codes_per_byte]} to a byte" + ", the first at its right" * opened.is_first_low
    return f"{which}{these}{packing}, as they come back{was}"


def bytes_in_words(opened: OpenGroup) -> tuple[str, str]:
    """Where the bytes of the group go, and what that is for a weight."""
    scheme = opened.study.scheme
    is_index = FieldKind.INDEX in scheme.quantizer.kinds
    what = "integers" if scheme.quantizer.is_integer else "indices" if is_index else "codes"
    codes = f"{counted(opened.code_bytes, 'byte')} of {what}"
    total = f"{opened.code_bytes + opened.constant_bytes:.2f}".rstrip("0").rstrip(".")
    total = grouped(int(total)) if total.isdecimal() else total
    weights = counted(opened.count, "weight")
    each = f"{opened.bits_per_weight:.3f}".rstrip("0").rstrip(".")
    return f"{codes}{_constants_in_words(scheme)}: {total} bytes for {weights},", f"{each} bits each"


def _constants_in_words(scheme: Scheme) -> str:
    if scheme.double_quant:
        return f", 1 byte of scale, and a {DOUBLE_QUANT_BLOCK}th of {SCALE_BYTES} bytes for the scale of scales"
    if scheme.quantizer.has_zero_point:
        return f", {SCALE_BYTES} bytes of scale and 1 of zero point"
    what = scheme.quantizer.divisor if scheme.grouping is Grouping.BLOCK else "scale"
    count = scheme.quantizer.group_bytes
    return f" and {count} byte{'s' * (count != 1)} of {what}"


def default_comparison() -> list[Scheme]:
    nf4 = SCHEMES["nf4"]
    return [SCHEMES["int8"], nf4, nf4.with_blocks(double_quant=True), SCHEMES["fp4"], SCHEMES["int4"]]


def comparable() -> list[Scheme]:
    """All that can be put side by side, in the blocks that they have by default."""
    made = []
    for scheme in SCHEMES.values():
        made.append(scheme)
        if scheme.name == "nf4":
            made.append(scheme.with_blocks(double_quant=True))
    return made
