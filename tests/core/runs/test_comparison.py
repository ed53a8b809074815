"""Runs beside each other: what differs of their settings, what came of them, what hinders the comparison."""

import pytest

from tests.core.runs.runs_made import finished, kept, made
from workbench.core.job.events import Event
from workbench.core.job.label import change_label
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.job.study_kinds import DataPrepared
from workbench.core.problems import UserError
from workbench.core.runs.comparison import differing_settings, hindrances, refuse_the_same, result_facts
from workbench.core.runs.result import RunResult


def read(*runs: RunFolder) -> list[RunResult]:
    return [RunResult.read(run) for run in runs]


def prepared(**parts: str) -> DataPrepared:
    numbers = dict.fromkeys(
        ("size_bytes", "rows", "used", "bad", "tokens", "trained_tokens", "longest_tokens", "cut_rows", "sequences",
         "longest_sequence_tokens", "held_out", "held_out_rows", "held_out_sequences", "duplicates",
         "near_duplicates", "leaked", "near_leaked"), 1,
    )  # fmt: skip
    texts = dict.fromkeys(("key", "folder", "data_sha256", "shape", "mapping", "template", "way"), "")
    names = {name.replace("_", " "): value for name, value in parts.items()}
    given = {**numbers, **texts, "files": [], "parts": names, "fill": 1.0, "found": [], "notes": [], "seconds": 1.0}
    return DataPrepared.model_validate(given)


def with_parts(**parts: str) -> tuple[Event, ...]:
    first, *others = finished()
    return first, prepared(**parts), *others


def test_that_only_the_settings_that_differ_are_told_in_the_order_of_the_runs() -> None:
    runs = (
        made("2026-01-02-0304-a"),
        made("2026-01-02-0304-b", "lora.rank=8", "lora.targets=q_proj,v_proj"),
        made("2026-01-02-0304-c", "lora.rank=32"),
    )
    assert differing_settings(read(*runs)) == {
        "lora.rank": [16, 8, 32],
        "lora.targets": [("all-linear",), ("q_proj", "v_proj"), ("all-linear",)],
    }


def test_that_a_setting_that_means_nothing_in_a_run_has_no_value_there() -> None:
    a = made("2026-01-02-0304-a", "model.double_quant=false")
    b = made("2026-01-02-0304-b", "model.precision=bf16")
    c = made("2026-01-02-0304-c", "model.precision=bf16", "model.int8_threshold=3")
    found = differing_settings(read(a, b, c))
    assert found["model.precision"] == ["nf4", "bf16", "bf16"]
    assert found["model.double_quant"] == [False, None, None]
    assert "model.int8_threshold" not in found


def test_that_runs_asked_the_same_differ_in_nothing() -> None:
    results = read(made("2026-01-02-0304-a"), made("2026-01-02-0304-b"))
    assert differing_settings(results) == {}
    assert hindrances(results) == []


def test_that_what_came_of_a_real_run_is_told_with_its_memory() -> None:
    run = kept("finished")
    change_label(run.path, lambda label: label.named("the demo"))
    facts = result_facts(RunResult.read(run))
    assert (facts["name"], facts["state"], facts["steps"]) == ("the demo", RunState.FINISHED, 60)
    assert (facts["right_before"], facts["right"], facts["scored"]) == (0, 98, 100)
    assert facts["loss_last"] < facts["loss_first"]
    assert facts["peak_memory_bytes"] == 2392838144
    assert facts["seconds"] == pytest.approx(186.48, abs=0.01)
    assert facts["tokens"] == pytest.approx(facts["seconds"] * 155.09, rel=0.02)


def test_that_what_was_not_measured_is_not_told() -> None:
    facts = result_facts(RunResult.read(made("2026-01-02-0304-a", events=())))
    nothing = set(facts) - {"run", "name", "state", "steps"}
    assert [facts[name] for name in nothing] == [None] * len(nothing)


@pytest.mark.parametrize("name", ["crashed", "refused", "torn", "resumed", "out-of-memory", "paused"])
def test_that_what_came_of_every_kind_of_run_can_be_told(name: str) -> None:
    assert result_facts(RunResult.read(kept(name)))["run"] == name


@pytest.mark.parametrize(
    ("part", "said"),
    [("the_data", "other rows"), ("the_template", "other templates"), ("the_tokenizer", "tokenizers differ")],
)
def test_that_what_hinders_a_comparison_is_told(part: str, said: str) -> None:
    same = {"the_data": "1", "the_template": "1", "the_tokenizer": "1"}
    a = made("2026-01-02-0304-a", "data.path=x.jsonl", events=with_parts(**same))
    b = made("2026-01-02-0304-b", "data.path=y.jsonl", events=with_parts(**same))
    c = made("2026-01-02-0304-c", events=with_parts(**same | {part: "2"}))
    assert hindrances(read(a, b)) == []  # the same rows under another name
    (sentence,) = hindrances(read(a, b, c))
    assert said in sentence


def test_that_runs_without_a_preparation_are_compared_by_what_they_were_asked() -> None:
    a, b = made("2026-01-02-0304-a"), made("2026-01-02-0304-b", "data.path=y.jsonl", "data.template=chatml")
    assert len(hindrances(read(a, b))) == 2


def test_that_fewer_than_two_runs_and_one_named_twice_are_refused() -> None:
    a, b = made("2026-01-02-0304-a"), made("2026-01-02-0304-b")
    refuse_the_same(read(a, b))
    with pytest.raises(UserError, match="One run"):
        refuse_the_same(read(a))
    with pytest.raises(UserError, match="named twice"):
        refuse_the_same(read(a, b, a))
