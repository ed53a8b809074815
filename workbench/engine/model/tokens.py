"""Rows turned into token ids and labels."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from datasets import Dataset
from transformers import PreTrainedTokenizerBase

from workbench.core.data.row import DataRow, Turn
from workbench.core.data.rows import Rows
from workbench.core.data.system import with_system
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe

IGNORED = -100  # the label torch's cross-entropy leaves out
# A template is a program that comes with a model: '{{ "a" * 10**9 }}' would fill the memory.
LONGEST_RENDERING = 20_000_000
RENDER_SECONDS = 10.0


def has_template(tokenizer: PreTrainedTokenizerBase, recipe: Recipe) -> bool:
    """Whether rows are wrapped as chat turns."""
    return bool(tokenizer.chat_template) and recipe.data.chat_template


def render(
    tokenizer: PreTrainedTokenizerBase,
    messages: Sequence[Turn],
    *,
    for_answer: bool,
    tools: Sequence[dict[str, Any]] = (),
) -> str:
    """The conversation as the model's template spells it, ready for an answer where wanted. Raises UserError."""
    try:
        with _time_limit(RENDER_SECONDS):
            text = tokenizer.apply_chat_template(
                list(messages), tools=list(tools) or None, tokenize=False, add_generation_prompt=for_answer
            )
    except TimeoutError:
        raise UserError(
            f"The model's chat template took longer than {RENDER_SECONDS:.0f} s for one row.",
            remedy="Set data.chat_template = false, or take another model.",
        ) from None
    except Exception as error:  # a template raises whatever its author chose
        raise UserError(
            f"The model's chat template does not take these messages: {str(error)[:200]}",
            remedy="Set data.chat_template = false, or change the roles in the data.",
        ) from None
    if len(text) > LONGEST_RENDERING:
        raise UserError(
            f"The model's chat template makes {len(text)} characters of one row.", remedy="Take another model."
        )
    return str(text)


def prompt_text(tokenizer: PreTrainedTokenizerBase, recipe: Recipe, prompt: str) -> str:
    """What the model is given to answer a prompt."""
    if has_template(tokenizer, recipe):
        return render(tokenizer, [{"role": "user", "content": prompt}], for_answer=True)
    return prompt


def tokenize(
    rows: Rows, tokenizer: PreTrainedTokenizerBase, recipe: Recipe, progress: Callable[[int], None]
) -> Dataset:
    """The rows as a dataset with columns input_ids and labels, both lists of ints of one length a row.

    A conversation becomes one row for each of the assistant's turns where only answers are trained on. Labels outside
    what is trained on are IGNORED. Raises UserError where nothing is left to learn from.
    """
    ids: list[list[int]] = []
    labels: list[list[int]] = []
    for number, row in enumerate(rows.rows):
        is_spelled = bool(row.turns) and has_template(tokenizer, recipe)
        for prompt, whole in _texts(with_system(row, recipe.data), tokenizer, recipe):
            tokens = _ids(tokenizer, whole, is_spelled=is_spelled)
            start = (
                0
                if recipe.data.train_on == "all" or not prompt
                else _common(_ids(tokenizer, prompt, is_spelled=is_spelled), tokens)
            )
            marks = [IGNORED] * start + tokens[start:]
            if any(mark != IGNORED for mark in marks[1 : recipe.training.max_length]):
                ids.append(tokens)
                labels.append(marks)
        progress(number + 1)
    if not ids:
        raise UserError(
            f"No row of {rows.name} has a token to learn from within {recipe.training.max_length} tokens.",
            why="The prompts alone fill the sequence length.",
            remedy="Raise training.max_length, or set data.train_on = all.",
        )
    return Dataset.from_dict({"input_ids": ids, "labels": labels})


def _texts(row: DataRow, tokenizer: PreTrainedTokenizerBase, recipe: Recipe) -> Iterator[tuple[str, str]]:
    """What is not trained on, and the whole text that begins with it."""
    if not (row.turns and has_template(tokenizer, recipe)):
        plain = row.plain
        if plain is None:
            raise UserError(
                "These rows are conversations, and the model's tokenizer has no chat template.",
                remedy="Take an instruct model, or give prompt and completion columns.",
            )
        given, learned = plain
        yield given, given + learned + (tokenizer.eos_token or "")
        return
    turns, tools = row.turns, row.tools
    if recipe.data.train_on == "all":
        yield "", render(tokenizer, turns, for_answer=False, tools=tools)
        return
    for place, turn in enumerate(turns):
        is_wanted = recipe.data.train_on == "answers" or place == len(turns) - 1
        if turn["role"] == "assistant" and turn.get("weight") != 0 and is_wanted:
            yield (
                render(tokenizer, turns[:place], for_answer=True, tools=tools),
                render(tokenizer, turns[: place + 1], for_answer=False, tools=tools),
            )


def _ids(tokenizer: PreTrainedTokenizerBase, text: str, *, is_spelled: bool) -> list[int]:
    # A template spells the special tokens itself.
    return list(tokenizer(text, add_special_tokens=not is_spelled, verbose=False)["input_ids"])


def _common(prompt: list[int], whole: list[int]) -> int:
    """How many first tokens agree; tokens may merge across the boundary."""
    for index, (left, right) in enumerate(zip(prompt, whole, strict=False)):
        if left != right:
            return index
    return min(len(prompt), len(whole))


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raises TimeoutError in the block after `seconds`; without signals (Windows, other threads) there is no limit."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def expire(*_: object) -> None:
        raise TimeoutError

    previous = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
