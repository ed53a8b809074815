"""Alpaca: an instruction, often what it is about in a column of its own, and the output."""

from collections.abc import Sequence

from workbench.core.data.cells import parsed_json, quoted, text_of
from workbench.core.data.column_names import normal
from workbench.core.data.column_text import text_reader
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
from workbench.core.data.wrong import Wrong, value_in_words

# As the dataset's own prompt puts them below each other, without its headings, which are no part of the rows.
BETWEEN = "\n\n"


class AlpacaShape(DataShape):
    """A row is {"instruction": str, "input": str, "output": str}; input, system and history may be missing or empty."""

    name = "alpaca"
    title = "instruction, input and output"
    example = Example(
        title="Instruction, input and output",
        fact="the input may be empty",
        text='{"instruction": "Make it a question.", "input": "It snows.", "output": "…"}',
        place=4,
    )
    preference = 4
    named = ("prompt", "completion")

    def fits(self, sample: Sample, named: Columns) -> list[Fit]:
        found = []
        for fit in pairs_of(sample, named):
            pair = dict(fit.columns)
            inputs = [
                name for name in sample.called("input") if name not in pair.values() and sample.columns[name].is_cell
            ]
            # Where it is one of two that are called so, "input" is what the other is about.
            if sample.called("prompt") and pair["prompt"] in sample.called("input") and "prompt" not in named:
                others = [name for name in sample.called("prompt") if name not in sample.called("input")]
                if others:
                    continue
            if inputs:
                pair["input"] = inputs[0]
            elif (normal(pair["prompt"]), normal(pair["completion"])) != ("instruction", "output"):
                continue
            if history := sample.called("history"):
                pair["history"] = history[0]
            found.append(Fit(with_beside(sample, named, pair), fit.quality, fit.reason, fit.is_clear))
        return found

    def reader(self, columns: Columns, names: Sequence[str]) -> RowReader:
        instruct, answer = text_reader(columns["prompt"], names), text_reader(columns["completion"], names)
        about = text_reader(columns["input"], names, is_needed=False) if "input" in columns else None
        history = columns.get("history")

        def read(row: Row, changes: set[str]) -> Sequence[Turn]:
            asked = instruct(row, changes)
            if about is not None:
                given = about(row, changes)
                if given and not given.isspace():
                    asked = f"{asked}{BETWEEN}{given}"
            turns = _earlier(row.get(history), history, changes) if history is not None else []
            return (
                *turns,
                {"role": "user", "content": asked},
                {"role": "assistant", "content": answer(row, changes)},
            )

        return turns_reader(read, columns, names)

    def sentence(self, columns: Columns) -> str:
        about = f" and `{columns['input']}` below it are the prompt" if "input" in columns else " is the prompt"
        earlier = f", `{columns['history']}` what was said before" if "history" in columns else ""
        return (
            f"`{columns['prompt']}`{about}, `{columns['completion']}` the completion{earlier}{beside_in_words(columns)}"
        )


def _earlier(value: object, column: str, changes: set[str]) -> list[Turn]:
    """The turns of a history: a list of pairs of what was asked and answered. Raises Wrong."""
    pairs = parsed_json(value)
    if pairs is None or pairs == "" or pairs == []:
        return []
    name = quoted(column)
    if not isinstance(pairs, list):
        raise Wrong(
            f"{name} has to be a list of pairs, and is {value_in_words(pairs)}.",
            "Write it as [[question, answer], …].",
            kind="wrong type",
        )
    turns: list[Turn] = []
    for pair in pairs:
        if not isinstance(pair, list) or len(pair) != 2:
            raise Wrong(
                f"{name} holds something that is not a pair of a question and its answer.",
                "Write it as [[question, answer], …].",
                kind="wrong type",
            )
        for role, said in zip(("user", "assistant"), pair, strict=True):
            turns.append({"role": role, "content": text_of(said, name, changes)})
    return turns


SHAPE = AlpacaShape()
