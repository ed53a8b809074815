"""How far off a layer's product is: plain INT8 in its five ways and LLM.int8(), as bars with their figures."""

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.core.quantized.outlier_products import PLAIN
from workbench.numerics.llm_int8 import Product
from workbench.panes.look.theme import Theme

TITLES = {
    Product.ABSMAX: "INT8 absmax",
    Product.ABSMAX_ROW: "absmax, row-wise",
    Product.ABSMAX_VECTOR: "absmax, vector-wise",
    Product.ZERO_POINT: "INT8 zero point",
    Product.ZERO_POINT_VECTOR: "zero point, vector-wise",
    Product.LLM_INT8: "LLM.int8()",
}
ROWS = (*PLAIN, Product.LLM_INT8)
DASH = "\u2013"
HIGHEST_ROW, LEAST_ROW = 36, 19


class ProductErrors(QWidget):
    """A row a method; what is not known yet is a dash."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._errors: dict[Product, float] = {}
        self._columns: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.show_errors({}, None)
        theme.changed.connect(self.update)

    def show_errors(self, errors: Mapping[Product, float], columns: int | None) -> None:
        """Relative errors by method, and how many columns LLM.int8() takes out."""
        self._errors, self._columns = dict(errors), columns
        said = [f"{TITLES[how]} {percent(errors[how])}" for how in ROWS if how in errors]
        if columns is not None:
            said.append(f"{columns} columns in 16 bits")
        self.setAccessibleName("Error of the product: " + (", ".join(said) or "not known yet"))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(360), self._theme.px(26) * (len(ROWS) + 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(240), self._theme.px(LEAST_ROW) * (len(ROWS) + 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        high = min(px(HIGHEST_ROW), self.height() / (len(ROWS) + 1))
        small, body = theme.font("small"), theme.font("body")
        metrics = QFontMetricsF(body)
        pad = theme.size("size.card_padding")
        names = max(metrics.horizontalAdvance(words) for words in TITLES.values()) + px(10)
        figures = metrics.horizontalAdvance("100.00 %") + px(4)
        columns = QFontMetricsF(small).horizontalAdvance("in 16 bits") + px(8)
        left, right = pad + names, self.width() - pad - figures
        bars = QRectF(left + columns + px(8), 0, max(1.0, right - left - columns - px(12)), 0)
        painter.setFont(small)
        painter.setPen(theme.color("text.secondary"))
        at_right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(left, 0, columns, high), at_right, "in 16 bits")
        painter.drawText(QRectF(right - px(80), 0, figures + px(80), high), at_right, "relative error")
        most = max(self._errors.values(), default=0.0) or 1.0
        for place, how in enumerate(ROWS):
            top = (place + 1) * high
            is_ours = how is Product.LLM_INT8
            if is_ours:
                painter.fillRect(QRectF(0, top, self.width(), high), theme.color("surface.selected"))
                painter.fillRect(QRectF(0, top, px(3), high), theme.color("accent.line"))
            painter.setPen(QPen(theme.color("border.divider"), 1))
            painter.drawLine(0, round(top), self.width(), round(top))
            painter.setFont(theme.font("body", weight=600) if is_ours else body)
            painter.setPen(theme.color("text.primary"))
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(pad, top, names, high), Qt.AlignmentFlag.AlignLeft | middle, TITLES[how])
            error = self._errors.get(how)
            painter.drawText(QRectF(right, top, figures, high), at_right, DASH if error is None else percent(error))
            painter.setFont(body)
            painter.setPen(theme.color("text.secondary"))
            known = None if self._columns is None else self._columns if is_ours else 0
            painter.drawText(QRectF(left, top, columns, high), at_right, DASH if known is None else str(known))
            if error is not None:
                thick = px(9)
                bar = QRectF(bars.left(), top + (high - thick) / 2, max(2.0, bars.width() * error / most), thick)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("status.warn"))
                painter.drawRoundedRect(bar, 2, 2)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def percent(share: float) -> str:
    """A relative error, such as "1.14 %"."""
    return f"{100 * share:.2f} %" if share < 1 else f"{100 * share:.0f} %"
