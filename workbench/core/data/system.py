"""What the model is told before the question: the recipe's system prompt put before a row's turns."""

from workbench.core.data.row import DataRow, Turn
from workbench.core.recipe.recipe import DataSettings

ADDED, REPLACED, IN_THE_QUESTION = "system prompt added", "system prompt replaced", "system in the question"
# Between the system text and the question where both are one turn.
BETWEEN = "\n\n"


def with_system(row: DataRow, settings: DataSettings) -> DataRow:
    """The row with the system text that the recipe wants, where it has turns; `changes` say what was done."""
    if not row.turns or not (settings.system_prompt or settings.system_in_user):
        return row
    turns, changes = row.turns, []
    has_own = turns[0]["role"] == "system"
    if settings.system_prompt and settings.system_turns != "keep":
        own: Turn = {"role": "system", "content": settings.system_prompt}
        if not has_own:
            turns = (own, *turns)
            changes.append(ADDED)
        elif settings.system_turns == "replace" and turns[0] != own:
            turns = (own, *turns[1:])
            changes.append(REPLACED)
    if settings.system_in_user and turns[0]["role"] == "system":
        turns = in_first_question(turns)
        changes.append(IN_THE_QUESTION)
    return row._replace(turns=turns, changes=(*row.changes, *changes)) if changes else row


def in_first_question(turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """Turns that begin with the system's, with its text before what the user asks first instead."""
    text, rest = turns[0]["content"], turns[1:]
    if not text.strip():
        return rest
    if rest and rest[0]["role"] == "user":
        return ({**rest[0], "content": f"{text}{BETWEEN}{rest[0]['content']}"}, *rest[1:])
    return ({"role": "user", "content": text}, *rest)
