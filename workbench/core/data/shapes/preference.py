"""Preference pairs: a chosen and a rejected answer, of which the chosen one is learned."""

import re
from collections.abc import Sequence

from workbench.core.data.column_text import missing, text_reader
from workbench.core.data.conversation import conversation
from workbench.core.data.row import DataRow, Turn
from workbench.core.data.sample import Sample
from workbench.core.data.shapes.shape import (
    Columns,
    DataShape,
    Example,
    Fit,
    Quality,
    Row,
    RowReader,
    beside_in_words,
    turns_reader,
    with_beside,
)

CHOSEN = "chosen side"
# As the first public pairs spell a conversation, in one text.
_SPEAKER = re.compile(r"(?:\A|\n\n)(Human|Assistant):[ \n]?")


class PreferenceShape(DataShape):
    """A row is {"prompt": str, "chosen": str or turns, "rejected": …}; the prompt may be within both sides."""

    name = "preference"
    title = "preference pairs"
    example = Example(
        title="Preference pairs",
        fact="the chosen answer is what is learned",
        text='{"prompt": "Tea?", "chosen": "…", "rejected": "…"}',
        place=6,
    )
    preference = 3
    named = ("prompt", "completion")

    def fits(self, sample: Sample, named: Columns) -> list[Fit]:
        chosen, rejected = sample.called("chosen"), sample.called("rejected")
        if "completion" in named:
            chosen = [named["completion"]] if rejected else []
        if not chosen or not rejected:
            return []
        prompts = [named["prompt"]] if "prompt" in named else sample.called("prompt")
        columns = {"chosen": chosen[0], "rejected": rejected[0], **({"prompt": prompts[0]} if prompts else {})}
        return [Fit(with_beside(sample, named, columns), Quality.KNOWN)]

    def reader(self, columns: Columns, names: Sequence[str]) -> RowReader:
        prompt, chosen = columns.get("prompt"), columns["chosen"]
        ask = text_reader(prompt, names) if prompt is not None else None
        answer = text_reader(chosen, names)

        def read(row: Row, changes: set[str]) -> Sequence[Turn]:
            if chosen not in row:
                raise missing(chosen, row)
            changes.add(CHOSEN)
            turns = _turns(row[chosen], chosen, changes)
            if turns is None:
                turns = [{"role": "assistant", "content": answer(row, changes)}]
                turns = _spelled(turns[0]["content"]) or turns
            if prompt is None or ask is None or turns[0]["role"] != "assistant":
                return turns
            asked = _turns(row.get(prompt), prompt, changes)
            return [*(asked or [{"role": "user", "content": ask(row, changes)}]), *turns]

        read_row = turns_reader(read, columns, names, chosen)
        return _as_text(read_row) if prompt is None else read_row

    def sentence(self, columns: Columns) -> str:
        asked = f"`{columns['prompt']}` is the prompt, " if "prompt" in columns else ""
        learned = f"`{columns['chosen']}` is learned, `{columns['rejected']}` is left out"
        return f"{asked}{learned}{beside_in_words(columns)}"


def _turns(value: object, column: str, changes: set[str]) -> list[Turn] | None:
    """The turns of a value that holds some; None for text."""
    return conversation(value, column, changes) if isinstance(value, list | dict) else None


def _spelled(text: str) -> list[Turn]:
    """The turns of a text that begins with "Human:"; none of another."""
    pieces = _SPEAKER.split(text)
    if len(pieces) < 3 or pieces[0].strip() or pieces[1] != "Human":
        return []
    roles = {"Human": "user", "Assistant": "assistant"}
    said = zip(pieces[1::2], pieces[2::2], strict=True)
    return [{"role": roles[who], "content": words.strip()} for who, words in said if words.strip()]


def _as_text(read: RowReader) -> RowReader:
    """A row in which nobody asks is text to be continued."""

    def read_text(row: Row) -> DataRow:
        made = read(row)
        if len(made.turns) == 1:
            return made._replace(turns=(), text=made.turns[0]["content"])
        return made

    return read_text


SHAPE = PreferenceShape()
