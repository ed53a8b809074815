"""Which two columns are the prompt and the completion: by their names, else by what stands in them."""

import math
from itertools import product

from workbench.core.data.column_names import normal
from workbench.core.data.sample import ColumnFacts, Sample
from workbench.core.data.shapes.shape import Columns, Fit, Quality

MOST_PAIRS = 6
# A guess with a lead of less than this over its opposite is a weak one: length and order alone do not reach it.
CLEAR_LEAD = 0.8
# What is asked mostly stands first.
FIRST_LEAD = 0.25


def pairs_of(sample: Sample, named: Columns) -> list[Fit]:
    """The pairs of columns that may be prompt and completion, as roles of these names, the likeliest first."""
    prompts, asked = _candidates(sample, named, "prompt")
    completions, answered = _candidates(sample, named, "completion")
    if normal("q") not in map(normal, prompts) and "completion" not in named:
        completions = [name for name in completions if normal(name) != "a"]  # "a" answers "q" alone
    if prompts and completions:
        found = [
            Fit({"prompt": prompt, "completion": completion}, min(asked, answered))
            for prompt, completion in product(prompts, completions)
            if prompt != completion
        ]
        if found:
            return found[:MOST_PAIRS]
    if prompts or completions:
        return _with_one_known(sample, prompts, completions)
    return _guessed(sample)


def _candidates(sample: Sample, named: Columns, role: str) -> tuple[list[str], Quality]:
    if role in named:
        return [named[role]], Quality.KNOWN
    called = sample.called(role)
    if called:  # where none of them can be read, each row says so
        called = [name for name in called if _may_be_side(sample.columns[name])] or called
        return [name for name in called if not sample.columns[name].is_group] or called, Quality.KNOWN
    return sample.called_in_part(role), Quality.PARTLY


def _may_be_side(facts: ColumnFacts) -> bool:
    return facts.is_cell or facts.is_turns


def _with_one_known(sample: Sample, prompts: list[str], completions: list[str]) -> list[Fit]:
    """One side is known by its name, or said; the other is what other text there is."""
    known = prompts or completions
    others = [facts.name for facts in sample.of_text() if facts.name not in known]
    if len(others) > 1:
        others = [name for name in others if not sample.columns[name].is_group] or others
    side = "prompt" if prompts else "completion"
    reason = f"`{known[0]}` is the {side} by its name, and the other side is what else there is of text"
    return [
        Fit(
            {"prompt": prompts[0], "completion": other} if prompts else {"prompt": other, "completion": completions[0]},
            Quality.PARTLY,
            reason,
            is_clear=len(others) == 1 and len(known) == 1,
        )
        for other in others[:MOST_PAIRS]
    ]


def _guessed(sample: Sample) -> list[Fit]:
    """Two columns of text whose names tell nothing, by length, by questions, and by which of them repeats."""
    texts = sample.of_text()
    if len(texts) > 2:
        texts = [facts for facts in texts if not facts.is_group]
    if len(texts) < 2:
        return []
    chosen = sorted(texts, key=lambda facts: -facts.mean_characters)[:2] if len(texts) > 2 else texts
    left, right = sorted(chosen, key=lambda facts: list(sample.columns).index(facts.name))
    lead = _lead(left, right) + FIRST_LEAD
    asked, answered = (left, right) if lead >= 0 else (right, left)
    is_clear = abs(lead) >= CLEAR_LEAD and len(texts) == 2 and not answered.is_group and not asked.is_group
    reason = f"Guessed: {_reason(asked, answered)}"
    return [
        Fit({"prompt": asked.name, "completion": answered.name}, Quality.GUESSED, reason, is_clear),
        *(
            []
            if is_clear
            else [Fit({"prompt": answered.name, "completion": asked.name}, Quality.GUESSED, reason, False)]
        ),
    ]


def _lead(one: ColumnFacts, other: ColumnFacts) -> float:
    """How much likelier it is that `one` is asked and `other` answered than the opposite, from -6 to 6."""
    questions = one.question_share - other.question_share
    # Many questions may have the same answer, and a question seldom has many.
    repeats = one.different_share - other.different_share
    longer = math.log2(max(1.0, other.mean_characters) / max(1.0, one.mean_characters))
    return 2 * questions + 3.5 * repeats + max(-0.5, min(0.5, longer / 2))


def _reason(asked: ColumnFacts, answered: ColumnFacts) -> str:
    if asked.question_share - answered.question_share > 0.3:
        return f"most texts of `{asked.name}` are questions"
    if asked.different_share - answered.different_share > 0.3:
        return f"texts of `{answered.name}` repeat, and those of `{asked.name}` do not"
    if answered.mean_characters > asked.mean_characters:
        return f"texts of `{answered.name}` are longer than those of `{asked.name}`"
    return f"`{asked.name}` comes first"
