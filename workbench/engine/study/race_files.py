"""Where a race keeps what it works with, in its study's folder."""

from pathlib import Path


class RaceFiles:
    """Paths; a precision has a folder of its own."""

    def __init__(self, study: Path) -> None:
        self.reference = study / "reference.f32"  # log-probabilities that the others are compared with
        self.trainings = study / "runs"
        self._precisions = study / "precisions"

    def journal(self, precision: str) -> Path:
        return self._precisions / precision / "journal.jsonl"

    def console(self, precision: str) -> Path:
        return self._precisions / precision / "console.log"
