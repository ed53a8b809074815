"""What the Memory page is about: ways to train one model side by side, and the card that they have to fit into."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from workbench.core.memory import corrections, fitting, ledger
from workbench.core.memory.corrections import Corrected, Correction
from workbench.core.memory.fitting import Change, Verdict
from workbench.core.memory.ledger import Ledger
from workbench.core.memory.scenarios import FOUR_WAYS
from workbench.core.model.shape import ModelShape
from workbench.core.recipe.recipe import Recipe
from workbench.panes.memory.recipe import completed, way_title

MOST_WAYS = 4
# Predictions of recipes that rows had before.
MOST_KEPT = 50
# What every row shares while the rows go together.
SHARED = ("training.batch_size", "training.max_length")


@dataclass(frozen=True)
class Card:
    """Memory to fit into; `name` is the driver's, "cpu", or nothing for a card that is assumed."""

    title: str
    free_bytes: int
    total_bytes: int
    name: str = ""
    device: str = "cuda"


def assumed(size_gb: int) -> Card:
    return Card(f"{size_gb} GB", size_gb * 10**9, size_gb * 10**9)


@dataclass(frozen=True)
class Way:
    """A row: a recipe, with a name of its own where a person gave it one."""

    recipe: Recipe
    name: str = ""

    @property
    def title(self) -> str:
        return self.name or way_title(self.recipe)


@dataclass(frozen=True)
class PredictedWay:
    """A row with the memory that is predicted for it, and whether that fits."""

    way: Way
    ledger: Ledger
    corrected: Corrected
    verdict: Verdict


class MemoryModel(QObject):
    """Holds the model, the rows and the card; what follows from them is computed once, when it is asked for.

    Signals:
        changed: Anything may differ now.
    """

    changed = Signal()

    def __init__(self, base: Recipe, card: Card, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.shape: ModelShape | None = None
        self.model_title = ""
        self.source = ""  # what a recipe calls the model; nothing where it is in no place
        self.ways: list[Way] = [Way(way.recipe(base)) for way in FOUR_WAYS]
        self.chosen = len(self.ways) - 1
        self.card = card
        self.unit = "GB"
        self.in_tiles = True
        self.go_together = True
        self._learned: dict[tuple[str, str], Correction] = {}
        self._rows: dict[Recipe, tuple[Ledger, Corrected, Verdict]] = {}

    # -- what is asked -------------------------------------------------------------------------------------------------

    @property
    def recipe(self) -> Recipe:
        """That of the chosen row: what the form is about."""
        return self.ways[self.chosen].recipe

    @property
    def how(self) -> dict[str, bool]:
        """What ledger.predict takes beside."""
        return {"fused_head": self.in_tiles}

    @property
    def titles(self) -> list[str]:
        """Of the rows, numbered where two are made alike."""
        found: list[str] = []
        for way in self.ways:
            title, number = way.title, 2
            while title in found:
                title, number = f"{way.title} {number}", number + 1
            found.append(title)
        return found

    @property
    def title(self) -> str:
        return self.titles[self.chosen]

    def predicted_ways(self) -> list[PredictedWay]:
        """The rows; none without a model."""
        if self.shape is None:
            return []
        return [PredictedWay(way, *self._row(way.recipe)) for way in self.ways]

    @property
    def row(self) -> PredictedWay | None:
        """The chosen one."""
        return None if self.shape is None else PredictedWay(self.ways[self.chosen], *self._row(self.recipe))

    @property
    def correction(self) -> Correction:
        """What finished runs on this card with models of this family have taught."""
        family = self.shape.family if self.shape is not None else ""
        key = (self.card.name, family)
        if key not in self._learned:
            self._learned[key] = corrections.learned(*key) if self.card.name else Correction(*key)
        return self._learned[key]

    def peak_bytes(self, recipe: Recipe, *, in_tiles: bool | None = None) -> int:
        """Of a recipe with this model on this card, before what was learned."""
        assert self.shape is not None
        tiles = self.in_tiles if in_tiles is None else in_tiles
        return ledger.predict(self.shape, recipe, device=self.card.device, fused_head=tiles).peak_bytes

    def saved_bytes(self, path: str) -> int:
        """What a switch of the chosen row saves while it is on, or would save."""
        if self.shape is None:
            return 0
        is_on = bool(self.recipe.value(path))
        other = self.peak_bytes(fitting.with_changes(self.recipe, {path: not is_on}))
        mine = self._row(self.recipe)[0].peak_bytes
        return other - mine if is_on else mine - other

    def tiles_save_bytes(self) -> int:
        if self.shape is None:
            return 0
        other = self.peak_bytes(self.recipe, in_tiles=not self.in_tiles)
        mine = self._row(self.recipe)[0].peak_bytes
        return other - mine if self.in_tiles else mine - other

    def most(self) -> dict[str, int | str | None]:
        """The longest sequence, largest batch and rank and highest precision that fit, each by itself."""
        if self.shape is None:
            return dict.fromkeys(fitting.QUESTIONS)
        shape, recipe, device, limit = self.shape, self.recipe, self.card.device, self._plain_limit
        return {name: ask(shape, recipe, device, limit, **self.how) for name, ask in fitting.QUESTIONS.items()}

    def changes(self) -> list[Change]:
        """What one step of each setting would save or cost, the largest saving first."""
        if self.shape is None:
            return []
        return fitting.changes(self.shape, self.recipe, self.card.device, self._plain_limit, **self.how)

    @property
    def _plain_limit(self) -> int:
        """The limit for a prediction that does not know yet what was learned."""
        row = self.row
        return self.card.free_bytes if row is None else corrections.plain_limit(self.card.free_bytes, row.corrected)

    def predict(self, recipe: Recipe) -> Ledger:
        """The memory of any recipe, a row's or not, before what was learned."""
        assert self.shape is not None
        return ledger.predict(self.shape, recipe, device=self.card.device, **self.how)

    def _row(self, recipe: Recipe) -> tuple[Ledger, Corrected, Verdict]:
        if recipe not in self._rows:
            predicted = self.predict(recipe)
            peak = corrections.corrected(predicted, self.correction)
            self._rows[recipe] = predicted, peak, fitting.verdict(peak.peak_bytes, self.card.free_bytes)
        return self._rows[recipe]

    # -- what is changed -----------------------------------------------------------------------------------------------

    def show_model(self, shape: ModelShape, title: str, source: str) -> None:
        self.shape, self.model_title, self.source = shape, title, source
        self._emit_changed()

    def change(self, changes: Mapping[str, Any]) -> None:
        """Changes the chosen row, and the others where they go together. Raises UserError."""
        ways = list(self.ways)
        ways[self.chosen] = replace(ways[self.chosen], recipe=completed(self.recipe, changes))
        shared = {path: value for path, value in changes.items() if path in SHARED}
        if shared and self.go_together:
            ways = [
                way if index == self.chosen else replace(way, recipe=fitting.with_changes(way.recipe, shared))
                for index, way in enumerate(ways)
            ]
        if ways != self.ways:
            self.ways = ways
            self._emit_changed(anew=False)

    def choose(self, row: int) -> None:
        if row != self.chosen and 0 <= row < len(self.ways):
            self.chosen = row
            self._emit_changed(anew=False)

    @property
    def can_add(self) -> bool:
        return len(self.ways) < MOST_WAYS

    def add(self, recipe: Recipe) -> None:
        """A row below the others, which is chosen then."""
        if self.can_add:
            self.ways = [*self.ways, Way(recipe)]
            self.chosen = len(self.ways) - 1
            self._emit_changed(anew=False)

    def remove(self, row: int) -> None:
        """The last one stays."""
        if len(self.ways) > 1:
            self.ways = [way for index, way in enumerate(self.ways) if index != row]
            self.chosen = min(self.chosen - (row < self.chosen), len(self.ways) - 1)
            self._emit_changed(anew=False)

    def rename(self, row: int, name: str) -> None:
        """Without a name the row is called after what it does."""
        self.ways[row] = replace(self.ways[row], name=" ".join(name.split())[:60])
        self._emit_changed(anew=False)

    def start_over(self, base: Recipe) -> None:
        """The four ways again."""
        self.ways = [Way(way.recipe(base)) for way in FOUR_WAYS]
        self.chosen = len(self.ways) - 1
        self._emit_changed(anew=False)

    def show_card(self, card: Card) -> None:
        if card != self.card:
            self.card = card
            self._emit_changed()

    def set_unit(self, unit: str) -> None:
        self.unit = unit
        self._emit_changed(anew=False)

    def set_tiles(self, in_tiles: bool) -> None:
        self.in_tiles = in_tiles
        self._emit_changed()

    def set_together(self, go_together: bool) -> None:
        """Whether batch and sequence are those of every row: taken from the chosen one."""
        self.go_together = go_together
        if go_together:
            self.change({path: self.recipe.value(path) for path in SHARED})
        self._emit_changed(anew=False)

    def look_again(self) -> None:
        """Runs may have ended since."""
        before = dict(self._learned)
        self._learned.clear()
        if before and any(corrections.learned(*key) != kept for key, kept in before.items() if key[0]):
            self._emit_changed()

    def forget(self) -> None:
        """What was learned of this card and family is gone. Raises UserError."""
        correction = self.correction
        corrections.reset(correction.card, correction.family)
        self._learned.clear()
        self._emit_changed()

    def _emit_changed(self, *, anew: bool = True) -> None:
        """`anew` where what was predicted for the rows no longer holds."""
        if anew:
            self._rows.clear()
        elif len(self._rows) > MOST_KEPT:
            self._rows = {recipe: row for recipe, row in self._rows.items() if recipe in self._recipes()}
        self.changed.emit()

    def _recipes(self) -> list[Recipe]:
        return [way.recipe for way in self.ways]
