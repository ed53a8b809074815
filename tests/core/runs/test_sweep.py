"""A recipe repeated with changes."""

import pytest

from tests.core.runs.runs_made import finished, made
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.runs.index import RunIndex
from workbench.core.runs.sweep import MOST_RUNS, parsed_values, read_sweep, variations


def test_that_there_is_a_run_for_each_choice_of_values() -> None:
    values = parsed_values(["lora.rank=8, 16", "training.learning_rate=1e-4,2e-4,1e-4"])
    assert values == {"lora.rank": ["8", "16"], "training.learning_rate": ["1e-4", "2e-4"]}
    found = variations(Recipe(), values)
    assert [(recipe.lora.rank, recipe.training.learning_rate) for recipe in found] == [
        (8, 1e-4), (8, 2e-4), (16, 1e-4), (16, 2e-4),
    ]  # fmt: skip


def test_that_nothing_varied_is_the_recipe_itself() -> None:
    assert variations(Recipe(), {}) == [Recipe()]


def test_that_lists_and_texts_are_parted_by_semicolons() -> None:
    values = parsed_values(["lora.targets=q_proj,v_proj; all-linear", "data.path=a,b.csv;c.csv"])
    assert values["data.path"] == ["a,b.csv", "c.csv"]
    assert [recipe.lora.targets for recipe in variations(Recipe(), {"lora.targets": values["lora.targets"]})] == [
        ("q_proj", "v_proj"), ("all-linear",),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["lora.rank"], "takes path=values"),
        (["lora.rnk=1"], 'There is no setting "lora.rnk". The nearest one is "lora.rank".'),
        (["lora.rank= , "], "No values are named for lora.rank. It takes 1 to 1024."),
        (["lora.rank=1", "lora.rank=2"], "varied twice"),
        (["lora.rank=1", "lora.alpha=1", "lora.dropout=0", "training.seed=1"], "4 settings are varied at once"),
    ],
)
def test_that_what_cannot_be_varied_is_a_sentence(given: list[str], said: str) -> None:
    with pytest.raises(UserError) as refused:
        parsed_values(given)
    assert said in str(refused.value)


def test_that_a_value_out_of_range_and_too_many_runs_are_refused() -> None:
    with pytest.raises(UserError, match=r"lora\.rank cannot be 0"):
        variations(Recipe(), {"lora.rank": ["8", "0"]})
    with pytest.raises(UserError, match=f"would be {MOST_RUNS + 1} runs"):
        variations(Recipe(), {"training.seed": [str(seed) for seed in range(MOST_RUNS + 1)]})


# -- what came of one --------------------------------------------------------------------------------------------------


def test_that_a_sweep_is_its_runs_by_the_values_they_do_not_share() -> None:
    for rank, loss in ((16, 0.5), (8, 0.75), (32, 0.25)):
        made(f"2026-01-02-0304-{rank}", f"lora.rank={rank}", events=finished(loss))
    broken = made("2026-01-02-0304-broken")
    broken.job.write_text("[lora]\nrank = 0\n")
    sweep = read_sweep(RunIndex().rows())
    assert sweep.paths == ("lora.rank",)
    assert [(point.values, point.loss) for point in sweep.points] == [((8,), 0.75), ((16,), 0.5), ((32,), 0.25)]
    assert sweep.best is sweep.points[2]


def test_that_losses_of_two_kinds_have_no_best() -> None:
    made("2026-01-02-0304-a", "lora.rank=8")
    events = tuple(event for event in finished() if event.kind != "evaluated")
    made("2026-01-02-0304-b", "lora.rank=16", events=events)
    assert read_sweep(RunIndex().rows()).best is None
    assert read_sweep([]).best is None
