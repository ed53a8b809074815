"""Prompts answered by the model as it stands."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

import torch
from transformers import GenerationConfig, PreTrainedTokenizerBase

from workbench.core.data.rows import Rows
from workbench.core.data.system import with_system
from workbench.core.job.events import Sample, Scored
from workbench.core.recipe.recipe import Recipe
from workbench.engine.job.job import Job
from workbench.engine.model.held import held
from workbench.engine.model.tokens import has_template, prompt_text, render

When = Literal["before", "during", "after"]
# Answers generated side by side: on a CPU the weights are converted once for all of them.
SCORE_BATCH = 50


class Prompt:
    """One thing to ask: what a person reads, what the model is given, and the right answer where it is known."""

    def __init__(self, shown: str, given: str, expected: str | None = None, group: str = "") -> None:
        self.shown = shown
        self.given = given
        self.expected = expected
        self.group = group


def prompts_of(rows: Rows, tokenizer: PreTrainedTokenizerBase, recipe: Recipe) -> list[Prompt]:
    """The rows as prompts with their answers; plain text rows have nothing to ask and give none."""
    found = []
    for row in rows.rows:
        if row.turns and has_template(tokenizer, recipe):
            *asked, answer = with_system(row, recipe.data).turns
            given = render(tokenizer, asked, for_answer=True, tools=row.tools)
            found.append(Prompt(asked[-1]["content"] if asked else "", given, answer["content"], row.group))
        elif (plain := row.plain) and plain[0]:
            found.append(Prompt(plain[0], plain[0], plain[1], row.group))
    return found


def plain_prompts(texts: tuple[str, ...], tokenizer: PreTrainedTokenizerBase, recipe: Recipe) -> list[Prompt]:
    """What a person typed, with no known answer."""
    return [Prompt(text, prompt_text(tokenizer, recipe, text)) for text in texts]


def answer(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    prompts: list[Prompt],
    recipe: Recipe,
    progress: Callable[[int], None],
) -> Iterator[tuple[Prompt, str]]:
    """Greedy answers, in batches of like length; the order is not kept."""
    spelled = has_template(tokenizer, recipe)
    config = GenerationConfig(
        do_sample=False,
        use_cache=True,
        max_new_tokens=recipe.samples.max_new_tokens,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=ends_of(model, tokenizer),
    )
    ordered = sorted(prompts, key=lambda prompt: len(prompt.given))
    done = 0
    with _answering(model, tokenizer), held(model):
        for start in range(0, len(ordered), SCORE_BATCH):
            batch = ordered[start : start + SCORE_BATCH]
            inputs = tokenizer(
                [prompt.given for prompt in batch],
                add_special_tokens=not spelled,
                padding=True,
                return_tensors="pt",
                return_token_type_ids=False,
            ).to(model.device)
            with torch.inference_mode():
                output = model.generate(**inputs, generation_config=config)
            answers = tokenizer.batch_decode(output[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
            yield from zip(batch, answers, strict=True)
            done += len(batch)
            progress(done)


def write_samples(job: Job, model: Any, tokenizer: Any, prompts: list[Prompt], when: When, step: int) -> None:
    """Answers a few prompts into the journal."""
    for prompt, text in answer(model, tokenizer, prompts, job.recipe, lambda _: None):
        job.emit(Sample(step=step, when=when, prompt=prompt.shown, answer=text, expected=prompt.expected))


def write_scores(
    job: Job, model: Any, tokenizer: Any, prompts: list[Prompt], when: Literal["before", "after"], step: int
) -> None:
    """Answers every prompt, and counts how many answers equal the completion, by group."""
    rows: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for prompt, text in answer(model, tokenizer, prompts, job.recipe, job.progress):
        sample = Sample(
            step=step,
            when=when,
            prompt=prompt.shown,
            answer=text,
            expected=prompt.expected,
            group=prompt.group,
            is_scored=True,
        )
        job.emit(sample)
        rows[prompt.group] += 1
        right[prompt.group] += bool(sample.is_right)
    job.emit(
        Scored(
            step=step,
            when=when,
            rows=rows.total(),
            right=right.total(),
            groups={group: (right[group], rows[group]) for group in sorted(rows) if group},
        )
    )


def ends_of(model: Any, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """The tokens that end an answer: the tokenizer's and those of the model's own generation config."""
    own = getattr(model.generation_config, "eos_token_id", None)
    ends = [own] if isinstance(own, int) else list(own or [])
    if tokenizer.eos_token_id is not None:
        ends.append(tokenizer.eos_token_id)
    return sorted(set(ends))


@contextmanager
def _answering(model: Any, tokenizer: PreTrainedTokenizerBase) -> Iterator[None]:
    """Evaluation mode and left padding for as long as answers are generated."""
    was_training, side = model.training, tokenizer.padding_side
    model.eval()
    tokenizer.padding_side = "left"
    # The last position alone goes to the head, as a slice with gaps. With BF16 on a CPU, torch 2.13 multiplies such a
    # slice in a batch, with a copy of the head for each row: 2.7 GB for 50 rows of the starter, and 3 s.
    packed = model.get_output_embeddings().register_forward_pre_hook(lambda _head, given: (given[0].contiguous(),))
    try:
        yield
    finally:
        packed.remove()
        model.train(was_training)
        tokenizer.padding_side = side
