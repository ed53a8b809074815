"""How equation and sentence of a worked row are fitted into the room there is."""

from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt

from workbench.core.bits.workings import Workings
from workbench.panes.bits.shown.letters import LetterCase, Letters
from workbench.panes.bits.worked.equation import Equation
from workbench.panes.look.theme import Theme

WRAPPED = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
# From roomy to tight: gaps in pixels of the drawing, size of the equation, whether the sentence is small.
FITS = ((9, 1.0, False), (6, 1.0, False), (5, 0.94, True), (3, 0.88, True), (2, 0.8, True), (1, 0.68, True))


@dataclass(frozen=True)
class Fit:
    """One way to fit it all in: the parts with their heights."""

    gap: float
    equation: Equation
    letters: Letters  # of the sentence
    sentence_height: float
    height: float


def fit_in(
    theme: Theme, letters: LetterCase, workings: Workings, width: float, room: float, *, gaps: float, scale: float
) -> Fit:
    """The roomiest way that fits, with that number of gaps between the parts."""
    for gap, size, is_small in FITS:
        role = "small" if is_small else "body"
        equation = Equation(theme, letters, workings.equation, width, scale=size * scale)
        words = letters.of(role, pixels=round(theme.size(f"font.{role}") * scale))
        sentence = words.metrics.boundingRect(QRectF(0, 0, width, 1000), WRAPPED, workings.sentence).height()
        space = theme.px(gap) * scale
        fit = Fit(space, equation, words, sentence, equation.height + sentence + gaps * space + 1)
        if fit.height <= room:
            break
    return fit
