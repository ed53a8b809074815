"""How far a chat is loaded: its phases in proportion to the time that each takes."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent

from workbench.core.job.events import Phase
from workbench.core.job.phases import how_far
from workbench.panes.charts.canvas import Canvas, write_line
from workbench.panes.look.theme import Theme
from workbench.panes.parts.bars import paint_bar

# A phase's word, the phases of the job that belong to it, and the share of the time that it takes where it comes.
STRETCHES = (
    ("Start", ("start",), 3),
    ("Download", ("look up", "download"), 8),
    ("Load", ("load", "quantize"), 4),
)
DONE_OPACITY = 0.45


class LoadingStrip(Canvas):
    """Segments that fill up; those that are done are paler than the one that is under way."""

    SIZE = (300, 74)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._place, self._share = 0, 0.0
        self._has_download = False
        self.sentence = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_phase(self, phase: Phase | None) -> None:
        """Shows what the chat's process does; None before it has said so."""
        if phase is None:
            self._place, self._share, self._has_download = 0, 0.0, False
            self.sentence = "Starting the engine"
        else:
            self.sentence = how_far(phase)
            place = next((place for place, (_, names, _) in enumerate(STRETCHES) if phase.name in names), self._place)
            share = phase.done / phase.total if phase.total else 0.0
            self._share = max(self._share, share) if place == self._place else share
            self._place = max(self._place, place)
            self._has_download |= phase.name == "download"
        self.setAccessibleName(self.sentence)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.color("surface.card"))
        edge, gap = theme.px(14), theme.px(5)
        font = theme.font("body", weight=500)
        high = theme.px(18)
        write_line(
            painter, theme, QRectF(edge, theme.px(8), self.width() - 2 * edge, high), self.sentence, font,
            "text.primary",
        )  # fmt: skip
        shown = [entry for entry in enumerate(STRETCHES) if entry[0] != 1 or self._has_download]
        room = self.width() - 2 * edge - gap * (len(shown) - 1)
        whole = sum(weight for _, (_, _, weight) in shown)
        left, top = float(edge), theme.px(14) + high
        for place, (name, _, weight) in shown:
            wide = room * weight / whole
            bar = QRectF(left, top, wide, theme.px(4))
            is_now = place == self._place
            paint_bar(painter, bar, theme.color("accent.tint" if is_now else "border.subtle"))
            share = 1.0 if place < self._place else self._share if is_now else 0.0
            if share:
                bar.setWidth(max(4.0, wide * share))
                painter.setOpacity(1.0 if is_now else DONE_OPACITY)
                paint_bar(painter, bar, theme.color("accent.line"))
                painter.setOpacity(1.0)
            words = QRectF(left, top + theme.px(8), wide, theme.px(16))
            looks = theme.font("caption", weight=600 if is_now else 400)
            write_line(painter, theme, words, name, looks, "text.primary" if is_now else "text.tertiary")
            left += wide + gap
