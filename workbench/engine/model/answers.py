"""Prompts answered by the model as it stands."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple

import torch
from transformers import BatchEncoding, GenerationConfig, PreTrainedTokenizerBase

from workbench.core.data.row import DataRow, Turn
from workbench.core.data.system import with_system
from workbench.core.job.events import Sample, Scored
from workbench.core.problems import UserError, shortened
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens.templates.chat_template import TemplateFailure
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.core.tokens.tokenizing import RowTokenizer
from workbench.engine.job.job import Job
from workbench.engine.model.held import held

When = Literal["before", "during", "after"]
# Answers generated side by side: on a CPU the weights are converted once for all of them.
SCORE_BATCH = 50


class Prompt(NamedTuple):
    """One thing to ask.

    Attributes:
        shown: What a person reads.
        ids: What the model is given.
        expected: The right answer, where it is known.
        text: What the ids spell: the template's text around what is asked.
        begun: The last of the ids, where they are of the answer itself.
    """

    shown: str
    ids: list[int]
    expected: str | None = None
    group: str = ""
    text: str = ""
    begun: tuple[int, ...] = ()


class Asking:
    """Makes prompts as the rows of a training begin: by the same template, with the same system prompt."""

    def __init__(self, tokenizer: TextTokenizer, recipe: Recipe) -> None:
        self._rows = RowTokenizer(tokenizer, recipe)
        self._data = recipe.data

    def of(self, rows: Iterable[DataRow]) -> list[Prompt]:
        """The rows as prompts with their answers; plain text has nothing to ask and gives none. Raises UserError."""
        prompts = (self._prompt(row, row.answer) for row in rows)
        return [prompt for prompt in prompts if prompt is not None]

    def plain(self, texts: Iterable[str]) -> list[Prompt]:
        """What a person typed, with no known answer. Raises UserError."""
        prompts = (self.of_turns([{"role": "user", "content": text}]) for text in texts)
        return [prompt for prompt in prompts if prompt is not None]

    def of_turns(
        self, turns: Sequence[Turn], tools: Sequence[dict[str, Any]] = (), expected: str | None = None
    ) -> Prompt | None:
        """What answers the last of these turns; None where that has no tokens. Raises UserError."""
        return self._prompt(DataRow(turns=(*turns, {"role": "assistant", "content": ""}), tools=tuple(tools)), expected)

    def _prompt(self, row: DataRow, expected: str | None) -> Prompt | None:
        if not row.turns:
            return None
        row = with_system(row, self._data)
        *turns, _ = row.turns
        try:
            asked = self._rows.ask(turns, row.tools)
        except TemplateFailure as failure:
            raise UserError(
                f"The chat template does not take what is asked: {failure}",
                why=self._turn_at_fault(turns, row.tools),
                remedy="Choose another template (data.template), or change the roles in the data.",
            ) from None
        shown = str(turns[-1]["content"]) if turns else asked.text
        return Prompt(shown, asked.ids, expected, row.group, asked.text) if asked.ids else None

    def _turn_at_fault(self, turns: Sequence[Turn], tools: Sequence[dict[str, Any]]) -> str:
        """Which turn the template does not take, in words: the one behind the longest beginning that it takes."""
        for count in range(len(turns) - 1, -1, -1):
            try:
                if count:
                    self._rows.ask(list(turns[:count]), tuple(tools))
            except TemplateFailure:
                continue
            role, content = turns[count]["role"], shortened(" ".join(str(turns[count]["content"]).split()), 60)
            return f"It is turn {count + 1} of {len(turns)}, of the {role}: \u201c{content}\u201d."
        return ""


def inputs_of(tokenizer: PreTrainedTokenizerBase, prompts: Sequence[Prompt]) -> BatchEncoding:
    """input_ids and attention_mask of shape (prompts, tokens), padded where the tokenizer pads."""
    ids = {"input_ids": [prompt.ids for prompt in prompts]}
    return tokenizer.pad(ids, padding=True, return_tensors="pt")


def answer(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    prompts: list[Prompt],
    recipe: Recipe,
    progress: Callable[[int], None],
) -> Iterator[tuple[Prompt, str]]:
    """Greedy answers, in batches of like length; the order is not kept."""
    config = GenerationConfig(
        do_sample=False,
        use_cache=True,
        max_new_tokens=recipe.samples.max_new_tokens,
        pad_token_id=tokenizer.pad_token_id,
        eos_token_id=ends_of(model, tokenizer),
    )
    ordered = sorted(prompts, key=lambda prompt: len(prompt.ids))
    done = 0
    with answering(model, tokenizer), held(model):
        for start in range(0, len(ordered), SCORE_BATCH):
            batch = ordered[start : start + SCORE_BATCH]
            inputs = inputs_of(tokenizer, batch).to(model.device)
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
def answering(model: Any, tokenizer: PreTrainedTokenizerBase) -> Iterator[None]:
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
