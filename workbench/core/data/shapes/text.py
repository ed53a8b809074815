"""Plain text: one column, to be continued as it goes."""

from collections.abc import Sequence

from workbench.core.data.column_names import is_called
from workbench.core.data.column_text import text_reader
from workbench.core.data.row import DataRow
from workbench.core.data.sample import Sample
from workbench.core.data.shapes.shape import Columns, DataShape, Example, Fit, Quality, Row, RowReader

# Another column of text at least this share as long as the first is likelier its other side than its title.
OTHER_SHARE = 0.25


class TextShape(DataShape):
    """A row is {"text": str}, or has one column of text under any name."""

    name = "text"
    title = "plain text"
    example = Example(title="Plain text", fact="to be continued", text='{"text": "Once upon a time…"}', place=3)
    preference = 6
    named = ("text",)
    has_turns = False

    def fits(self, sample: Sample, named: Columns) -> list[Fit]:
        if "text" in named:
            return [Fit({"text": named["text"]}, Quality.KNOWN)]
        texts = sample.of_text()
        called = [name for name in sample.called("text") if sample.columns[name].is_cell]
        if called:
            own = sample.columns[called[0]].mean_characters
            rivals = [
                facts for facts in texts
                if facts.name != called[0] and not facts.is_group and facts.mean_characters > OTHER_SHARE * own
            ]  # fmt: skip
            reason = f"`{called[0]}` is text by its name, and `{rivals[0].name}` is text too" if rivals else ""
            return [Fit({"text": called[0]}, Quality.KNOWN, reason, is_clear=not rivals)]
        alone = texts if len(texts) == 1 else [facts for facts in texts if not facts.is_group]
        if len(alone) != 1:
            return []
        only = alone[0].name
        if any(is_called(only, role) for role in ("prompt", "completion", "messages")):
            return [Fit({"text": only}, Quality.GUESSED, f"`{only}` is text, and called otherwise", is_clear=False)]
        if len(texts) == 1 and not (alone[0].is_group and len(sample.columns) > 1):
            return [Fit({"text": only}, Quality.KNOWN)]
        return [Fit({"text": only}, Quality.GUESSED, f"`{only}` is the only text that does not repeat", is_clear=False)]

    def reader(self, columns: Columns, names: Sequence[str]) -> RowReader:
        text = text_reader(columns["text"], names)

        def read(row: Row) -> DataRow:
            changes: set[str] = set()
            return DataRow((), text(row, changes), (), "", tuple(sorted(changes)) if changes else ())

        return read

    def sentence(self, columns: Columns) -> str:
        return f"`{columns['text']}` is text to be continued"


SHAPE = TextShape()
