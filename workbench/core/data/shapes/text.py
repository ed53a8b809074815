"""Plain text: one column, to be continued as it goes."""

from workbench.core.data.shapes.shape import DataShape, Example, Row, filled
from workbench.core.recipe.recipe import DataSettings


class TextShape(DataShape):
    """A row is {"text": str}."""

    name = "text"
    title = "plain text"
    example = Example(title="Plain text", fact="to be continued", text='{"text": "Once upon a time…"}', place=3)
    preference = 3

    def columns(self, settings: DataSettings) -> tuple[str, ...]:
        return (settings.text_column,)

    def checked(self, value: Row, columns: tuple[str, ...]) -> Row:
        return {"text": filled(value, columns)[0]}

    def parts(self, row: Row) -> list[tuple[str, str]]:
        return [("Text", row["text"])]

    def plain(self, row: Row) -> tuple[str, str]:
        return "", row["text"]


SHAPE = TextShape()
