"""The checks across settings."""

from typing import Any

import pytest

from workbench.core.problems import Problem, UserError
from workbench.core.recipe.recipe import QUANTIZED, Recipe, settings
from workbench.core.recipe.rules import Device, check, refuse

CPU = Device("cpu", "a CPU", True)
CARD = Device("cuda", "NVIDIA H200", True)
OLD_CARD = Device("cuda", "Tesla T4", False)


def recipe(**sections: dict[str, Any]) -> Recipe:
    return Recipe.model_validate(sections)


def paths(problems: list[Problem]) -> list[str]:
    assert all(problem.path in settings() for problem in problems)
    assert all(problem.text.endswith(".") for problem in problems)
    assert all(problem.remedy for problem in problems if not problem.is_warning)
    return [problem.path for problem in problems]


@pytest.mark.parametrize("device", [None, CPU, CARD])
def test_that_the_defaults_can_be_run(device: Device | None) -> None:
    assert check(Recipe(), device) == []


@pytest.mark.parametrize("precision", QUANTIZED)
def test_that_quantized_weights_need_an_adapter(precision: str) -> None:
    found = check(recipe(model={"precision": precision}, lora={"enabled": False}))
    assert paths(found) == ["lora.enabled"]
    assert found[0].text.startswith(precision.upper())


@pytest.mark.parametrize(
    ("precision", "compute", "is_right"),
    [
        ("fp32", "fp32", True),
        ("fp32", "bf16", True),
        ("bf16", "bf16", True),
        ("bf16", "fp16", False),
        ("bf16", "fp32", False),
        ("fp16", "fp16", True),
        ("fp16", "bf16", False),
        ("nf4", "fp16", True),
    ],
)
def test_that_16_bit_weights_are_multiplied_in_their_own_type(precision: str, compute: str, is_right: bool) -> None:
    found = check(recipe(model={"precision": precision, "compute_dtype": compute}))
    assert paths(found) == ([] if is_right else ["model.compute_dtype"])


def test_that_fp16_weights_are_not_trained_whole_and_bf16_weights_are() -> None:
    full = {"enabled": False}
    assert paths(check(recipe(model={"precision": "fp16", "compute_dtype": "fp16"}, lora=full))) == ["model.precision"]
    assert check(recipe(model={"precision": "bf16"}, lora=full)) == []
    assert check(recipe(model={"precision": "fp32", "compute_dtype": "fp16"}, lora=full)) == []


def test_that_an_adapter_needs_a_layer() -> None:
    assert paths(check(recipe(lora={"targets": []}))) == ["lora.targets"]
    assert check(recipe(model={"precision": "bf16"}, lora={"enabled": False, "targets": []})) == []


@pytest.mark.parametrize("wanted", [{"keep_best": True}, {"early_stopping_patience": 2}])
def test_that_what_needs_evaluations_during_training_gets_them(wanted: dict[str, Any]) -> None:
    (name,) = wanted
    for evaluation in ({}, {"fraction": 0.1}, {"every_steps": 20}, {"path": "held-out.jsonl"}):
        assert paths(check(recipe(evaluation={**wanted, **evaluation}))) == [f"evaluation.{name}"]
    assert check(recipe(evaluation={**wanted, "fraction": 0.1, "every_steps": 20})) == []
    assert check(recipe(evaluation={**wanted, "path": "held-out.jsonl", "every_steps": 20})) == []


def test_that_a_share_and_a_file_cannot_both_be_held_out() -> None:
    assert paths(check(recipe(evaluation={"fraction": 0.1, "path": "a.jsonl"}))) == ["evaluation.fraction"]


def test_that_a_group_needs_a_file_to_score() -> None:
    assert paths(check(recipe(evaluation={"score_group": "wording"}))) == ["evaluation.score_group"]
    assert check(recipe(evaluation={"score_group": "wording", "score_path": "a.jsonl"})) == []


def test_that_a_device_is_asked_for_what_it_can_do() -> None:
    fp16 = recipe(model={"compute_dtype": "fp16"})
    assert paths(check(fp16, CPU)) == ["model.compute_dtype"]
    assert check(fp16, OLD_CARD) == []
    found = check(Recipe(), OLD_CARD)
    assert paths(found) == ["model.compute_dtype"]
    assert "Tesla T4" in found[0].text


def test_that_a_paged_optimizer_on_a_cpu_is_a_warning_and_refuses_nothing() -> None:
    paged = recipe(training={"optimizer": "paged_adamw_8bit"})
    found = check(paged, CPU)
    assert [(problem.path, problem.is_warning) for problem in found] == [("training.optimizer", True)]
    refuse(found)
    assert check(paged, CARD) == []


def test_that_every_problem_is_found_and_the_first_is_refused() -> None:
    found = check(recipe(lora={"enabled": False}, evaluation={"score_group": "a"}), OLD_CARD)
    assert paths(found) == ["lora.enabled", "evaluation.score_group", "model.compute_dtype"]
    with pytest.raises(UserError, match=r"^lora\.enabled: NF4 weights") as error:
        refuse(found)
    assert error.value.remedy == found[0].remedy


def test_that_evaluating_wants_something_held_out() -> None:
    (problem,) = check(recipe(evaluation={"every_steps": 5}))
    assert problem.path == "evaluation.every_steps"
    assert check(recipe(evaluation={"every_steps": 5, "fraction": 0.1})) == []
