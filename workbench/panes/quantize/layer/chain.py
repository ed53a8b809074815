"""The constants of a group as a chain: what is stored, and how a weight's scale comes of it."""

import struct
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent

from workbench.core.figures import in_digits
from workbench.core.quantized.layer_block import OpenGroup
from workbench.numerics.quantization_scheme import Grouping
from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme

CAPTION_PIXELS, VALUE_PIXELS, SIGN_PIXELS, GAP_PIXELS = 15, 17, 22, 4


@dataclass(frozen=True)
class Link:
    """A number with what it is, and the sign before it."""

    sign: str
    name: str
    value: str
    is_stored: bool = False


def chain_of(opened: OpenGroup) -> list[Link]:
    scheme = opened.study.scheme
    absmax = Link("", f"absmax of the {scheme.grouping.value}", in_digits(opened.absmax, 4))
    if opened.second is not None:
        second = opened.second
        return [
            absmax,
            Link("\u2192", "8-bit code", f"0x{second.code:02X}", is_stored=True),
            Link("=", "its level", in_digits(second.level, 4)),
            Link("\u00d7", "scale of 256 absmax", in_digits(second.scale, 4), is_stored=True),
            Link("+", "mean of all absmax", in_digits(second.mean, 4), is_stored=True),
            Link("=", "absmax again", in_digits(second.restored, 4)),
        ]
    quantizer = scheme.quantizer
    if quantizer.has_zero_point:
        study, index = opened.study, opened.index
        return [
            Link("", "lowest", in_digits(float(study.lowest[index]), 4)),
            Link("", "highest", in_digits(float(study.highest[index]), 4)),
            Link("\u2192", f"scale, {(1 << quantizer.bits) - 1} steps", in_digits(opened.constant, 4), is_stored=True),
            Link("", "zero point", in_digits(float(opened.zero_point or 0)), is_stored=True),
        ]
    if scheme.grouping is not Grouping.BLOCK:
        return [
            absmax,
            Link("\u00f7", "largest integer", str(quantizer.unit)),
            Link("=", "scale", in_digits(opened.constant, 4)),
            Link("\u2192", "absmax in FP32", _fp32(opened.absmax), is_stored=True),
        ]
    if opened.constant_code is None:
        return [absmax, Link("\u2192", "FP32, 4 bytes", _fp32(opened.constant), is_stored=True)]
    own = opened.constant / opened.tensor_scale if opened.tensor_scale else 0.0
    code = f"0x{opened.constant_code:0{quantizer.scale_format.hex_digits}X}"
    links = [
        absmax,
        Link("\u2192", f"scale in {quantizer.scale_title}", code, is_stored=True),
        Link("=", "a power of two" if quantizer.is_scale_a_power else "a number", in_digits(own, 4)),
    ]
    if quantizer.has_tensor_scale:
        links += [
            Link("\u00d7", "scale of the tensor", in_digits(opened.tensor_scale, 4), is_stored=True),
            Link("=", "scale", in_digits(opened.constant, 4)),
        ]
    return links


def _fp32(value: float) -> str:
    return f"0x{struct.pack('>f', value).hex().upper()}"


class Chain(Canvas):
    """Names above numbers; what is stored has a line below it, what does not fit is left out at the end."""

    SIZE, LEAST = (200, CAPTION_PIXELS + VALUE_PIXELS + 3), (100, CAPTION_PIXELS + VALUE_PIXELS + 3)
    GROWS = (True, False)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.links: list[Link] = []

    def show_links(self, links: list[Link]) -> None:
        self.links = links
        words = " ".join(f"{link.sign} {link.name} {link.value}{', stored' * link.is_stored}" for link in links)
        self.setAccessibleName(f"Constants: {words}" if links else "Constants")
        self.setToolTip("What has a line below it is stored." if links else "")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        small, mono = theme.font("caption"), theme.font("small", weight=500, mono=True)
        left = 0.0
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine
        for link in self.links:
            wide = max(
                QFontMetricsF(small).horizontalAdvance(link.name), QFontMetricsF(mono).horizontalAdvance(link.value)
            )
            sign = px(SIGN_PIXELS) if left else 0
            if left + sign + wide > self.width():
                break
            painter.setFont(theme.font("body"))
            painter.setPen(theme.color("text.tertiary"))
            painter.drawText(
                QRectF(left, px(CAPTION_PIXELS), sign, px(VALUE_PIXELS)), Qt.AlignmentFlag.AlignCenter, link.sign
            )
            left += sign
            painter.setFont(small)
            painter.drawText(QRectF(left, 0, wide + 2, px(CAPTION_PIXELS)), flags, link.name)
            painter.setFont(mono)
            painter.setPen(theme.color("text.primary"))
            painter.drawText(QRectF(left, px(CAPTION_PIXELS), wide + 2, px(VALUE_PIXELS)), flags, link.value)
            if link.is_stored:
                line = QRectF(
                    left, px(CAPTION_PIXELS + VALUE_PIXELS), QFontMetricsF(mono).horizontalAdvance(link.value), 2
                )
                painter.fillRect(line, theme.color("bits.index"))
            left += wide + px(GAP_PIXELS)
