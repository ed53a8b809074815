"""What tokens a model can take: ids that its embedding has a row for, and positions that it knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from workbench.core.model.families import known as families
from workbench.core.model.folder import stored_tensors
from workbench.core.model.json_file import read_json
from workbench.core.problems import UserError, shown
from workbench.core.units import counted, grouped

# Tokens that a sentence names.
NAMED = 4


@dataclass(frozen=True)
class ModelLimits:
    """Of a model folder; 0 where it is not known, or has no end."""

    model: str  # the folder's name
    words: int  # rows of the embedding: ids run from 0 to one less
    positions: int  # tokens

    def refuse_tokens(self, beyond: Mapping[int, int], names: Mapping[int, str], first: str) -> None:
        """Refuses rows with ids that have no row in the embedding. Raises UserError.

        `beyond` says in how many rows each such id stands, `names` how it is written, `first` where the first is.
        """
        if not beyond:
            return
        rows = max(beyond.values())
        in_rows = f" {grouped(rows)} rows have one of them." if rows > 1 else ""
        spelled = [f'"{shown(names.get(number, "?"), 40)}" ({grouped(number)})' for number in sorted(beyond)]
        more = f" and {len(spelled) - NAMED} more" if len(spelled) > NAMED else ""
        size = max(beyond) + 1
        raise UserError(
            f"{first} has a token that the model has no embedding for: {', '.join(spelled[:NAMED])}{more}.",
            why=f"The embedding of {self.model} has {grouped(self.words)} rows, numbered from 0: such tokens were "
            f"added to the tokenizer and not to the model.{in_rows}",
            remedy=f"Write the text without them, or enlarge the model first, model.resize_token_embeddings({size}) in "
            "transformers, and train it whole (lora.enabled = false): its new rows know nothing yet.",
        )

    def refuse_length(self, longest: int, rows: int, unit: str = "row") -> None:
        """Refuses rows that are longer than the model has positions; `rows` are as many. Raises UserError."""
        if not self.positions or longest <= self.positions:
            return
        raise UserError(
            f"{counted(rows, unit)} {'are' if rows != 1 else 'is'} longer than the {grouped(self.positions)} positions "
            f"of {self.model}: the longest has {grouped(longest)} tokens.",
            why="Of later positions the model knows nothing.",
            remedy=f"Set training.max_length = {self.positions}, which cuts them, or take a model with more positions.",
        )


def limits_of(folder: Path) -> ModelLimits:
    """The limits of a model folder, from its config.json and the embedding's header as far as they can be read."""
    try:
        config = read_json(folder / "config.json")
    except (OSError, ValueError):
        config = {}
    read = families.read(config if isinstance(config, dict) else {})
    table = read.family.embeddings[0] if read.family.is_known else ""
    try:
        tensors = stored_tensors(folder)
    except (UserError, OSError):
        tensors = {}
    sizes = [tensor.shape for name, tensor in tensors.items() if table and name.endswith(table)]
    words = sizes[0][0] if len(sizes) == 1 and len(sizes[0]) == 2 else read.size("vocabulary")
    return ModelLimits(folder.name, words, read.position_limit)
