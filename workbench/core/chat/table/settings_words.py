"""What a table was made by, in words: for the head of a file that leaves the program."""

from workbench.core.chat.table.table import PromptTable
from workbench.core.chat.transcript import proof_in_words
from workbench.core.figures import setting_text
from workbench.core.units import counted


def facts_of(table: PromptTable) -> dict[str, str]:
    """Titles and values: who answered, how, and how it was judged."""
    settings, scores, judging = table.settings, table.scores(), table.judging
    facts = {column.head: column.title for column in table.columns}
    for place, column in enumerate(table.columns):
        answers = (table.answer(row, place) for row in range(scores.rows))
        first = next((answer for answer in answers if answer is not None and answer.base_hash), None)
        if first is not None:
            facts[f"{column.head} weights"] = proof_in_words(first)
    facts |= {
        "Prompts": str(scores.rows),
        "Temperature": setting_text(settings.temperature),
        "Longest answer": counted(settings.max_tokens, "token"),
    }
    if settings.temperature:
        facts |= {"Top-p": setting_text(settings.top_p), "Top-k": str(settings.top_k), "Seed": str(settings.seed)}
    if any(column.adapter for column in table.columns):
        facts["Strength"] = setting_text(settings.strength)
    if settings.repetition_penalty != 1:
        facts["Repetition penalty"] = setting_text(settings.repetition_penalty)
    if settings.system is not None:
        facts["System prompt"] = settings.system
    if settings.stop:
        facts["Stop at"] = ", ".join(settings.stop)
    if judging.judge == "person":
        facts["Judged"] = "by a person"
    else:
        facts["Judged"] = f"by exact match, ignoring {judging.ignored.in_words}"
    for place, column in enumerate(table.columns):
        f1 = scores.f1[place]
        facts[f"{column.head} right"] = f"{scores.right[place]} of {scores.rated}"
        if f1 is not None:
            facts[f"{column.head} token F1"] = f"{f1:.3f}"
        facts[f"{column.head} valid JSON"] = f"{scores.json[place]} of {scores.said[place]}"
    return facts


def verdict_in_words(verdict: bool | None) -> str:
    return {True: "right", False: "wrong", None: ""}[verdict]
