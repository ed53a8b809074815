"""The colours of formats on the number line."""

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
