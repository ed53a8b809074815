"""What is said before a run, against what runs then did."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import write_rows
from workbench.core import places, units
from workbench.core.data import glance as data_glance
from workbench.core.data.glance import DataGlance
from workbench.core.job.events import Ended, Event, Planned, Started
from workbench.core.job.journal import JournalWriter
from workbench.core.job.run_folder import RunFolder
from workbench.core.memory import ledger
from workbench.core.model import shape as model_shape
from workbench.core.model.shape import from_config
from workbench.core.plan.forecast import Forecast, forecast, headline, last_rate
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import DataSettings, Recipe

STARTER = model_shape.starter()
SHOPPING = data_glance.glance("shopping", DataSettings())


def recipe(*changes: str) -> Recipe:
    return recipe_text.with_overrides(recipe_text.read(places.built_in_recipes()["starter"]), list(changes))


def told(*changes: str, glance: DataGlance | None = SHOPPING, device: str = "cpu", **more: Any) -> Forecast:
    given = {"free_bytes": 8_000_000_000, **more}
    return forecast(recipe(*changes), STARTER, glance, device=device, **given)


def test_that_the_starters_time_is_told_within_a_third_on_two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    looked = told()
    assert looked.steps == 60
    # Two cores without BF16 trained 112 to 116 tokens a second.
    train = next(phase.seconds for phase in looked.phases if phase.name == "Train")
    assert train is not None
    assert looked.steps * looked.tokens_per_step / train == pytest.approx(114, rel=0.05)
    # All of it took 296 s where training took 154 s.
    assert looked.seconds is not None
    assert looked.seconds - train == pytest.approx(296 - 154, rel=0.33)


def test_that_one_epoch_is_about_the_steps_that_were_planned() -> None:
    # Its 500 rows made 83 sequences of 512 tokens.
    assert told("training.max_steps=0").steps == pytest.approx(83, rel=0.1)
    assert told("training.max_steps=0", "training.epochs=3").steps == pytest.approx(3 * 83, rel=0.1)
    assert told("training.max_steps=0", "training.batch_size=4").steps == pytest.approx(83 / 4, rel=0.1)


def test_that_without_packing_a_row_is_a_sequence() -> None:
    looked = told("training.max_steps=0", "training.packing=false", "training.batch_size=4", "training.accumulation=5")
    assert looked.steps == 25
    # 40 044 tokens in 500 rows.
    assert looked.tokens_per_step == pytest.approx(20 * 40_044 / 500, rel=0.1)


def test_that_held_out_rows_are_not_trained_on() -> None:
    changes = ("training.max_steps=0", "training.packing=false", "evaluation.score_path=", "evaluation.score_group=")
    assert told(*changes, "evaluation.fraction=0.2").steps == 400


def test_that_an_earlier_run_says_more_than_arithmetic() -> None:
    looked = told(tokens_per_second=1000.0)
    assert looked.seconds_basis == "from your last run of this model"
    train = next(phase.seconds for phase in looked.phases if phase.name == "Train")
    assert train == looked.steps * looked.tokens_per_step / 1000


def test_that_no_time_is_invented_for_a_card() -> None:
    looked = told(device="cuda")
    assert looked.seconds is None
    assert looked.seconds_basis == "known after the first run on this card"
    assert all(phase.seconds is None for phase in looked.phases)
    assert headline(recipe(), looked) == ("Train 60 steps", f"about {units.bytes_in_words(looked.peak_bytes)}")


def test_that_no_time_is_invented_for_a_model_of_unknown_size() -> None:
    unknown = from_config({"model_type": "nothing_known"}, "x")
    looked = forecast(recipe(), unknown, SHOPPING, device="cpu", free_bytes=None)
    assert (looked.seconds, looked.seconds_basis) == (None, "known after the first run")


def test_that_epochs_over_unread_data_have_no_number_of_steps() -> None:
    looked = told("training.max_steps=0", glance=None)
    assert (looked.steps, looked.seconds) == (0, None)
    assert headline(recipe(), looked)[0] == "Train"


def test_that_memory_fits_or_not_or_is_not_known() -> None:
    peak = ledger.predict(STARTER, recipe(), device="cpu").peak_bytes
    assert told().peak_bytes == peak
    assert told(free_bytes=peak).fits is True
    assert told(free_bytes=peak - 1).fits is False
    assert told(free_bytes=None).fits is None


def test_that_what_is_trained_is_counted_as_the_engine_counted_it() -> None:
    looked = told()
    assert looked.trainable_parameters == 4_884_480  # in the journal of a run
    assert looked.trainable_share == pytest.approx(0.035, abs=0.0005)
    assert told("lora.enabled=false", "model.precision=fp32").trainable_share == 1


def test_that_phases_stand_in_their_order() -> None:
    assert [phase.name for phase in told().phases] == ["Quantize", "Answer", "Train", "Answer", "Save"]
    quiet = told("samples.count=0", "evaluation.score_path=", "evaluation.score_group=", "model.precision=bf16")
    assert [phase.name for phase in quiet.phases] == ["Load", "Train", "Save"]


def test_that_scored_rows_take_their_time(tmp_path: Path) -> None:
    def answers(*changes: str) -> float:
        return next(phase.seconds or 0.0 for phase in told(*changes).phases if phase.name == "Answer")

    none = answers("evaluation.score_path=", "evaluation.score_group=")
    few = answers(f"evaluation.score_path={write_rows(tmp_path / 'few.jsonl', 20)}", "evaluation.score_group=")
    # 100 rows took 42 to 51 s.
    assert none < few < answers() == pytest.approx(50, rel=0.2)
    missing = answers(f"evaluation.score_path={tmp_path / 'missing.jsonl'}", "evaluation.score_group=")
    assert missing == none


def test_that_the_button_says_what_it_does() -> None:
    looked = replace(told(), steps=1234, seconds=300.0, peak_bytes=1_100_000_000)
    assert headline(recipe(), looked) == ("Train 1\u2009234 steps", "about 5 minutes, about 1.10 GB")
    assert headline(recipe(), replace(looked, steps=1))[0] == "Train 1 step"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "about 1 second"),
        (7.4, "about 7 seconds"),
        (41, "about 40 seconds"),
        (240, "about 4 minutes"),
        (5399, "about 90 minutes"),
        (9000, "about 2.5 hours"),
        (7200, "about 2 hours"),
        (200_000, "about 2.5 days"),
    ],
)
def test_that_durations_are_said_as_one_says_them(seconds: float, words: str) -> None:
    assert units.duration_in_words(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0"),
        (49_152, "49\u2009152"),
        (134_515_008, "134.5 million"),
        (4_884_480, "4.88 million"),
        (999_960_000, "1.00 billion"),
        (8_030_261_248, "8.03 billion"),
        (70_553_706_496, "70.6 billion"),
    ],
)
def test_that_counts_are_said_in_few_digits(count: int, words: str) -> None:
    assert units.count_in_words(count) == words


# -- earlier runs ------------------------------------------------------------------------------------------------------


def run(*changes: str, device: str = "CPU", rate: float = 100.0, torn: bool = False) -> RunFolder:
    folder = RunFolder.create(recipe(*changes))
    writer = JournalWriter(folder.journal)
    planned = Planned(
        device=device,
        steps=1,
        from_step=0,
        rows=1,
        sequences=1,
        tokens=1,
        trained_tokens=1,
        trainable_parameters=1,
        parameters=1,
        data_sha256="",
    )
    events: list[Event] = [Started(attempt=1, pid=1, versions={}), planned]
    for event in [*events, Ended(state="finished", step=1, tokens_per_second=rate)]:
        writer.write(event)
    writer.close()
    if torn:
        with folder.journal.open("ab") as file:
            file.truncate(folder.journal.stat().st_size - 20)
    return folder


def test_that_the_rate_is_that_of_the_same_model_precision_and_device() -> None:
    runs = [
        run("model.precision=bf16", rate=1),
        run("model.source=org/other", rate=2),
        run(device="NVIDIA H100", rate=3),
        run(rate=0),
        run(rate=4, torn=True),
        run(rate=5),
        run(rate=6),
    ]
    assert last_rate(runs, recipe(), device="cpu") == 5
    assert last_rate(reversed(runs), recipe(), device="cpu") == 6
    assert last_rate(runs, recipe(), device="cuda") == 3
    assert last_rate(runs, recipe()) == 3
    assert last_rate(runs, recipe("model.precision=int8"), device="cpu") is None


def test_that_runs_that_cannot_be_read_are_passed_over(tmp_path: Path) -> None:
    empty = RunFolder.create(recipe())
    nonsense = run(rate=5)
    nonsense.job.write_text("no toml", encoding="utf-8")
    gone = run(rate=5)
    gone.remove()
    assert last_rate([empty, nonsense, gone, run(rate=7)], recipe(), device="cpu") == 7
    assert last_rate([], recipe(), device="cpu") is None
