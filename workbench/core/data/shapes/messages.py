"""Conversations as OpenAI writes them: a list of turns in one column, each with a role and a content."""

from collections.abc import Sequence
from typing import ClassVar

from workbench.core.data.column_text import missing
from workbench.core.data.conversation import conversation
from workbench.core.data.row import Turn
from workbench.core.data.sample import ColumnFacts, Sample
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
from workbench.core.data.wrong import Wrong

# Columns that are a part of another shape where their partner is there too.
_SIDES = (("prompt", "completion"), ("prompt", "chosen"), ("chosen", "rejected"))


class MessagesShape(DataShape):
    """A row is {"messages": [{"role": str, "content": str or parts, …}, …]}, under any name.

    Attributes:
        keys: By which the speakers of a conversation are named.
    """

    name = "messages"
    title = "conversations"
    example = Example(
        title="Conversations",
        fact="the assistant's turns are what is learned",
        text='{"messages": [{"role": "user", "content": "…"},\n              {"role": "assistant", "content": "…"}]}',
        place=2,
    )
    preference = 1
    named = ("messages",)
    keys: ClassVar[tuple[str, ...]] = ("role", "speaker", "author", "sender")

    def fits(self, sample: Sample, named: Columns) -> list[Fit]:
        if "messages" in named:
            facts = sample.columns.get(named["messages"])
            is_mine = facts is None or (facts.turn_key or MessagesShape.keys[0]) in self.keys
            found = [named["messages"]] if is_mine else []
        else:
            there = [facts for facts in _conversations(sample) if facts.turn_key in self.keys]
            called = [name for name in sample.called("messages") if any(facts.name == name for facts in there)]
            found = called or [facts.name for facts in there]
        return [Fit(with_beside(sample, named, {"messages": name}), Quality.KNOWN) for name in found]

    def reader(self, columns: Columns, names: Sequence[str]) -> RowReader:
        column = columns["messages"]

        def read(row: Row, changes: set[str]) -> Sequence[Turn]:
            if column not in row:
                raise missing(column, row)
            try:
                return conversation(row[column], column, changes)
            except Wrong as wrong:
                wrong.cell = column
                raise

        return turns_reader(read, columns, names, column)

    def sentence(self, columns: Columns) -> str:
        return f"`{columns['messages']}` holds conversations{beside_in_words(columns)}"


def _conversations(sample: Sample) -> list[ColumnFacts]:
    """The columns of turns, but for those that are one side of a pair."""
    sides = {
        name
        for pair in _SIDES
        if all(sample.called(role) for role in pair)
        for role in pair
        for name in sample.called(role)
    }
    return [facts for facts in sample.of_turns() if facts.name not in sides]


SHAPE = MessagesShape()
