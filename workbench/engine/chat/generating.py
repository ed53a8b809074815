"""Answers generated token by token, each told as it grows."""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
import transformers
from transformers import GenerationConfig, PreTrainedTokenizerBase, StoppingCriteria, StoppingCriteriaList

from workbench.core.job.chat_kinds import Finish
from workbench.core.job.question import AnswerSettings
from workbench.engine.chat.spelled import Spelled
from workbench.engine.model import answers
from workbench.engine.model.answers import Prompt


@dataclass
class Growing:
    """An answer under way.

    Attributes:
        most: Tokens that it may have.
        ids: Its tokens so far, the one that ends it among them.
        finish: How it ended; None while it grows.
        seconds: Since the model was given the prompt, of its last token.
    """

    prompt: Prompt
    most: int
    spelled: Spelled
    ids: list[int] = field(default_factory=list)
    finish: Finish | None = None
    seconds: float = 0.0
    first_token_seconds: float = 0.0

    def grow(self, token: int, seconds: float, ends: Collection[int], *, is_interrupted: bool) -> str:
        """Takes a token, and gives the text that can be shown more; says by `finish` where the answer has ended."""
        self.ids.append(token)
        self.seconds = seconds
        if len(self.ids) == 1:
            self.first_token_seconds = seconds
        text = self.spelled.add(token)
        if token in ends:
            self.finish = "end"
        elif self.spelled.is_stopped:
            self.finish = "stop word"
        elif len(self.ids) >= self.most:
            self.finish = "length"
        elif is_interrupted:
            self.finish = "interrupted"
        return text + self.spelled.finish() if self.finish is not None else text


# What is given each token as it comes: the answer's place, the text that it adds, its id, and the answer so far.
Told = Callable[[int, str, int, Growing], None]


def generate(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[Prompt],
    most: Sequence[int],
    settings: AnswerSettings,
    told: Told,
    is_interrupted: Callable[[], bool],
) -> list[Growing]:
    """The answers to prompts that are given to the model together, in their order; `most` are tokens of each.

    Of what is drawn by chance the seed decides all, which holds for one prompt at a time.
    """
    with ready_to_answer(model, [tokenizer]):
        return generate_more(model, tokenizer, prompts, most, settings, told, is_interrupted)


def generate_more(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[Prompt],
    most: Sequence[int],
    settings: AnswerSettings,
    told: Told,
    is_interrupted: Callable[[], bool],
    let_others: Callable[[], float] = lambda: 0.0,
) -> list[Growing]:
    """As `generate`, within `ready_to_answer`.

    `let_others` is called after each token, and gives the seconds in which others were at work meanwhile.
    """
    growing = [
        Growing(prompt, limit, spelled_by(tokenizer, settings, prompt))
        for prompt, limit in zip(prompts, most, strict=True)
    ]
    ends = answers.ends_of(model, tokenizer)
    transformers.set_seed(settings.seed)
    inputs = answers.inputs_of(tokenizer, prompts).to(model.device)
    watch = _Watch(growing, frozenset(ends), told, is_interrupted, let_others)
    with torch.inference_mode():
        model.generate(
            **inputs,
            generation_config=_config(settings, max(most), tokenizer.pad_token_id, ends),
            stopping_criteria=StoppingCriteriaList([watch]),
        )
    return growing


@contextmanager
def ready_to_answer(model: Any, tokenizers: Sequence[PreTrainedTokenizerBase]) -> Iterator[None]:
    """Has the model and what makes its tokens as they have to be for answers."""
    with ExitStack() as stack:
        for tokenizer in tokenizers:
            stack.enter_context(answers.answering(model, tokenizer))
        # transformers fills what it is not told from the model's generation_config.json, such as a repetition penalty,
        # or a temperature that it then warns of: of it the ends of an answer alone are left.
        own = model.generation_config
        model.generation_config = GenerationConfig(eos_token_id=own.eos_token_id)
        try:
            yield
        finally:
            model.generation_config = own


def spelled_by(tokenizer: PreTrainedTokenizerBase, settings: AnswerSettings, prompt: Prompt) -> Spelled:
    """What spells an answer to a prompt, going on with what it had begun."""
    return Spelled(
        lambda ids: str(tokenizer.decode(list(ids), skip_special_tokens=True)), settings.stop, begun=prompt.begun
    )


def _config(settings: AnswerSettings, most: int, padding: int | None, ends: list[int]) -> GenerationConfig:
    drawn = {"temperature": settings.temperature, "top_p": settings.top_p, "top_k": settings.top_k}
    is_drawn = settings.temperature > 0
    return GenerationConfig(
        do_sample=is_drawn,
        use_cache=True,
        max_new_tokens=most,
        repetition_penalty=settings.repetition_penalty,
        pad_token_id=padding,
        eos_token_id=ends,
        **(drawn if is_drawn else {}),
    )


class _Watch(StoppingCriteria):
    """Takes each token as it comes, and says which answers have ended."""

    def __init__(
        self,
        growing: list[Growing],
        ends: frozenset[int],
        told: Told,
        is_interrupted: Callable[[], bool],
        let_others: Callable[[], float],
    ) -> None:
        self._growing = growing
        self._ends = ends
        self._told = told
        self._is_interrupted = is_interrupted
        self._let_others = let_others
        self._began = time.perf_counter()

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_more: Any) -> torch.Tensor:
        """`input_ids` have the shape (answers, tokens); gives which have ended, shape (answers,)."""
        last = input_ids[:, -1].tolist()
        is_interrupted = self._is_interrupted()
        seconds = time.perf_counter() - self._began
        for place, (answer, token) in enumerate(zip(self._growing, last, strict=True)):
            if answer.finish is None:
                text = answer.grow(token, seconds, self._ends, is_interrupted=is_interrupted)
                self._told(place, text, token, answer)
        if any(answer.finish is None for answer in self._growing):
            self._began += self._let_others()
        return torch.tensor([answer.finish is not None for answer in self._growing], device=input_ids.device)
