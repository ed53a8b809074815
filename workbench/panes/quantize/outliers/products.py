"""How far off a layer's product is: plain INT8 in its five ways and LLM.int8(), as bars with their figures."""

from collections.abc import Mapping

from PySide6.QtGui import QFontMetricsF

from workbench.core.quantized.outlier_products import PLAIN
from workbench.numerics.llm_int8 import Product
from workbench.panes.charts.bar_rows import BarRow, BarRows, Columns, Words
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
HEADS = (Words(""), *(Words(head, "text.secondary", "small") for head in ("in 16 bits", "relative error")))


class ProductErrors(BarRows):
    """A row a method; what is not known yet is a dash."""

    SIZE, LEAST = (360, 0), (240, 0)
    ROW, BAR = (26, 19, 36), 9
    HEADS = HEADS

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._errors: dict[Product, float] = {}
        self._columns: int | None = None
        self.show_errors({}, None)

    def show_errors(self, errors: Mapping[Product, float], columns: int | None) -> None:
        """Relative errors by method, and how many columns LLM.int8() takes out."""
        self._errors, self._columns = dict(errors), columns
        said = [f"{TITLES[how]} {percent(errors[how])}" for how in ROWS if how in errors]
        if columns is not None:
            said.append(f"{columns} columns in 16 bits")
        self.setAccessibleName("Error of the product: " + (", ".join(said) or "not known yet"))
        self.update()

    def columns(self) -> Columns:
        theme, px = self._theme, self._theme.px
        body, small = QFontMetricsF(theme.font("body")), QFontMetricsF(theme.font("small"))
        pad = theme.size("size.card_padding")
        names = max(body.horizontalAdvance(words) for words in TITLES.values()) + px(10)
        figures = body.horizontalAdvance("100.00 %") + px(4)
        columns = small.horizontalAdvance("in 16 bits") + px(8)
        left, right = pad + names, self.width() - pad - figures
        bar = left + columns + px(8)
        words = ((float(pad), left), (left, left + columns), (right - px(80), right + figures))
        return Columns((bar, max(bar + 1.0, right - px(4))), words)

    def bar_rows(self) -> list[BarRow]:
        most = max(self._errors.values(), default=0.0) or 1.0
        return [self._bar_row(how, self._errors.get(how), most) for how in ROWS]

    def _bar_row(self, how: Product, error: float | None, most: float) -> BarRow:
        is_ours = how is Product.LLM_INT8
        weight = 600 if is_ours else 400
        known = None if self._columns is None else self._columns if is_ours else 0
        words = (
            Words(TITLES[how], weight=weight),
            Words(DASH if known is None else str(known), "text.secondary"),
            Words(DASH if error is None else percent(error), weight=weight),
        )
        return BarRow(words, None if error is None else error / most, "status.warn", is_ours)


def percent(share: float) -> str:
    """A relative error, such as "1.14 %"."""
    return f"{100 * share:.2f} %" if share < 1 else f"{100 * share:.0f} %"
