"""All that decides what the code of a run's training says."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.core.recipe.recipe import QUANTIZED, Recipe

ROWS, HELD_OUT, TEMPLATE = "rows.jsonl", "held-out.jsonl", "template.jinja"


@dataclass(frozen=True)
class Training:
    """All that decides what the code of a training says.

    Attributes:
        run: The name of the run.
        recipe: As the engine took it: with what an adapter, or a base that is stored quantized, brings along.
        base: The base model's id on the Hub, or its folder.
        steps: Optimizer steps in all; 0 where epochs decide.
        adapter: The folder of the adapter that is trained further; empty for a new one.
        tokenizer: The folder of the tokenizer where it is not the base's.
        tokens: What the tokenizer is told of its special tokens, such as {"pad_token": "</s>"}.
        attention: What the model's class multiplies attention by.
        is_stored_quantized: The base's own files hold quantized weights.
        has_template: Turns are wrapped in the template that lies beside the code.
        is_plain: Rows of which a template wraps none.
        is_turns: Rows of which a template wraps each.
        before: Ids that stand before a text without a template.
        held_out: Whether there are held-out rows.
        as_tokens: Rows that stand beside the code as tokens, of how many.
        notes: Sentences on what the code does not do as the run did.
        versions: Of the libraries that the run was made with.
    """

    run: str
    recipe: Recipe
    base: str
    steps: int
    revision: str = ""
    adapter: str = ""
    tokenizer: str = ""
    tokens: Mapping[str, str] = field(default_factory=dict)
    attention: str = "sdpa"
    is_stored_quantized: bool = False
    has_template: bool = False
    is_plain: bool = False
    is_turns: bool = True
    before: tuple[int, ...] = ()
    held_out: bool = False
    as_tokens: tuple[int, int] = (0, 0)
    notes: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def quantizes(self) -> bool:
        """Whether the weights are quantized as they are loaded."""
        return self.recipe.model.precision in QUANTIZED and not self.is_stored_quantized

    @property
    def upcasts(self) -> bool:
        """Whether what is not quantized is held in FP32."""
        lora = self.recipe.lora
        return lora.enabled and lora.upcast and self.recipe.model.precision in QUANTIZED

    @property
    def stops_early(self) -> bool:
        return self.recipe.evaluation.early_stopping_patience > 0

    @property
    def spells_loss(self) -> bool:
        """Whether it may run on a processor, where the head is multiplied for learned tokens alone."""
        return self.recipe.model.device != "cuda"


def quoted(value: str | list[str]) -> str:
    """A text, or a list of them, as Python reads it."""
    return json.dumps(value, ensure_ascii=False)
