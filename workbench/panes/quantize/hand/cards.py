"""The chosen number worked out, and what the method cost all of them."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from workbench.core.figures import with_minus
from workbench.core.quantized.steps import Steps
from workbench.core.units import grouped
from workbench.numerics.rounding import Rounding
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Card, Tag
from workbench.panes.parts.controls import ElidedLabel, label
from workbench.panes.quantize.hand.chain import Chain, links_of
from workbench.panes.quantize.hand.model import HandModel
from workbench.panes.quantize.hand.presets import ARTICLE
from workbench.panes.quantize.hand.words import bits_words, decimals_of, finest, fixed, short


class WorkedCard(Card):
    """The chosen number, step by step, and a sentence about its error."""

    def __init__(self, theme: Theme, model: HandModel) -> None:
        super().__init__(theme, "One number")
        self._model = model
        self.tag = Tag(theme, "a slip in print", "warn")
        self.tag.setToolTip("The article prints another error than its own numbers have.")
        self.add_to_head(self.tag)
        self.chain = Chain(theme)
        self.sentence = label("", "small", wraps=True)
        self.sentence.setMinimumHeight(1)
        self.body.addWidget(self.chain)
        self.body.addWidget(self.sentence)
        self.body.addStretch(1)
        model.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        steps, index = self._model.steps, self._model.chosen
        is_slip = self._is_slip()
        self.tag.setVisible(is_slip)
        number = short(steps.values[index])
        self.title.setText("The article\u2019s 0.3" if is_slip else f"{number}, worked out")
        place = f"number {grouped(index + 1)} of {grouped(len(steps.values))}"
        self.scope.setText("scale 1/127" if is_slip else place)
        self.chain.show_links(links_of(steps, index))
        self.sentence.setText(self._slip_words() if is_slip else error_words(steps, index))

    def _is_slip(self) -> bool:
        """Whether what is shown is what the article worked out."""
        model = self._model
        method = model.method
        is_plain = method.format == "int8-absmax" and method.rounding is Rounding.NEAREST_EVEN and method.clip is None
        return model.preset == ARTICLE and is_plain and not model.is_dragged

    def _slip_words(self) -> str:
        error = abs(float(self._model.steps.errors[0]))
        times = round(PRINTED_ERROR / error)
        count = "ten" if times == 10 else grouped(times)
        true = fixed(error, 5)
        return f"The article prints {PRINTED_ERROR} as the error; the true one is {true}, {count} times smaller."


# What the article gives as the error of 0.3.
PRINTED_ERROR = 0.008


def error_words(steps: Steps, index: int) -> str:
    """How large a number's error is beside what its format allows."""
    group = int(steps.which[index])
    decimals, error = decimals_of(steps, group), abs(float(steps.errors[index]))
    if steps.is_clipped[index]:
        ends = [float(steps.lowest[group]), float(steps.highest[group])]
        end = ends[1] if steps.values[index] > 0 else ends[0]
        return f"Clipped: {short(steps.values[index])} is held at {short(end, 4)}, the last that is stored."
    if error == 0:
        return "It comes back as it was: nothing is lost."
    if steps.method.is_whole:
        scale = float(steps.scales[group])
        is_nearest = steps.method.rounding in (Rounding.NEAREST_EVEN, Rounding.NEAREST_AWAY)
        most, limit = ("half a step", scale / 2) if is_nearest else ("a whole step", scale)
        return (
            f"Rounding is off by {most} at most, {fixed(limit, decimals)}: this is {100 * error / limit:.0f} % of it."
        )
    levels, _codes = steps.levels(group)
    above = min(max(int(levels.searchsorted(float(steps.values[index]))), 1), len(levels) - 1)
    low, high = (fixed(float(level), decimals) for level in levels[above - 1 : above + 1])
    return f"It lies between two levels: {low} and {high} are all that can come back near it."


class Figure(QWidget):
    """A number with what it is above it."""

    def __init__(self, theme: Theme, name: str, tip: str) -> None:
        super().__init__()
        self._theme = theme
        self._name = label(name, "small")
        self._figure = label("", "equation")
        self._of = ElidedLabel("", "fact", Qt.TextElideMode.ElideRight)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(self._name, 0, 0, 1, 2)
        self._grid.addWidget(self._figure, 1, 0)
        self._grid.addWidget(self._of, 1, 1, Qt.AlignmentFlag.AlignVCenter)
        self.setToolTip(tip)
        self.setMinimumWidth(1)
        theme.follow(self._restyle)

    def _restyle(self) -> None:
        self._grid.setHorizontalSpacing(self._theme.px(5))

    @property
    def text(self) -> str:
        return f"{self._figure.text()} {self._of.whole}".strip()

    def show_figure(self, figure: str, of: str = "") -> None:
        self._figure.setText(figure)
        self._of.set_text(of)
        self.setAccessibleName(f"{self._name.text()}: {figure} {of}")


class CostCard(Card):
    """Error, signal to noise and size of all numbers together."""

    def __init__(self, theme: Theme, model: HandModel) -> None:
        super().__init__(theme, "What it cost")
        self._model = model
        self.largest = Figure(theme, "Largest error", "The largest difference between a number and what comes back.")
        self.mean = Figure(theme, "Mean error", "The mean of all differences, without their signs.")
        self.noise = Figure(
            theme, "Signal to noise", "The numbers' squares over the errors' squares, in decibels: 6 dB are one bit."
        )
        self.bits = Figure(
            theme,
            "Bits per number",
            "What is stored of each, and its share of the scales. More numbers share it better.",
        )
        self._grid = QGridLayout()
        self.body.addLayout(self._grid)
        self.body.addStretch(1)
        self.clipped = Tag(theme)
        self.add_to_head(self.clipped)
        self._columns = 0
        self.arrange(2)
        theme.changed.connect(self._space)
        model.changed.connect(self.refresh)
        self.refresh()

    @property
    def figures(self) -> tuple[Figure, Figure, Figure, Figure]:
        return self.largest, self.mean, self.noise, self.bits

    def arrange(self, columns: int) -> None:
        """Two figures a row, or all four."""
        if columns == self._columns:
            return
        self._columns = columns
        for place, figure in enumerate(self.figures):
            self._grid.removeWidget(figure)
            self._grid.addWidget(figure, place // columns, place % columns)
        for column in range(4):
            self._grid.setColumnStretch(column, (2 + (column == columns - 1)) if column < columns else 0)
        self._space()

    def _space(self) -> None:
        self._grid.setHorizontalSpacing(self.theme.px(12))
        self._grid.setVerticalSpacing(self.theme.px(8))

    def refresh(self) -> None:
        steps = self._model.steps
        measures, decimals = steps.measures, finest(steps)
        self.largest.show_figure(fixed(measures.max_abs_error, decimals))
        self.mean.show_figure(fixed(measures.mean_abs_error, decimals))
        if measures.snr_db is None:
            self.noise.show_figure("\u2013", "nothing is off" if measures.max_abs_error == 0 else "no signal")
        else:
            self.noise.show_figure(with_minus(f"{measures.snr_db:.1f}"), "dB")
        self.bits.show_figure(*bits_words(steps))
        count = int(steps.is_clipped.sum())
        self.clipped.show_state(f"{grouped(count)} clipped" if count else "", "warn", "scissors")
