"""The rows that a run has held out: as sequences of tokens for a loss, and as they can be asked."""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from workbench.core.data.row import DataRow
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.tokens.prepared import cache
from workbench.core.tokens.prepared.of_run import held_out_of, prepared_again
from workbench.core.tokens.token_kinds import Fault
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.core.tokens.tokenizing import RowTokenizer


class Batch(NamedTuple):
    """What the model is given at once: tensors by name, `labels` among them, and how many sequences these are."""

    inputs: dict[str, Any]
    sequences: int


class HeldOut:
    """What a run has held out; `tick` is called while rows are read, and may raise.

    The loss is taken of the rows that the run's evaluation took it of, in the same batches; where it took none, of
    those of its exact-match file, as a training would learn them.
    """

    def __init__(self, run: RunFolder, tokenizer: TextTokenizer, tick: Callable[[], None]) -> None:
        self._run = run
        self._recipe = run.recipe()
        self._tokenizer = tokenizer
        self._tick = tick

    @cached_property
    def rows(self) -> list[DataRow]:
        """The rows as their files have them. Raises UserError where nothing was held out, or it has changed since."""
        return held_out_of(self._run, self._tick).rows

    @cached_property
    def sequences(self) -> Sequence[dict[str, Any]]:
        """input_ids, labels and seq_lengths of each. Raises UserError as `rows`."""
        evaluation = self._recipe.evaluation
        if evaluation.path or evaluation.rows or evaluation.fraction:
            return self._evaluated()
        made = RowTokenizer(self._tokenizer, self._recipe).rows(self.rows)
        found = [
            {"input_ids": row.input_ids.tolist(), "labels": row.labels.tolist(), "seq_lengths": [len(row.input_ids)]}
            for entry in made
            if not isinstance(entry, Fault)
            for row in entry
        ]
        if not found:
            raise UserError(
                f"No held-out row of run {self._run.name} has tokens that could be learned.",
                remedy="`workbench prepare` says what becomes of rows.",
            )
        return found

    @cached_property
    def row_count(self) -> int:
        """Rows that stand in the sequences."""
        return sum(len(each["seq_lengths"]) for each in self.sequences)

    def batches(self, padding: int) -> Iterator[Batch]:
        """The sequences in the batches of an evaluation of the run, filled up with the id `padding`."""
        from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

        training = self._recipe.training
        # As SFTTrainer makes it: packed rows are told apart by their positions.
        collate = DataCollatorForLanguageModeling(pad_token_id=padding, padding_free=training.packing)
        total = len(self.sequences)
        for start in range(0, total, training.batch_size):
            chosen = [self.sequences[place] for place in range(start, min(start + training.batch_size, total))]
            yield Batch(dict(collate(chosen)), len(chosen))

    def _evaluated(self) -> Sequence[dict[str, Any]]:
        from datasets import Dataset

        prepared = prepared_again(self._run, self._tick)
        if not prepared.held_out:
            raise UserError(
                f"Run {self._run.name} holds no rows out.", remedy="Hold more out in the next run: evaluation.rows."
            )
        mapped: Sequence[dict[str, Any]] = Dataset.from_file(str(Path(prepared.folder) / cache.HELD_OUT))
        return mapped
