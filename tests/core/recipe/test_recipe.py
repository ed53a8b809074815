"""The recipe: what is declared, and its way through a file and a command line."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies

from workbench.core.problems import UserError
from workbench.core.recipe import recipe as declared
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe
from workbench.core.recipe.setting import Setting

SETTINGS = declared.settings()
every_setting = pytest.mark.parametrize("entry", SETTINGS.values(), ids=list(SETTINGS))
ODD = (
    'say "yes"',
    "C:\\new\\table",
    "two\nlines\r\n",
    "Äpfel für 3 €",
    "del\x7f",
    "\x00\x1b[31m",
    "🦙",
    "",
    " ",
    "# no",
)


def refusal(text: str) -> str:
    with pytest.raises(UserError) as error:
        recipe_text.from_toml(text, name="a.toml")
    return str(error.value)


def override_refusal(assignment: str) -> str:
    with pytest.raises(UserError) as error:
        recipe_text.with_overrides(Recipe(), [assignment])
    return str(error.value)


# -- what is declared --------------------------------------------------------------------------------------------------


@every_setting
def test_that_a_default_lies_in_its_range_and_choices(entry: Setting) -> None:
    if entry.choices:
        assert entry.default in entry.choices
    if entry.kind in ("integer", "number"):
        assert entry.minimum is not None
        assert entry.maximum is not None
        assert entry.minimum <= entry.default <= entry.maximum
    assert Recipe().value(entry.path) == entry.default


@every_setting
def test_that_a_setting_has_a_title_and_a_help_that_ends_with_a_full_stop(entry: Setting) -> None:
    assert entry.title
    assert entry.title[0].isupper() or entry.title in ("rsLoRA",)
    assert entry.help.endswith(".")


@every_setting
def test_that_a_condition_names_a_setting_and_values_it_can_have(entry: Setting) -> None:
    for path, values in entry.applies.items():
        other = SETTINGS[path]
        assert values
        assert not other.choices or set(values) <= set(other.choices)


def test_that_paths_and_titles_are_unique() -> None:
    paths = [entry.path for entry in SETTINGS.values()]
    assert len(set(paths)) == len(paths)
    titles = [(entry.section, entry.title) for entry in SETTINGS.values()]
    assert len(set(titles)) == len(titles)


def test_that_a_recipe_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Recipe().lora.rank = 3
    with pytest.raises(KeyError):
        Recipe().value("lora.nothing")


def test_that_a_range_in_words_holds_the_exact_bounds() -> None:
    for entry in SETTINGS.values():
        if entry.kind in ("integer", "number"):
            words = entry.range_in_words.replace(",", "").split(" ")
            assert (float(words[0]), float(words[2])) == (entry.minimum, entry.maximum)
            assert "e+" not in entry.range_in_words


# -- the file ----------------------------------------------------------------------------------------------------------


def round_trip(recipe: Recipe) -> Recipe:
    return recipe_text.from_toml(recipe_text.to_toml(recipe), name="a.toml")


def changed(**sections: dict[str, Any]) -> Recipe:
    return Recipe.model_validate(sections)


@pytest.mark.parametrize(
    "recipe",
    [
        Recipe(),
        changed(model={"precision": "int8", "int8_threshold": 0.1 + 0.2}, lora={"rank": 1024, "targets": ["q", "v"]}),
        changed(training={"learning_rate": 1e-7, "max_steps": 10_000_000, "optimizer": "paged_adamw_8bit"}),
        changed(training={"epochs": 0.001}, samples={"prompts": list(ODD)}, data={"path": "C:\\data\\a b.csv"}),
        changed(model={"precision": "bf16"}, lora={"enabled": False}),
    ],
)
def test_that_a_recipe_comes_back_from_its_file_as_it_was(recipe: Recipe) -> None:
    assert round_trip(recipe) == recipe


@pytest.mark.parametrize("text", ODD)
def test_that_odd_text_comes_back_as_it_was(text: str) -> None:
    recipe = changed(data={"path": text, "text_column": text}, lora={"targets": [text]}, samples={"prompts": [text]})
    assert round_trip(recipe) == recipe


@settings(deadline=None, max_examples=100)
@given(
    text=strategies.text(),
    prompts=strategies.lists(strategies.text()),
    rate=strategies.floats(0, 10),
    dropout=strategies.floats(0, 0.9),
    seed=strategies.integers(0, 2_147_483_647),
)
def test_that_any_text_and_number_come_back_as_they_were(
    text: str, prompts: list[str], rate: float, dropout: float, seed: int
) -> None:
    recipe = changed(
        model={"source": text},
        lora={"dropout": dropout},
        training={"learning_rate": rate, "seed": seed},
        samples={"prompts": prompts},
    )
    assert round_trip(recipe) == recipe


def test_that_a_setting_that_does_not_apply_keeps_its_value_and_says_why() -> None:
    recipe = changed(
        model={"precision": "bf16", "double_quant": False, "int8_threshold": 3.5},
        lora={"enabled": False, "rank": 8},
        training={"max_steps": 5, "epochs": 2.5},
    )
    assert round_trip(recipe) == recipe
    text = recipe_text.to_toml(recipe)
    assert '# Does not apply while model.precision = "bf16".\ndouble_quant = false\n' in text
    assert "# Does not apply while lora.enabled = false.\nrank = 8\n" in text
    assert "# Does not apply while training.max_steps = 5.\nepochs = 2.5\n" in text
    assert '# Does not apply while lora.enabled = false and model.precision = "bf16".\nupcast' in text
    assert text.count("Does not apply") == sum(not recipe.applies(path) for path in SETTINGS)


def test_that_each_setting_stands_under_its_help() -> None:
    text = recipe_text.to_toml(Recipe())
    for path, entry in SETTINGS.items():
        if Recipe().applies(path):
            above = text[: text.index(f"\n{entry.name} = ", text.index(f"[{entry.section}]"))].splitlines()[-1]
            assert above.startswith(f"# {entry.title}: {entry.help}")


def test_that_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[lora]\nrank = 4\n", encoding="utf-8")
    assert recipe_text.read(tmp_path / "a.toml").lora.rank == 4
    (tmp_path / "b.toml").write_bytes(b"# \xe4")
    for path, said in ((tmp_path / "none.toml", "There is no recipe"), (tmp_path / "b.toml", "is not UTF-8")):
        with pytest.raises(UserError, match=said):
            recipe_text.read(path)
    with pytest.raises(UserError, match="cannot be read"):
        recipe_text.read(tmp_path)


@pytest.mark.skipif(os.name == "nt", reason="a hole in a file takes its room there")
def test_that_a_file_far_larger_than_a_recipe_is_refused_unread(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[lora]\nrank = 4\n", encoding="utf-8")
    os.truncate(tmp_path / "a.toml", 10_000_000_000)
    with pytest.raises(UserError, match="larger than a recipe can be"):
        recipe_text.read(tmp_path / "a.toml")


def test_that_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbf[lora]\nrank = 4\n")
    assert recipe_text.read(tmp_path / "a.toml").lora.rank == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[lora]\nrank = ", "a.toml is not valid TOML"),
        ("[lorra]\n", 'unknown section "lorra". The nearest one is "lora"'),
        ("lora = 3", '"lora" has to be a section, [lora]'),
        ("[lora]\nrnak = 3", 'unknown setting "lora.rnak". The nearest one is "rank"'),
        ("[lora]\nrank = 0", "lora.rank cannot be 0. It takes 1 to 1024"),
        ("[lora]\nrank = 2000", "lora.rank cannot be 2000. It takes 1 to 1024"),
        ("[lora]\nrank = 1.5", "lora.rank cannot be 1.5"),
        ("[lora]\nrank = 2026-01-01", 'lora.rank cannot be "2026-01-01"'),
        ('[lora]\ntargets = "all-linear"', 'lora.targets cannot be "all-linear". It takes a list'),
        ("[lora]\ntargets = [3]", "lora.targets cannot be 3"),
        ("[training]\nlearning_rate = inf", "training.learning_rate cannot be Infinity. It takes 0 to 10"),
        ('[model]\nprecision = "nf5"', 'model.precision cannot be "nf5". It takes fp32, fp16, bf16'),
        ('[model]\nprecision = "nf5"', 'The nearest one is "nf4"'),
    ],
)
def test_that_a_wrong_file_names_the_setting(text: str, said: str) -> None:
    assert said in refusal(text)


def test_that_an_unknown_optimizer_names_the_nearest() -> None:
    assert 'The nearest one is "adamw_8bit"' in refusal('[training]\noptimizer = "adam_8bit"')


def test_that_brackets_without_end_are_refused() -> None:
    assert "is not valid TOML" in refusal("a = " + "[" * 5000)


@pytest.mark.parametrize("text", ['rank = "16"', "rank = true", "enabled = 1"])
def test_that_a_value_of_another_type_is_refused(text: str) -> None:
    assert "cannot be" in refusal(f"[lora]\n{text}")


# -- the command line --------------------------------------------------------------------------------------------------


def other_value(entry: Setting) -> tuple[str, Any]:
    """A value that is not the default, as typed and as held."""
    match entry.kind:
        case "switch":
            return ("off", False) if entry.default else ("Yes", True)
        case "choice":
            other = next(choice for choice in entry.choices if choice != entry.default)
            return other, other
        case "integer":
            assert entry.minimum is not None
            number = int(entry.minimum) + 5
            return f" {number} ", number
        case "number":
            assert entry.maximum is not None
            return f"{entry.maximum / 2:e}", float(f"{entry.maximum / 2:e}")
        case "list":
            return "q_proj, v_proj,", ("q_proj", "v_proj")
    return "a = b, c", "a = b, c"


@every_setting
def test_that_every_setting_can_be_given_on_the_command_line(entry: Setting) -> None:
    typed, held = other_value(entry)
    changed_recipe = recipe_text.with_overrides(Recipe(), [f"{entry.path}={typed}"])
    assert changed_recipe.value(entry.path) == held
    assert [path for path in SETTINGS if changed_recipe.value(path) != Recipe().value(path)] == [entry.path]


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("lora.rank", 'takes path=value, such as lora.rank=32, and was given "lora.rank"'),
        ("lora.rnak=3", 'no setting "lora.rnak". The nearest one is "lora.rank"'),
        ("lora.rank=many", 'lora.rank cannot be "many". It takes 1 to 1024'),
        ("lora.rank=1.5", 'lora.rank cannot be "1.5"'),
        ("lora.enabled=maybe", 'lora.enabled cannot be "maybe". It takes true or false'),
        ("training.learning_rate=nan", "training.learning_rate cannot be NaN"),
        ("training.learning_rate=", 'training.learning_rate cannot be ""'),
    ],
)
def test_that_a_wrong_assignment_says_what_is_taken(assignment: str, said: str) -> None:
    assert said in override_refusal(assignment)


def test_that_the_last_of_several_assignments_holds() -> None:
    recipe = recipe_text.with_overrides(Recipe(), ["lora.rank=4", "lora.alpha=8", "lora.rank=5"])
    assert (recipe.lora.rank, recipe.lora.alpha) == (5, 8)


def test_that_a_prompt_with_a_comma_can_be_given() -> None:
    recipe = recipe_text.with_overrides(Recipe(), ['samples.prompts=["Buy eggs, and milk"]'])
    assert recipe.samples.prompts == ("Buy eggs, and milk",)


def test_that_a_long_value_is_not_shown_whole() -> None:
    assert len(override_refusal("lora.rank=" + "9" * 5000)) < 400
