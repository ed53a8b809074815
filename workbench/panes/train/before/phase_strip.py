"""The phases of a run to come, as a row of thin segments with words."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent

from workbench.panes.charts.canvas import Canvas, write_line
from workbench.panes.look.theme import Theme
from workbench.panes.parts.bars import paint_bar


class Segment(NamedTuple):
    """A phase with how long it takes, in words; the main one is where the model learns."""

    name: str
    time: str
    is_main: bool


class PhaseStrip(Canvas):
    """A segment a phase; the one in which the model learns is the widest, and in the accent."""

    GROWS = (True, False)
    SIZE = (300, 46)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._segments: tuple[Segment, ...] = ()

    def show_segments(self, segments: Sequence[Segment]) -> None:
        self._segments = tuple(segments)
        self.setAccessibleName(", ".join(f"{segment.name} {segment.time}".strip() for segment in segments))
        self.setToolTip(self.accessibleName())
        self.update()

    def _widths(self, gap: float) -> list[float]:
        """Room for each segment's words first; what is left goes to the main one."""
        name = QFontMetricsF(self._theme.font("body", weight=500))
        time = QFontMetricsF(self._theme.font("small"))
        needed = [
            max(name.horizontalAdvance(each.name), time.horizontalAdvance(each.time), self._theme.px(24)) + 2
            for each in self._segments
        ]
        room = self.width() - gap * (len(needed) - 1)
        spare = room - sum(needed)
        if spare < 0:
            return [wide * room / sum(needed) for wide in needed]
        main = [index for index, each in enumerate(self._segments) if each.is_main]
        shares = [2.0 if index in main else 1.0 for index in range(len(needed))]
        return [wide + spare * share / sum(shares) for wide, share in zip(needed, shares, strict=True)]

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._segments:
            return
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        gap = float(theme.px(5))
        x = 0.0
        strong, small = theme.font("body", weight=500), theme.font("small")
        for segment, wide in zip(self._segments, self._widths(gap), strict=True):
            color = theme.color("accent.line" if segment.is_main else "border.control")
            paint_bar(painter, QRectF(x, 2, wide, theme.px(4)), color)
            name = QRectF(x, theme.px(10), wide + 1, theme.px(18))
            write_line(painter, theme, name, segment.name, strong, "text.primary")
            time = QRectF(x, theme.px(27), wide + 1, theme.px(16))
            write_line(painter, theme, time, segment.time, small, "text.secondary")
            x += wide + gap


def short_time(seconds: float) -> str:
    """A time to stand below a narrow segment, such as "12 s", "3:20 min" or "2:05 h"."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    if seconds < 3600:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes}:{rest:02} min"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours}:{minutes:02} h"
