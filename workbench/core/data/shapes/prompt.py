"""Prompt and completion: what is asked in one column, the answer in another, and what they may be grouped by."""

from workbench.core.data.shapes.shape import DataShape, Example, Row, Turn, filled, text_of
from workbench.core.problems import shown
from workbench.core.recipe.recipe import DataSettings


class PromptShape(DataShape):
    """A row is {"prompt": str, "completion": str} beside the file's other single values."""

    name = "prompt"
    title = "prompt and completion"
    example = Example(
        title="Prompt and completion",
        fact="one JSON object on each line",
        text='{"prompt": "Two loaves, please.", "completion": "…"}',
        place=1,
    )
    preference = 2
    keeps_others = True
    has_turns = True

    def columns(self, settings: DataSettings) -> tuple[str, ...]:
        return settings.prompt_column, settings.completion_column

    def checked(self, value: Row, columns: tuple[str, ...]) -> Row:
        prompt, completion = filled(value, columns)
        others = {
            name: text_of(other, f'"{shown(name)}"') if isinstance(other, str) else other
            for name, other in value.items()
            if name not in columns and isinstance(other, str | int | float)
        }
        return {**others, "prompt": prompt, "completion": completion}

    def parts(self, row: Row) -> list[tuple[str, str]]:
        return [("Prompt", row["prompt"]), ("Completion", row["completion"])]

    def turns(self, row: Row) -> list[Turn]:
        return [{"role": "user", "content": row["prompt"]}, {"role": "assistant", "content": row["completion"]}]

    def plain(self, row: Row) -> tuple[str, str]:
        return row["prompt"], row["completion"]


SHAPE = PromptShape()
