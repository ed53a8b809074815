"""What the picture of a whole model says: formats and measures by short names, cells and sizes in sentences."""

from workbench.core.figures import TIMES, in_digits, with_minus
from workbench.core.problems import shown
from workbench.core.quantized.matrix_errors import MatrixErrors, Measure
from workbench.core.units import bytes_in_words, grouped
from workbench.numerics.quantization_scheme import SCHEMES, Scheme

# A colour goes to the first format that has it; the others have the colour of what is not a format.
_FIRST = {scheme.quantizer.color: scheme.name for scheme in reversed(SCHEMES.values())}
COLORS = {name: color for color, name in _FIRST.items()}
OTHER_COLOR = "formats.Article 6+10"
MEASURE_TITLES = {Measure.SNR: "SNR", Measure.RMSE: "RMS", Measure.MEAN: "Mean"}
MEASURE_TIPS = {
    Measure.SNR: "Signal to noise: 10 log10 of the sum of the squared weights over that of the squared errors",
    Measure.RMSE: "The root of the mean of the squared errors",
    Measure.MEAN: "The mean magnitude of the error",
}


def format_title(name: str) -> str:
    return SCHEMES[name].short_title if name in SCHEMES else shown(name, 12)


def format_color(name: str) -> str:
    return COLORS.get(name, OTHER_COLOR)


def scheme_in_words(scheme: Scheme) -> str:
    """A format with its blocks: "NF4, blocks of 64, double quantization"."""
    blocks = f", blocks of {grouped(scheme.block_size)}" if scheme.block_size else ""
    return f"{SCHEMES[scheme.name].title}{blocks}{', double quantization' if scheme.double_quant else ''}"


def value_in_words(found: MatrixErrors, by: Measure, *, has_unit: bool = True) -> str:
    """What a cell says of itself, such as "18.4 dB"."""
    if found.rmse is None:
        return "no figure"
    if found.is_exact:
        return "exact"
    value = found.value(by)
    if value is None:
        return "no figure"
    if by is Measure.SNR:
        return with_minus(f"{value:.1f}") + ("\u2009dB" if has_unit else "")
    return in_digits(value)


def place_in_words(line: str, title: str) -> str:
    """ "Layer 12, down_proj" """
    return f"Layer {line}, {title}" if line else title


def cell_in_words(line: str, title: str, found: MatrixErrors | None, count: int) -> str:
    """One cell of the map: where it is, what is lost there, and how large it is."""
    place = place_in_words(line, title)
    of = f"{grouped(count)} matrices" if count > 1 else "1 matrix"
    if found is None:
        return f"{place}: {of}, not measured yet"
    if found.rmse is None:
        return f"{place}: {found.problem or 'no figures'}"
    shape = f" {TIMES} ".join(grouped(side) for side in found.shape)
    what = f"{of} of {shape}" if count > 1 and shape else of if count > 1 else shape
    stored = f"{what} as {found.dtype}" if found.dtype else what
    sizes = f"{bytes_in_words(found.stored_bytes)} becomes {bytes_in_words(found.size_bytes)}"
    if found.is_exact:
        return f"{place}: every weight comes back as it was; {stored}, {sizes}"
    snr = "" if found.snr_db is None else f"signal to noise {value_in_words(found, Measure.SNR)}, "
    errors = ", ".join(
        f"{words} {in_digits(value)}"
        for words, value in (("RMS error", found.rmse), ("mean", found.mean), ("largest", found.largest))
        if value is not None
    )
    return f"{place}: {snr}{errors}; {stored}, {sizes}"


def bits_in_words(size_bytes: int, numbers: int) -> str:
    return f"{size_bytes * 8 / numbers:.3f}" if numbers else ""
