"""What was predicted of a run's memory beside what was measured, moment by moment."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel

from workbench.core.job.history import History
from workbench.core.memory.ledger import Ledger
from workbench.core.memory.reconcile import share_in_words
from workbench.core.units import bytes_in_words
from workbench.panes.charts.canvas import Canvas
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Card
from workbench.panes.parts.controls import ElidedLabel, label

NOT_KNOWN = "\u2013"
PEAK_HELP = "The most that the run has held at once: loading, steps and answers alike."
IN_TRAINING_HELP = "The most that had been held by the last step. Answers before it count too."
WHOLE_RUN_HELP = "From start to end, answers after training included. The prediction speaks of training alone."
DRY_RUN_HELP = "Two steps at the longest sequence before the real ones."
# With a dry run and the whole run.
MOST_MOMENTS = 5


@dataclass(frozen=True)
class Moment:
    """A moment of a run; `number` is that of its disc in the plot, 0 for none; bytes are 0 where nothing is known."""

    number: int
    name: str
    predicted_bytes: int
    measured_bytes: int
    seconds: float
    help: str = ""

    @property
    def share(self) -> float | None:
        """How much more was measured than predicted, as a share of what was predicted."""
        if not self.predicted_bytes or not self.measured_bytes:
            return None
        return self.measured_bytes / self.predicted_bytes - 1

    @property
    def words(self) -> str:
        """What the moment is, and where both are known by how many bytes they differ."""
        off = ""
        if self.share is not None:
            difference = self.measured_bytes - self.predicted_bytes
            off = f"{bytes_in_words(abs(difference))} {'more' if difference > 0 else 'less'} than predicted."
        return f"{off} {self.help}".strip()


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
    after_load = peak = 0
    if ledger is not None:
        after_load, peak = ledger.after_load_bytes, ledger.peak_bytes
        if is_on_card(history):  # what torch's allocator counts has no overhead in it
            after_load = ledger.parts["weights"] + ledger.parts["unquantized"]
            peak = ledger.allocated_bytes
    rows = [("After loading", after_load, found.get("after load", (0.0, 0)), "")]
    if "dry run" in found:
        rows.append(("Dry run", peak, found["dry run"], DRY_RUN_HELP))
    rows.append(("First full step", peak, found.get("first optimizer step", (0.0, 0)), ""))
    rows.append(("In training", peak, _peak(history, began), IN_TRAINING_HELP))
    moments = [
        Moment(number, name, predicted, measured, seconds, help_words)
        for number, (name, predicted, (seconds, measured), help_words) in enumerate(rows, start=1)
    ]
    return [*moments, Moment(0, "Whole run", 0, peak_bytes(history) if history.ended else 0, 0.0, WHOLE_RUN_HELP)]


def peak_bytes(history: History) -> int:
    """The most memory of the attempt that is running or ran last; what comes after is shown at the end."""
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
        for column, words in ((2, "predicted"), (3, "measured"), (4, "off by")):
            self._grid.addWidget(label(words, "caption"), 0, column, Qt.AlignmentFlag.AlignRight)
        self._lines = [self._line(2 * place + 1) for place in range(MOST_MOMENTS)]
        self.body.addLayout(self._grid, 1)
        self._rows: list[Moment] = []
        theme.follow(self._restyle)
        self.show_moments(moments(History(), None))

    def _line(self, row: int) -> "_Line":
        made = _Line(
            _divider(), Disc(self.theme), ElidedLabel("", mode=Qt.TextElideMode.ElideRight), label("", "sentence"),
            label("", "heading"), label("", "sentence"),
        )  # fmt: skip
        self._grid.addWidget(made.divider, row, 0, 1, 5)
        for column, widget in enumerate(made[1:]):
            self._grid.addWidget(widget, row + 1, column)
        self._grid.setAlignment(made.disc, Qt.AlignmentFlag.AlignVCenter)
        for number in (made.predicted, made.measured, made.share):
            number.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return made

    def _restyle(self) -> None:
        self._grid.setHorizontalSpacing(self.theme.px(6))
        for place, made in enumerate(self._lines):
            is_shown = not made.name.isHidden()
            self._grid.setRowStretch(2 * place + 2, int(is_shown))
            self._grid.setRowMinimumHeight(2 * place + 2, self.theme.px(20) if is_shown else 0)

    def show_moments(self, rows: list[Moment]) -> None:
        if len(rows) != len(self._rows):
            for place, made in enumerate(self._lines):
                for widget in made:
                    widget.setVisible(place < len(rows))
        self._rows = rows
        for made, moment in zip(self._lines, rows, strict=False):
            made.disc.show_number(moment.number)
            made.name.set_text(moment.name)
            made.predicted.setText(_in_gigabytes(moment.predicted_bytes))
            made.measured.setText(_in_gigabytes(moment.measured_bytes))
            share = moment.share
            made.share.setText(NOT_KNOWN if share is None else share_in_words(share))
            for widget in (made.predicted, made.measured, made.share):
                widget.setToolTip(moment.words)
            made.measured.setAccessibleName(
                f"{moment.name}, measured {made.measured.text()}, predicted {made.predicted.text()}"
            )
        self._restyle()

    def texts(self) -> list[tuple[str, str, str]]:
        """Name, predicted and measured of each row."""
        return [
            (made.name.whole, made.predicted.text(), made.measured.text())
            for made, _ in zip(self._lines, self._rows, strict=False)
        ]


class _Line(NamedTuple):
    """The widgets of a row."""

    divider: QFrame
    disc: "Disc"
    name: ElidedLabel
    predicted: QLabel
    measured: QLabel
    share: QLabel


def _divider() -> QFrame:
    line = QFrame()
    line.setProperty("role", "divider")
    return line


class Disc(Canvas):
    """A moment's number as the plot shows it; 0 is none."""

    SIZE = (16, 16)
    GROWS = (False, False)

    def __init__(self, theme: Theme, number: int = 0) -> None:
        super().__init__(theme)
        self._number = number

    def show_number(self, number: int) -> None:
        if number != self._number:
            self._number = number
            self.update()

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
