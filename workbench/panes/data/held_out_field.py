"""How many rows are held out: a number of them, or a share."""

from PySide6.QtWidgets import QWidget

from workbench.bridge.recipe_store import RecipeStore
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import settings
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import Segmented, label
from workbench.panes.parts.fields import NumberField

ROWS, SHARE = "evaluation.rows", "evaluation.fraction"
UNITS = (("rows", "rows"), ("share", "%"))
PERCENT = 100


class HeldOutField(QWidget):
    """A number with its unit; a number of rows and a share cannot both be asked for."""

    def __init__(self, store: RecipeStore, theme: Theme) -> None:
        super().__init__()
        self._store = store
        self.field = NumberField()
        self.field.setAccessibleName("Held out")
        self.field.setAccessibleDescription(settings()[ROWS].help)
        self.field.setToolTip(settings()[ROWS].help)
        self.field.edited.connect(self._take)
        self.unit = Segmented(UNITS, "Held out in")
        self.unit.chosen.connect(self._turn)
        self._problem = label("", "problem", wraps=True)
        self._problem.hide()
        in_column(in_row((self.field, 1), self.unit, gap=6), self._problem, gap=2, of=self)
        store.changed.connect(lambda _paths: self.refresh())
        self.refresh()

    def refresh(self) -> None:
        evaluation = self._store.recipe.evaluation
        if evaluation.rows or evaluation.fraction:
            self.unit.set_value("rows" if evaluation.rows else "share")
        elif not self.unit.value():
            self.unit.set_value("rows")
        is_share = self.unit.value() == "share"
        self.field.show_number(round(evaluation.fraction * PERCENT, 4) if is_share else evaluation.rows)
        self._say("")

    def _turn(self, unit: str) -> None:
        """The same number in another unit, as far as that can be."""
        self._take(self.field.text())

    def _take(self, text: str) -> None:
        is_share = self.unit.value() == "share"
        try:
            value = float("".join(text.split()).replace("\u2009", "").replace(",", "."))
        except ValueError:
            self._say(f"“{text[:20]}” is not a number.")
            return
        changes = {ROWS: 0, SHARE: value / PERCENT} if is_share else {ROWS: round(value), SHARE: 0.0}
        try:
            self._store.set_many(changes)
        except UserError:
            most = float(settings()[SHARE].maximum or 0) * PERCENT if is_share else float(settings()[ROWS].maximum or 0)
            self._say(f"It is from 0 to {grouped(round(most))}{' %' if is_share else ''}.")

    def _say(self, text: str) -> None:
        self._problem.setText(text)
        self._problem.setVisible(bool(text))
        polish(self.field, state="danger" if text else "")

    def problem_text(self) -> str:
        return "" if self._problem.isHidden() else self._problem.text()
