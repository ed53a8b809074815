"""The colours of formats on the number line, and which ink is read on them."""

from PySide6.QtGui import QColor

from workbench.numerics.number_format import NumberFormat
from workbench.panes.look.theme import Theme, tokens

# A name without a colour of its own takes that of its kin.
KIN = {"FP64": "FP32", "FP4 (bitsandbytes)": "FP4", "FP4 E2M1": "FP4", "UINT8": "INT8"}


def color_of(theme: Theme, format_: NumberFormat) -> QColor:
    """A format's colour on the line; a format of one's own is as grey as the article's."""
    name = KIN.get(format_.name, format_.name)
    known = tokens()["light"]["formats"]
    return theme.color(f"formats.{name if name in known else 'Article 6+10'}")


def readable_on(theme: Theme, ground: QColor) -> QColor:
    """The text colour or the card's, whichever is easier to read on a ground."""
    return max((theme.color("text.primary"), theme.color("surface.card")), key=lambda ink: contrast(ink, ground))


def contrast(one: QColor, other: QColor) -> float:
    """The ratio of WCAG 2.2."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: QColor) -> float:
    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())
