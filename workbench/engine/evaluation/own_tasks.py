"""Tasks of one's own files as lm-eval takes them: rows that bring the tokens which a training would make of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from datasets import Dataset

from workbench.core.data.row import DataRow
from workbench.core.data.system import with_system
from workbench.core.evaluation.rows import HELD_OUT, LeftOut, read_choices, read_rows
from workbench.core.job.evaluation_kinds import OwnTask
from workbench.core.job.question import AnswerSettings
from workbench.core.problems import UserError
from workbench.core.tokens.token_kinds import FAULTS, Fault
from workbench.core.tokens.token_row import TokenRow
from workbench.core.tokens.tokenizing import RowTokenizer
from workbench.core.units import counted
from workbench.engine.chat.loading import Loaded, Side
from workbench.engine.evaluation.harness import PAIRS, PROMPT_IDS
from workbench.engine.model import reach

Row = TypeVar("Row")
# Beyond the longest expected answer: what ends it, and spellings that take a few tokens more.
_SPARE_TOKENS = 8
METRICS: dict[OwnTask, str] = {"exact": "exact match", "choice": "accuracy", "perplexity": "perplexity"}
_OUTPUTS: dict[OwnTask, str] = {"exact": "generate_until", "choice": "multiple_choice", "perplexity": "loglikelihood"}


class Built(NamedTuple):
    """A task to measure.

    Attributes:
        name: What it is called here, and in lm-eval.
        config: What lm-eval makes it of.
        docs: Its rows; each has `shown`, what a person reads, and `expected`.
        settings: How it is asked, in words.
    """

    name: str
    config: dict[str, Any]
    docs: list[dict[str, Any]]
    left_out: LeftOut
    settings: str


class OwnTasks:
    """Makes tasks of files for the sides that are loaded, as the first of them was trained."""

    def __init__(self, loaded: Loaded, side: Side, *, limit: int, max_tokens: int) -> None:
        self._loaded = loaded
        self._side = side
        recipe = side.recipe
        if side.speaker.recipe is None and loaded.limits.positions:
            longest = recipe.training.model_copy(update={"max_length": loaded.limits.positions})
            recipe = recipe.model_copy(update={"training": longest})
        # One answer of a row is measured, its last: lm-eval takes one text that follows another.
        data = recipe.data.model_copy(update={"train_on": "last"})
        self._recipe = recipe.model_copy(update={"data": data})
        self._rows = RowTokenizer(side.text_tokenizer, self._recipe)
        self._asking = side.asking(AnswerSettings())
        self._limit = limit
        self._max_tokens = max_tokens

    def build(self, kind: OwnTask, name: str) -> Built:
        """The task of a file. Raises UserError where nothing of it can be measured."""
        match kind:
            case "exact":
                return self._exact(name)
            case "choice":
                return self._choice(name)
            case "perplexity":
                return self._perplexity(name)

    # -- kinds ---------------------------------------------------------------------------------------------------------

    def _exact(self, name: str) -> Built:
        read = read_rows(name, self._side.speaker, self._side.recipe.data, needs_answer=True)
        rows = self._limited(read.rows)
        longest = self._max_tokens or self._longest([row.answer for row in rows]) + _SPARE_TOKENS
        docs = []
        for row in rows:
            prompt = self._asking.of_turns(row.turns[:-1], row.tools, row.answer)
            positions = self._loaded.limits.positions
            if prompt is None or (positions and len(prompt.ids) + longest > positions):
                read.left_out.add(read.source, "a prompt does not fit into what the model reads, with its answer")
                continue
            docs.append({"shown": prompt.shown, "expected": row.answer, PROMPT_IDS: prompt.ids})
        config = {
            "process_results": lambda doc, answers: {"exact_match": float(_is_exact(answers[0], doc["expected"]))},
            "metric_list": [_metric("exact_match")],
            "generation_kwargs": {"until": [], "do_sample": False, "max_gen_toks": longest},
        }
        asked = f"likeliest tokens, at most {longest}, by the run's template"
        return self._built("exact", name, config, docs, read.left_out, asked)

    def _choice(self, name: str) -> Built:
        choices, left_out, source = read_choices(name, self._side.recipe.data)
        docs = []
        for choice in self._limited(choices):
            rows = [
                DataRow(turns=({"role": "user", "content": choice.question}, {"role": "assistant", "content": text}))
                for text in choice.choices
            ]
            made = self._made(rows, left_out, source)
            if len(made) < len(rows):
                continue
            pairs = [_pair(row, with_end=False) for row in made]
            docs.append(
                {
                    "shown": choice.question,
                    "expected": choice.choices[choice.right],
                    "right": choice.right,
                    "choices": list(choice.choices),
                    PAIRS: pairs,
                }
            )
        config = {
            "doc_to_choice": lambda doc: doc["choices"],
            "doc_to_target": lambda doc: doc["right"],
            "metric_list": [_metric("acc"), _metric("acc_norm")],
        }
        return self._built("choice", name, config, docs, left_out, "each answer scored after the run's template")

    def _perplexity(self, name: str) -> Built:
        read = read_rows(name, self._side.speaker, self._side.recipe.data, needs_answer=False)
        docs = []
        for row in self._limited(read.rows):
            for made in self._made([row], read.left_out, read.source):
                pair = _pair(made, with_end=True)
                docs.append({"shown": row.asked, "expected": row.answer or row.text, PAIRS: [pair]})
        config = {
            "process_results": lambda _doc, found: {"perplexity": found[0][0]},
            "metric_list": [{"metric": "perplexity", "aggregation": "perplexity", "higher_is_better": False}],
        }
        asked = "of the tokens that a training would learn, the last answer of each row"
        return self._built("perplexity", name, config, docs, read.left_out, asked)

    def _longest(self, answers: Sequence[str]) -> int:
        ids = self._side.tokenizer(list(answers), add_special_tokens=False)["input_ids"]
        return max(len(row) for row in ids)

    # -- rows ----------------------------------------------------------------------------------------------------------

    def _limited(self, rows: Sequence[Row]) -> Sequence[Row]:
        return rows[: self._limit] if self._limit else rows

    def _made(self, rows: Sequence[DataRow], left_out: LeftOut, source: str) -> list[TokenRow]:
        found: list[TokenRow] = []
        for made in self._rows.rows([with_system(row, self._recipe.data) if row.turns else row for row in rows]):
            if isinstance(made, Fault):
                left_out.add(source, made.detail or FAULTS[made.kind].words)
                continue
            for row in made:
                if row.first or row.last < len(row.ids):
                    left_out.add(source, f"a row is longer than {counted(self._recipe.training.max_length, 'token')}")
                elif np.count_nonzero(row.trained[1:]) == 0:
                    left_out.add(source, "a row has no token to be predicted")
                else:
                    reach.refuse_ids_beyond(row.ids.tolist(), self._side.tokenizer, self._loaded.limits, "A row")
                    found.append(row)
        return found

    def _built(
        self, kind: OwnTask, name: str, config: dict[str, Any], docs: list[dict[str, Any]], left: LeftOut, asked: str
    ) -> Built:
        if not docs:
            raise UserError(f"There is no row in {name} that could be measured.", why=left.first)
        called = f"{name if name == HELD_OUT else Path(name).stem}, {METRICS[kind]}"
        whole = {
            "task": called,
            "custom_dataset": lambda **_: {"test": Dataset.from_list(docs)},
            "test_split": "test",
            "output_type": _OUTPUTS[kind],
            "doc_to_text": lambda doc: doc["shown"],
            "doc_to_target": lambda doc: doc["expected"],
            "num_fewshot": 0,
            **config,
        }
        return Built(called, whole, docs, left, asked)


def _metric(name: str) -> dict[str, Any]:
    return {"metric": name, "aggregation": "mean", "higher_is_better": True}


def _is_exact(answer: str, expected: str) -> bool:
    return answer.strip() == expected.strip()


def _pair(row: TokenRow, *, with_end: bool) -> tuple[list[int], list[int]]:
    """The ids before what is learned and those of it; without what ends an answer, where only its words count."""
    learned = row.trained if with_end else row.trained & ~row.special
    places = np.flatnonzero(learned)
    first = max(1, int(places[0]))  # nothing before the first token could predict it
    return row.ids[:first].tolist(), row.ids[first : int(places[-1]) + 1].tolist()
