"""The memory of a recipe as one answer: its ledger, that with the logits made otherwise, what would change it."""

from dataclasses import dataclass
from typing import Any

from workbench.core.memory import fitting, ledger
from workbench.core.memory.fitting import Change
from workbench.core.memory.ledger import Ledger
from workbench.core.model.shape import ModelShape
from workbench.core.recipe.recipe import Recipe, settings


@dataclass(frozen=True)
class Estimate:
    """What was asked and what it comes to; `other` is the ledger with the logits made the other way, on a card."""

    shape: ModelShape
    recipe: Recipe
    predicted: Ledger
    other: Ledger | None
    card: int | None  # bytes
    changes: list[Change]
    in_tiles: bool

    @classmethod
    def of(
        cls, shape: ModelShape, recipe: Recipe, device: str, card: int | None = None, *, in_tiles: bool = True
    ) -> "Estimate":
        predicted = ledger.predict(shape, recipe, device=device, fused_head=in_tiles)
        other = ledger.predict(shape, recipe, device=device, fused_head=not in_tiles) if device == "cuda" else None
        changes = fitting.changes(shape, recipe, device, card, fused_head=in_tiles)
        return cls(shape, recipe, predicted, other, card, changes, in_tiles and device == "cuda")

    def facts(self) -> dict[str, Any]:
        """What `estimate --json` prints."""
        shape, recipe, predicted, card = self.shape, self.recipe, self.predicted, self.card
        verdict = None if card is None else fitting.verdict(predicted.peak_bytes, card)
        other = self.other
        return {
            "model": shape.name,
            "family": shape.family,
            "parameters": shape.parameters,
            "trainable_parameters": ledger.trainable_parameters(shape, recipe),
            "lines": [
                {"name": line.name, "bytes": line.size_bytes, "formula": line.formula} for line in predicted.lines
            ],
            "peak_allocated_bytes": predicted.allocated_bytes,
            "total_bytes": predicted.peak_bytes,
            "peak_moment": predicted.peak,
            "logits": "tiles" if self.in_tiles else "whole",
            "card_bytes": card,
            "fits": None if verdict is None else verdict.spare_bytes >= 0,
            "verdict": None if verdict is None else verdict.word,
            "spare_bytes": None if verdict is None else verdict.spare_bytes,
            "otherwise": None
            if other is None
            else {
                "logits": "whole" if self.in_tiles else "tiles",
                "peak_allocated_bytes": other.allocated_bytes,
                "total_bytes": other.peak_bytes,
                "fits": None if card is None else other.peak_bytes <= card,
            },
            "moments": [
                {
                    "name": moment.name,
                    "bytes": moment.size_bytes,
                    "lines": {ledger.NAMES[part]: size for part, size in moment.parts.items()},
                }
                for moment in predicted.moments
            ],
            "changes": [
                {
                    "title": change.title,
                    "saved_bytes": change.saved_bytes,
                    "fits": None if card is None else change.fits,
                    "set": dict(change.changes),
                }
                for change in self.changes
            ],
            "unknown": list(predicted.unknown),
            "settings": {
                path: recipe.value(path) for path in settings() if path.startswith(("model.", "lora.", "training."))
            },
        }
