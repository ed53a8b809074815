"""What finished runs teach of the ledger, and what teaches nothing."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from workbench.core.job.events import Ended, Event, Healed, Memory, Milestone, Planned, Predicted, Started
from workbench.core.job.history import History
from workbench.core.memory import corrections
from workbench.core.memory.corrections import FORMULA, MOST_RUNS, Correction
from workbench.core.memory.ledger import Ledger
from workbench.core.memory.line_names import LINES
from workbench.core.problems import UserError

CARD = "NVIDIA GeForce RTX 3060"
GB = 1_000_000_000


def predicted(**changes: Any) -> Predicted:
    facts = {
        "formula": FORMULA, "device": "cuda", "card": CARD, "family": "Llama",
        "lines": dict.fromkeys(LINES, 0) | {"frozen_weights": 4 * GB, "overhead": GB}, "after_load_bytes": 4 * GB,
        "peak_bytes": 5 * GB, "moment": "end of the forward pass", "sequence_tokens": 512, "micro_batch": 1,
    }  # fmt: skip
    return Predicted.model_validate(facts | changes)


def run(
    measured_bytes: int, *, told: Predicted | None = None, between: tuple[Event, ...] = (), **ended: Any
) -> History:
    """A run of ten steps whose allocator (on a card) or process (on a CPU) held so much at most."""
    told = told or predicted()
    memory = Memory(resident_bytes=1, resident_peak_bytes=measured_bytes)
    if told.device == "cuda":
        memory = Memory(allocated_peak_bytes=measured_bytes, card_total_bytes=12 * GB)
    planned = Planned(
        device=told.card, steps=10, from_step=0, rows=1, sequences=1, tokens=1, trained_tokens=1,
        trainable_parameters=1, parameters=1, data_sha256="",
    )  # fmt: skip
    peak = Milestone(name="peak", memory=memory, elapsed_seconds=2)
    facts: dict[str, Any] = {"state": "finished", "step": 10} | ended
    return History([Started(attempt=1, pid=1, versions={}), planned, told, *between, peak, Ended(**facts)])


def ledger() -> Ledger:
    from workbench.core.memory.ledger import predict
    from workbench.core.model import shape as model_shape
    from workbench.core.recipe.recipe import Recipe

    return predict(model_shape.starter(), Recipe(), device="cuda")


def test_that_nothing_is_learned_before_a_run_has_ended() -> None:
    assert corrections.learned(CARD, "Llama") == Correction(CARD, "Llama", 1.0, 0)
    assert corrections.learned(CARD, "Llama").in_words == ""


def test_that_a_card_learns_of_what_its_allocator_held_without_the_overhead() -> None:
    assert corrections.add("first", run(4_400_000_000))
    learned = corrections.learned(CARD, "Llama")
    assert (learned.factor, learned.runs) == (1.1, 1)
    assert learned.in_words == "learned from 1 run: 10 % more"


def test_that_a_cpu_learns_of_the_resident_set() -> None:
    corrections.add("first", run(4_500_000_000, told=predicted(device="cpu", card="cpu")))
    assert corrections.learned("cpu", "Llama").factor == 0.9
    assert corrections.learned(CARD, "Llama").runs == 0


def test_that_one_odd_run_moves_nothing() -> None:
    for name, measured in {"a": 4_040_000_000, "b": 9 * GB, "c": 4_080_000_000, "d": 4_060_000_000, "e": 1}.items():
        assert corrections.add(name, run(measured))
    learned = corrections.learned(CARD, "Llama")
    assert (learned.factor, learned.runs) == (1.015, 5)


def test_that_a_factor_stays_within_half_and_twice() -> None:
    corrections.add("huge", run(400 * GB))
    corrections.add("tiny", run(1, told=predicted(family="Qwen2")))
    assert corrections.learned(CARD, "Llama").factor == 2.0
    assert corrections.learned(CARD, "Qwen2").factor == 0.5


def test_that_a_run_counts_once_and_the_newest_count() -> None:
    for _ in range(3):
        corrections.add("again", run(4 * GB))
    assert corrections.learned(CARD, "Llama").runs == 1
    for number in range(MOST_RUNS):
        corrections.add(f"run {number}", run(6 * GB))
    assert corrections.learned(CARD, "Llama") == Correction(CARD, "Llama", 1.5, MOST_RUNS)


HEALED = Healed(step=1, micro_batch=1, accumulation=2, why="")


@pytest.mark.parametrize(
    ("history", "why"),
    [
        (run(4 * GB, state="crashed"), "did not finish"),
        (run(4 * GB, state="stopped"), "did not finish"),
        (run(4 * GB, step=1), "too few steps"),
        (run(4 * GB, told=predicted(formula=FORMULA + 1)), "Another version"),
        (run(4 * GB, between=(HEALED,)), "other settings"),
        (run(0), "not measured"),
        (History(), "did not finish"),
    ],
)
def test_that_a_run_that_tells_nothing_teaches_nothing(history: History, why: str) -> None:
    assert why in corrections.reason_not_to_count(history)
    assert not corrections.add("it", history)
    assert not corrections.path().exists()


def test_that_a_run_from_before_there_were_predictions_teaches_nothing() -> None:
    history = run(4 * GB)
    history.predicted = None
    assert not corrections.add("old", history)


def test_that_what_another_formula_taught_is_out_of_date() -> None:
    corrections.add("old", run(6 * GB))
    document = json.loads(corrections.path().read_text())
    document["runs"][0]["formula"] = FORMULA + 1
    corrections.path().write_text(json.dumps(document))
    assert corrections.learned(CARD, "Llama").runs == 0


def test_that_a_correction_moves_all_but_the_overhead_of_a_card_and_says_on_what_it_rests() -> None:
    told = ledger()
    same = corrections.corrected(told, Correction(CARD, "Llama"))
    assert (same.peak_bytes, same.allocated_bytes) == (told.peak_bytes, told.allocated_bytes)
    more = corrections.corrected(told, Correction(CARD, "Llama", 1.25, 3))
    assert more.allocated_bytes == round(1.25 * told.allocated_bytes)
    assert more.peak_bytes == more.allocated_bytes + told.parts["overhead"]
    assert more.in_words.endswith("learned from 3 runs: 25 % more")
    assert more.uncorrected_bytes == told.peak_bytes
    cpu = corrections.corrected(told, Correction("cpu", "Llama", 0.5, 1))
    assert cpu.peak_bytes == round(told.peak_bytes / 2)


def test_that_it_can_be_forgotten_for_one_card_or_for_all() -> None:
    corrections.add("a", run(6 * GB))
    corrections.add("b", run(6 * GB, told=predicted(family="Qwen2")))
    corrections.add("c", run(6 * GB, told=predicted(device="cpu", card="cpu")))

    def runs() -> list[int]:
        known = ((CARD, "Llama"), (CARD, "Qwen2"), ("cpu", "Llama"))
        return [corrections.learned(card, family).runs for card, family in known]

    assert runs() == [1, 1, 1]
    corrections.reset(CARD, "Qwen2")
    assert runs() == [1, 0, 1]
    corrections.reset("cpu")
    assert runs() == [1, 0, 0]
    corrections.reset()
    assert runs() == [0, 0, 0]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": 2, "runs": []}', '{"format": 1, "runs": {}}', '{"format": 1, "runs": [3, {}]}',
     '{"format": 1, "runs": [{"run": "a", "card": "b", "family": "c", "formula": 1, "predicted_bytes": 0, '
     '"measured_bytes": 1}]}', "\x00"],
)  # fmt: skip
def test_that_a_spoilt_file_teaches_nothing_and_is_replaced(text: str) -> None:
    corrections.path().parent.mkdir(parents=True)
    corrections.path().write_text(text)
    assert [corrections.learned(*key).runs for key in ((CARD, "Llama"), ("b", "c"))] == [0, 0]
    corrections.add("a", run(6 * GB))
    assert corrections.learned(CARD, "Llama").runs == 1


def test_that_runs_that_end_at_once_are_all_kept() -> None:
    names = [f"run {number}" for number in range(8)]
    threads = [threading.Thread(target=corrections.add, args=(name, run(6 * GB))) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert corrections.learned(CARD, "Llama").runs == 8
    assert [path.name for path in corrections.path().parent.glob("*.partial")] == []


def test_that_a_home_that_cannot_be_written_to_is_a_sentence(home: Path) -> None:
    home.write_text("a file")
    with pytest.raises(UserError, match="cannot be kept"):
        corrections.add("a", run(6 * GB))


def test_that_a_limit_before_the_correction_says_the_same_as_one_after_it() -> None:
    told = ledger()
    for factor in (0.5, 1.0, 1.3):
        learned = corrections.corrected(told, Correction("cpu", "Llama", factor, 3))
        for limit in (learned.peak_bytes - 10, learned.peak_bytes + 10):
            assert (told.peak_bytes <= corrections.plain_limit(limit, learned)) == (learned.peak_bytes <= limit)
