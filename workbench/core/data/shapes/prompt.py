"""Prompt and completion: what is asked in one column, the answer in another; each is text or a list of turns."""

from collections.abc import Sequence

from workbench.core.data.column_text import text_reader
from workbench.core.data.conversation import conversation
from workbench.core.data.row import Turn
from workbench.core.data.sample import Sample
from workbench.core.data.shapes.pairs import pairs_of
from workbench.core.data.shapes.shape import (
    Columns,
    DataShape,
    Example,
    Fit,
    Row,
    RowReader,
    beside_in_words,
    turns_reader,
    with_beside,
)


class PromptShape(DataShape):
    """A row is {"prompt": str or turns, "completion": str or turns}, under any names."""

    name = "prompt"
    title = "prompt and completion"
    example = Example(
        title="Prompt and completion",
        fact="one JSON object on each line",
        text='{"prompt": "Two loaves, please.", "completion": "…"}',
        place=1,
    )
    preference = 5
    named = ("prompt", "completion")

    def fits(self, sample: Sample, named: Columns) -> list[Fit]:
        return [
            Fit(with_beside(sample, named, dict(fit.columns)), fit.quality, fit.reason, fit.is_clear)
            for fit in pairs_of(sample, named)
        ]

    def reader(self, columns: Columns, names: Sequence[str]) -> RowReader:
        prompt, completion = columns["prompt"], columns["completion"]
        ask, answer = text_reader(prompt, names), text_reader(completion, names)

        def read(row: Row, changes: set[str]) -> Sequence[Turn]:
            asked, answered = row.get(prompt), row.get(completion)
            if type(asked) is not list and type(answered) is not list:
                return (
                    {"role": "user", "content": ask(row, changes)},
                    {"role": "assistant", "content": answer(row, changes)},
                )
            sides = ((prompt, ask, "user"), (completion, answer, "assistant"))
            turns: list[Turn] = []
            for column, text, role in sides:
                if isinstance(row.get(column), list):
                    turns += conversation(row[column], column, changes)
                else:
                    turns.append({"role": role, "content": text(row, changes)})
            return turns

        return turns_reader(read, columns, names)

    def sentence(self, columns: Columns) -> str:
        return (
            f"`{columns['prompt']}` is the prompt, `{columns['completion']}` the completion{beside_in_words(columns)}"
        )


SHAPE = PromptShape()
