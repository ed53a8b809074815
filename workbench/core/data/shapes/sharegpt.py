"""Conversations as ShareGPT writes them: a list of turns in one column, each with "from" and "value"."""

from workbench.core.data.shapes.messages import MessagesShape
from workbench.core.data.shapes.shape import Columns, Example, beside_in_words


class ShareGptShape(MessagesShape):
    """A row is {"conversations": [{"from": "human" or "gpt", "value": str}, …]}, under any name."""

    name = "sharegpt"
    title = "conversations of ShareGPT"
    example = Example(
        title="Conversations of ShareGPT",
        fact="human, gpt and system speak",
        text='{"conversations": [{"from": "human", "value": "…"},\n                   {"from": "gpt", "value": "…"}]}',
        place=5,
    )
    preference = 2
    keys = ("from",)

    def sentence(self, columns: Columns) -> str:
        return f"`{columns['messages']}` holds conversations in ShareGPT's way{beside_in_words(columns)}"


SHAPE = ShareGptShape()
