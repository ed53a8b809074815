"""The same numbers in every format: how far each is off, and what it takes."""

from dataclasses import replace

from workbench.core.quantized.steps import FORMATS, Steps, work_out
from workbench.numerics.rounding import Rounding
from workbench.panes.charts.bar_rows import BarRow, BarRows, Columns, Words
from workbench.panes.look.theme import Theme
from workbench.panes.parts.cards import Card
from workbench.panes.parts.in_sight import RefreshedInSight
from workbench.panes.quantize.hand.model import HandModel
from workbench.panes.quantize.hand.words import TITLES, bits_words, fixed

NAME, ERROR, BITS = 112, 66, 62  # the drawn widths of the columns; the bar has the rest
MEAN_DECIMALS = 4


class FormatBars(RefreshedInSight, BarRows):
    """A row a format: name, mean error as a bar and as a number, bits per number. Computed when it is seen."""

    SIZE, GROWS = (300, 0), (True, False)
    HEADS = (Words(""), *(Words(head, "text.tertiary", "caption") for head in ("mean error", "bits each")))

    def __init__(self, theme: Theme, model: HandModel) -> None:
        super().__init__(theme, "Mean error by format")
        self._model = model
        self.made: dict[str, Steps] = {}
        model.changed.connect(self.refresh_in_sight)

    def row_count(self) -> int:
        return len(FORMATS) + 1

    def refresh(self) -> None:
        model = self._model
        for name in FORMATS:
            method = replace(model.method, format=name, stretch=1.0, shift=0)
            if method.rounding not in method.roundings:
                method = replace(method, rounding=Rounding.NEAREST_EVEN)
            self.made[name] = work_out(model.values, model.rows, method)
        errors = (f"{TITLES[name]} {self._error(steps)}" for name, steps in self.made.items())
        self.setAccessibleDescription(", ".join(errors))
        self.update()

    def _error(self, steps: Steps) -> str:
        return fixed(steps.measures.mean_abs_error, MEAN_DECIMALS)

    def columns(self) -> Columns:
        px, pad = self._theme.px, self._theme.px(14)
        left, right = float(pad + px(NAME)), float(self.width() - pad - px(ERROR + BITS))
        bits = right + px(ERROR)
        return Columns((left, right), ((float(pad), left), (right, bits), (bits, bits + px(BITS))))

    def bar_rows(self) -> list[BarRow]:
        largest = max((steps.measures.mean_abs_error for steps in self.made.values()), default=0.0)
        found = []
        for name, steps in self.made.items():
            is_own = name == self._model.method.format
            words = (
                Words(TITLES[name], "text.primary" if is_own else "text.secondary"),
                Words(self._error(steps)),
                Words(bits_words(steps)[0], "text.secondary"),
            )
            share = steps.measures.mean_abs_error / largest if largest > 0 else 0.0
            found.append(BarRow(words, share, steps.method.quantizer.color, is_own))
        return found


class FormatsCard(Card):
    """What the other formats would have made of the numbers, with the same blocks and clipping."""

    def __init__(self, theme: Theme, model: HandModel) -> None:
        super().__init__(theme, "Every format", "the same numbers, each with its own scale")
        self.bars = FormatBars(theme, model)
        self.set_margins(1, 0, 1, 6)
        self.body.addWidget(self.bars)
