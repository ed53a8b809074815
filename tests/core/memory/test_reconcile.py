"""What was predicted beside what was measured, and memory that has left the card."""

import pytest

from workbench.core.job.events import Attributed, Memory, Milestone, Predicted, Started
from workbench.core.job.history import History
from workbench.core.memory import reconcile
from workbench.core.memory.line_names import LINES
from workbench.core.memory.spill import spill_in_words, spilled_bytes

GB = 1_000_000_000
KNOWN = ("frozen_weights", "unquantized_weights", "adapters", "gradients", "optimizer")


def predicted(device: str) -> Predicted:
    lines = {name: place * 1000 for place, name in enumerate(LINES, start=1)}  # 45 000 in all, 9 000 of them overhead
    return Predicted.model_validate(
        {
            "formula": 1,
            "device": device,
            "card": device,
            "family": "Llama",
            "lines": lines,
            "after_load_bytes": 12_000,
            "peak_bytes": 45_000,
            "moment": "m",
            "sequence_tokens": 8,
            "micro_batch": 1,
        }
    )


def memory(device: str, peak: int) -> Memory:
    if device == "cuda":
        return Memory(allocated_peak_bytes=peak, resident_peak_bytes=99, card_total_bytes=GB)
    return Memory(resident_peak_bytes=peak)


def history(device: str, *, attributed: Attributed | None = None, told: Predicted | None = None) -> History:
    events = [
        Started(attempt=1, pid=1, versions={}),
        *([told] if told else []),
        Milestone(name="after load", memory=memory(device, 11_000), elapsed_seconds=1),
        *([attributed] if attributed else []),
        Milestone(name="first optimizer step", memory=memory(device, 40_000), elapsed_seconds=2),
        Milestone(name="peak", memory=memory(device, 50_000), elapsed_seconds=3),
    ]
    return History(events)


def test_that_a_cpus_milestones_are_held_against_the_whole_and_a_cards_against_what_is_allocated() -> None:
    rows = {row.name: row for row in reconcile.milestones(history("cpu", told=predicted("cpu")))}
    assert list(rows) == ["after load", "first optimizer step", "peak"]
    assert (rows["after load"].predicted_bytes, rows["peak"].predicted_bytes) == (12_000, 45_000)
    assert rows["peak"].difference_bytes == 5_000
    assert rows["peak"].difference_share == pytest.approx(1 / 9)
    rows = {row.name: row for row in reconcile.milestones(history("cuda", told=predicted("cuda")))}
    assert (rows["after load"].predicted_bytes, rows["peak"].predicted_bytes) == (3_000, 36_000)


def test_that_a_run_without_a_prediction_has_its_measures_alone() -> None:
    rows = reconcile.milestones(history("cpu"))
    assert [row.measured_bytes for row in rows] == [11_000, 40_000, 50_000]
    assert {row.predicted_bytes for row in rows} == {None}
    assert {row.difference_share for row in rows} == {None}
    assert reconcile.lines(history("cpu")) == []
    assert reconcile.milestones(History()) == []


def test_that_on_a_cpu_what_tensors_do_not_tell_is_the_rest() -> None:
    found = Attributed(
        step=1, method="tensors", lines=dict.fromkeys(KNOWN, 2_000), rest_bytes=25_000, peak_bytes=35_000
    )
    rows = reconcile.lines(history("cpu", attributed=found, told=predicted("cpu")))
    assert [row.name for row in rows] == [*KNOWN, "rest", "total"]
    assert rows[0].difference_bytes == 1_000
    assert rows[0].difference_share == 1.0
    rest, total = rows[-2:]
    assert rest.title == "Activations, logits, workspace, overhead"
    assert (rest.predicted_bytes, rest.measured_bytes) == (
        30_000,
        40_000,
    )  # of the peak, not of the moment it was asked
    assert (total.predicted_bytes, total.measured_bytes) == (45_000, 50_000)
    assert sum(row.measured_bytes or 0 for row in rows[:-1]) == total.measured_bytes
    assert sum(row.predicted_bytes or 0 for row in rows[:-1]) == total.predicted_bytes


def test_that_on_a_card_every_line_has_its_measure() -> None:
    lines = {name: 4_000 for name in LINES if name != "overhead"}
    found = Attributed(step=2, method="snapshot", lines=lines, rest_bytes=500, peak_bytes=32_500)
    rows = reconcile.lines(history("cuda", attributed=found, told=predicted("cuda")))
    assert [row.name for row in rows] == [*lines, "rest", "total"]
    assert (rows[-2].title, rows[-2].predicted_bytes, rows[-2].measured_bytes) == ("Everything else", 0, 500)
    assert (rows[-1].predicted_bytes, rows[-1].measured_bytes) == (36_000, 32_500)


def test_that_another_prediction_can_be_laid_beside() -> None:
    other = predicted("cpu").model_copy(update={"peak_bytes": 50_000})
    assert reconcile.milestones(history("cpu", told=predicted("cpu")), other)[-1].difference_bytes == 0


def card(reserved: int, used: int, total: int = 12 * GB) -> Memory:
    return Memory(reserved_bytes=reserved, allocated_bytes=reserved, card_used_bytes=used, card_total_bytes=total)


@pytest.mark.parametrize(
    ("memory", "free_at_start", "spilled"),
    [
        (card(8 * GB, 9 * GB), 11 * GB, 0),
        (card(14 * GB, 12 * GB), 11 * GB, 2 * GB),  # more than the card has
        (card(11 * GB, 9 * GB), 11 * GB, 2 * GB),  # more than anybody has on it
        (card(11 * GB, 12 * GB), 10 * GB, GB),  # full, and more than was free
        (card(11 * GB, 11 * GB), 10 * GB, 0),  # another program has left since
        (card(8 * GB, 0), 0, 0),  # nobody can say
        (Memory(reserved_bytes=GB), 0, 0),
    ],
)
def test_that_memory_outside_the_card_is_noticed(memory: Memory, free_at_start: int, spilled: int) -> None:
    assert spilled_bytes(memory, free_at_start) == spilled
    words = spill_in_words(memory, free_at_start)
    assert bool(words) is bool(spilled)
    assert not words or ("shared memory" in words and "GB" in words)


def test_that_a_prediction_in_the_journal_is_the_ledger_it_came_from() -> None:
    told = reconcile.ledger_of(predicted("cuda"))
    assert list(told.parts.values()) == [1000 * place for place in range(1, 10)]
    assert (told.peak_bytes, told.after_load_bytes, told.moment) == (45_000, 12_000, "m")
    assert told.allocated_bytes == predicted("cuda").allocated_bytes


@pytest.mark.parametrize(
    ("predicted_bytes", "measured_bytes", "words"),
    [
        (2 * GB, 3 * GB, ("2.00 GB", "3.00 GB", "+1.00 GB", "+50.0\u2009%")),
        (4_000_000, 3_000_000, ("4 MB", "3 MB", "\u22121 MB", "\u221225.0\u2009%")),
        (5_000, 5_000, ("5 kB", "5 kB", "0 bytes", "0.0\u2009%")),
        (0, 7, ("0 bytes", "7 bytes", "+7 bytes", "\u2013")),
        (None, 7, ("\u2013", "7 bytes", "\u2013", "\u2013")),
    ],
)
def test_that_a_row_is_said_with_its_difference(
    predicted_bytes: int | None, measured_bytes: int | None, words: tuple[str, ...]
) -> None:
    assert reconcile.row_in_words(reconcile.Row("a", "A", predicted_bytes, measured_bytes)) == words
