"""How far a run is before its first step: a thin segment a phase, and what it does in words."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent

from workbench.core.job.history import History
from workbench.core.job.phases import STRETCHES, how_far, stretch_of
from workbench.panes.charts.canvas import Canvas, write_line
from workbench.panes.look.theme import Theme
from workbench.panes.parts.bars import paint_bar


class RunPhases(Canvas):
    """Segments that fill up and never go back within one process of a run."""

    SIZE = (300, 74)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self._attempt = 0
        self._reached = 0
        self._share = 0.0
        self.sentence = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def refresh(self, history: History) -> None:
        attempt = history.started.attempt if history.started else 0
        if attempt != self._attempt:
            self._attempt, self._reached, self._share = attempt, 0, 0.0
        phase = history.phase
        if phase is None:
            self.sentence = "Starting the engine"
        else:
            self.sentence = how_far(phase)
            place = stretch_of(phase.name, has_trained=bool(len(history.steps)))
            share = phase.done / phase.total if phase.total else 0.0
            if place > self._reached:
                self._reached, self._share = place, share
            elif place == self._reached:
                self._share = max(self._share, min(1.0, share))
        self.setAccessibleName(self.sentence)
        self.update()

    @property
    def reached(self) -> tuple[str, float]:
        """The word of the phase it is in, and how much of that is done."""
        return STRETCHES[self._reached][0], self._share

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.color("surface.card"))
        edge, gap = theme.px(24), theme.px(5)
        font = theme.font("body", weight=500)
        high, room = QFontMetricsF(font).height(), self.width() - 2 * edge
        write_line(painter, theme, QRectF(edge, theme.px(8), room, high), self.sentence, font, "text.primary")
        small, strong = theme.font("caption"), theme.font("caption", weight=600)
        wide = (room - gap * (len(STRETCHES) - 1)) / len(STRETCHES)
        top = theme.px(14) + high
        for place, (name, _) in enumerate(STRETCHES):
            bar = QRectF(edge + place * (wide + gap), top, wide, theme.px(4))
            is_now = place == self._reached
            paint_bar(painter, bar, theme.color("accent.tint" if is_now else "border.subtle"))
            share = 1.0 if place < self._reached else self._share if is_now else 0.0
            if share:
                bar.setWidth(max(4.0, wide * share))
                paint_bar(painter, bar, theme.color("accent.line"))
            painter.setFont(strong if is_now else small)
            painter.setPen(theme.color("text.primary" if is_now else "text.tertiary"))
            under = QRectF(bar.left(), bar.bottom() + theme.px(4), wide, theme.px(16))
            words = QFontMetricsF(painter.font()).elidedText(name, Qt.TextElideMode.ElideRight, wide)
            painter.drawText(under, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, words)
