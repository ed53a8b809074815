"""A recipe that is given other data keeps nothing that was said of the rows it had."""

from workbench.core import places
from workbench.core.recipe import text
from workbench.core.recipe.other_data import COLUMNS, HELD_OUT, SCORE_GROUP, SCORED, values_for_data
from workbench.core.recipe.recipe import Recipe

STARTER = text.read(places.built_in_recipes()["starter"])


def with_values(recipe: Recipe, **values: str) -> Recipe:
    return text.with_overrides(recipe, [f"{path.replace('__', '.')}={value}" for path, value in values.items()])


def test_that_the_starters_own_files_go_with_its_rows_and_come_back_with_them() -> None:
    assert STARTER.evaluation.score_path in places.built_in_datasets()
    found = values_for_data(STARTER, ["mine.csv", "more.csv"])
    assert (found["data.path"], found["data.also"]) == ("mine.csv", ("more.csv",))
    assert (found[SCORED], found[SCORE_GROUP]) == ("", "")
    back = values_for_data(Recipe(), [STARTER.data.path])
    assert back[SCORED] == STARTER.evaluation.score_path
    assert back[SCORE_GROUP] == STARTER.evaluation.score_group


def test_that_files_of_ones_own_stay() -> None:
    own = with_values(STARTER, evaluation__path="held.csv", evaluation__score_path="scored.csv")
    assert not {HELD_OUT, SCORED, SCORE_GROUP} & set(values_for_data(own, ["mine.csv"]))


def test_that_nothing_is_said_of_columns_any_more() -> None:
    said = with_values(Recipe(), data__prompt_column="Question", data__group_column="Topic", data__sheet="Answers")
    found = values_for_data(said, ["mine.csv"])
    assert {path: found[path] for path in COLUMNS} == {path: Recipe().value(path) for path in COLUMNS}
    assert found["data.sheet"] == ""


def test_that_every_setting_of_a_column_is_among_them() -> None:
    declared = {f"data.{name}" for name in type(Recipe().data).model_fields if name.endswith("_column")}
    assert declared <= set(COLUMNS)


def test_that_a_built_in_dataset_without_a_recipe_brings_no_other_files() -> None:
    scored = STARTER.evaluation.score_path
    found = values_for_data(STARTER, [scored])
    assert found[SCORED] == ""
    assert found["data.path"] == scored
