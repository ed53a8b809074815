"""The rows of a batch as the trainer gets it: made by its own collator from what was prepared."""

from itertools import pairwise
from pathlib import Path

from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.prepared.preparing import Preparation
from workbench.core.tokens.token_row import IGNORED

# Ids and labels of one row.
Sequence = tuple[tuple[int, ...], tuple[int, ...]]


def in_the_batch(recipe: Recipe, folder: Path, out: Path) -> list[Sequence]:
    """Ids and labels of each row in the batch that the trainer's own collator makes of what was prepared."""
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTTrainer

    from workbench.engine.job import devices
    from workbench.engine.train.data import datasets_of
    from workbench.engine.train.trainer import arguments

    prepared = Preparation(recipe, kept_tokenizer.make(folder), lambda _bytes, _rows: None).make(lambda _b, _r: None)
    trained, _ = datasets_of(prepared)
    trainer = SFTTrainer(
        model=AutoModelForCausalLM.from_pretrained(folder),
        args=arguments(recipe, devices.choose("cpu"), out, 1, (len(trained), 1)),
        train_dataset=trained,
        processing_class=AutoTokenizer.from_pretrained(folder),
    )
    batch = next(iter(trainer.get_train_dataloader()))
    found = []
    for number, (ids, labels) in enumerate(zip(batch["input_ids"].tolist(), batch["labels"].tolist(), strict=True)):
        if "position_ids" in batch:  # packed: a row begins where positions do
            places = batch["position_ids"][number].tolist()
            begins = [place for place, position in enumerate(places) if position == 0] + [len(ids)]
        else:
            begins = [0, int(batch["attention_mask"][number].sum())]
            assert set(labels[begins[1] :]) <= {IGNORED}
        found += [(tuple(ids[first:last]), tuple(labels[first:last])) for first, last in pairwise(begins)]
    return sorted(found)
