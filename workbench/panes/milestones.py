"""What was predicted of a run's memory beside what was measured, moment by moment."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from workbench.core.history import History
from workbench.core.ledger import Ledger
from workbench.panes.cards import Card
from workbench.panes.controls import ElidedLabel, label
from workbench.panes.theme import Theme

NOT_KNOWN = "\u2013"
PEAK_HELP = "The most that the run has held at once: loading, steps and answers alike."
IN_TRAINING_HELP = "The most that had been held by the last step. Answers before it count too."
WHOLE_RUN_HELP = "From start to end, answers after training included. The prediction speaks of training alone."
# The most that differs between a prediction and what was measured before it is worth a word.
CLOSE_SHARE = 0.15


@dataclass(frozen=True)
class Moment:
    """A moment of a run; `number` is that of its disc in the plot, 0 for none; bytes are 0 where nothing is known."""

    number: int
    name: str
    predicted_bytes: int
    measured_bytes: int
    seconds: float
    help: str = ""


def is_on_card(history: History) -> bool:
    """Whether the figures are those of a card's allocator."""
    return any(entry.memory.card_total_bytes for entry in history.milestones[-1:]) or any(
        entry.memory.card_total_bytes for entry in history.steps[-1:]
    )


def moments(history: History, ledger: Ledger | None) -> list[Moment]:
    """The moments that a prediction speaks of and the whole run, of the attempt that is running or ran last."""
    began = history.attempt_seconds[-1] if history.attempt_seconds else 0.0
    found = {
        entry.name: (seconds, entry.memory.peak_bytes)
        for entry, seconds in zip(history.milestones, history.milestone_seconds, strict=True)
        if seconds >= began
    }
    loaded = found.get("after load", (0.0, 0))
    stepped = found.get("first optimizer step", (0.0, 0))
    top = _peak(history, began)
    after_load = peak = 0
    if ledger is not None:
        after_load, peak = ledger.after_load_bytes, ledger.peak_bytes
        if is_on_card(history):  # what torch's allocator counts has no overhead in it
            after_load = ledger.parts["weights"] + ledger.parts["unquantized"]
            peak = ledger.allocated_bytes
    return [
        Moment(1, "After loading", after_load, loaded[1], loaded[0]),
        Moment(2, "First full step", peak, stepped[1], stepped[0]),
        Moment(3, "In training", peak, top[1], top[0], IN_TRAINING_HELP),
        Moment(0, "Whole run", 0, peak_bytes(history) if history.ended else 0, 0.0, WHOLE_RUN_HELP),
    ]


def peak_bytes(history: History) -> int:
    """The most memory of the attempt that is running or ran last; what comes after its last step is told at the end."""
    began = history.attempt_seconds[-1] if history.attempt_seconds else 0.0
    return max(_peak(history, began)[1], history.ended.peak_memory_bytes if history.ended else 0)


def _peak(history: History, began: float) -> tuple[float, int]:
    """When the largest memory of this attempt was first there, and how much it is."""
    seconds, peaks = history.memory.column("seconds"), history.memory.column("peak_bytes")
    if not len(peaks) or not np.isfinite(peaks[-1]) or not peaks[-1]:
        return 0.0, 0
    first = int(np.searchsorted(seconds, began, side="right"))
    place = min(first + int(np.searchsorted(peaks[first:], peaks[-1])), len(peaks) - 1)  # peaks never fall
    return float(seconds[place]), int(peaks[place])


class MilestoneCard(Card):
    """The table "Predicted and measured"; its discs are those of the memory plot."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Predicted and measured", "GB")
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        for column, words in ((2, "predicted"), (3, "measured")):
            self._grid.addWidget(label(words, "caption"), 0, column, Qt.AlignmentFlag.AlignRight)
        self._rows: list[tuple[Disc, ElidedLabel, QLabel, QLabel]] = []
        for place, moment in enumerate(moments(History(), None)):
            line = QFrame()
            line.setProperty("role", "divider")
            self._grid.addWidget(line, 2 * place + 1, 0, 1, 4)
            row = (
                Disc(theme, moment.number),
                ElidedLabel(moment.name, mode=Qt.TextElideMode.ElideRight),
                label(NOT_KNOWN, "sentence"),
                label(NOT_KNOWN),
            )
            row[3].setProperty("role", "heading")
            for column, widget in enumerate(row):
                self._grid.addWidget(widget, 2 * place + 2, column)
            self._grid.setAlignment(row[0], Qt.AlignmentFlag.AlignVCenter)
            for number in row[2:]:
                number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._grid.setRowStretch(2 * place + 2, 1)
            self._rows.append(row)
        self.body.addLayout(self._grid, 1)
        self._restyle()
        theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        self._grid.setHorizontalSpacing(self.theme.px(6))
        for place in range(len(self._rows)):
            self._grid.setRowMinimumHeight(2 * place + 2, self.theme.px(20))

    def show_moments(self, rows: list[Moment]) -> None:
        for (disc, _, predicted, measured), moment in zip(self._rows, rows, strict=True):
            predicted.setText(_in_gigabytes(moment.predicted_bytes))
            measured.setText(_in_gigabytes(moment.measured_bytes))
            off = ""
            if moment.predicted_bytes and moment.measured_bytes:
                share = moment.measured_bytes / moment.predicted_bytes - 1
                if abs(share) > CLOSE_SHARE:
                    off = f"Measured {abs(share):.0%} {'above' if share > 0 else 'below'} the prediction."
            for widget in (predicted, measured):
                widget.setToolTip(f"{off} {moment.help}".strip())
            measured.setAccessibleName(f"{moment.name}, measured {measured.text()}, predicted {predicted.text()}")
            disc.update()

    def texts(self) -> list[tuple[str, str, str]]:
        """Name, predicted and measured of each row."""
        return [(name.whole, predicted.text(), measured.text()) for _, name, predicted, measured in self._rows]


class Disc(QWidget):
    """A moment's number as the plot shows it."""

    def __init__(self, theme: Theme, number: int) -> None:
        super().__init__()
        self._theme = theme
        self._number = number
        self._restyle()
        theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        self.setFixedSize(self._theme.px(16), self._theme.px(16))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._number:
            painter = QPainter(self)
            paint_disc(painter, self._theme, self._number, QRectF(self.rect()))


def paint_disc(painter: QPainter, theme: Theme, number: int, box: QRectF) -> None:
    """A number in a disc of the text colour, in the middle of a rectangle."""
    side = min(float(theme.px(16)), box.width(), box.height())
    round_box = QRectF(0, 0, side, side)
    round_box.moveCenter(box.center())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("text.primary"))
    painter.drawEllipse(round_box)
    painter.setFont(theme.font("caption", weight=600))
    painter.setPen(theme.color("surface.card"))
    painter.drawText(round_box, Qt.AlignmentFlag.AlignCenter, str(number))


def _in_gigabytes(count: int) -> str:
    return f"{count / 1e9:.2f}" if count else NOT_KNOWN
