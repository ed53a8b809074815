"""What was measured, as the cards show it."""

from dataclasses import replace

from tests.panes.runs.export.offers import CHOICE, OFFERED, known, measured
from workbench.core.export.progress import seen
from workbench.panes.runs.export.figures import gguf_rows, measure_in_words, rows_in_words, way_rows, way_sentence
from workbench.panes.runs.export.work import Work


def test_that_the_better_way_is_taken_unless_another_is_chosen() -> None:
    found = known()
    rows = way_rows(found, CHOICE)
    assert [row.tag and row.tag[:2] for row in rows] == [
        ("reference", "none"),
        ("better, taken", "success"),
        ("answers change", "warn"),
    ]
    worse = way_rows(found, replace(CHOICE, way="original"))
    assert [row.tag and row.tag[:2] for row in worse][1:] == [
        ("better", "success"),
        ("answers change", "warn"),
    ]
    assert "correction too many" in way_sentence(found)
    assert rows_in_words(found) == "measured on 40 held-out rows, 2\u2009310 tokens"


def test_that_a_way_that_changes_hardly_an_answer_is_only_further_off() -> None:
    rows = way_rows(known(same=2309), CHOICE)
    assert rows[2].tag is not None
    assert rows[2].tag[0] == "further off"


def test_that_nothing_is_said_of_ways_that_are_not_measured() -> None:
    rows = way_rows(OFFERED, CHOICE)
    assert [row.kl for row in rows] == [None, None, None]
    assert [row.tag for row in rows][1:] == [None, None]
    assert way_sentence(OFFERED) == ""
    assert measure_in_words(OFFERED) == "Measure, 50 s"
    assert measure_in_words(known()) == ""


def test_that_a_run_in_16_bits_has_no_two_ways() -> None:
    assert way_rows(replace(OFFERED, ways=("original",)), CHOICE) == []


def test_that_a_type_has_its_predicted_size_its_figures_or_why_it_cannot_be() -> None:
    event = measured("gguf:f16", 0.0, 2310)
    rows = gguf_rows(replace(OFFERED, measured={"gguf:f16": event}), CHOICE, Work(seen([])))
    assert [(row.type, row.is_ticked, row.is_predicted, row.measure) for row in rows] == [
        ("f16", False, True, ""),
        ("q8_0", True, True, "Measure, 25 s"),
        ("q4_k", False, True, ""),
    ]
    assert rows[0].same_share == 1
    assert rows[2].why_not == "its rows are no multiple of 256"


def test_that_a_type_that_was_measured_against_the_other_way_is_not_measured() -> None:
    event = measured("gguf:f16", 0.0, 2310).model_copy(update={"against": "merged-nf4"})
    known = replace(OFFERED, measured={"gguf:f16": event})
    assert gguf_rows(known, CHOICE, Work(seen([])))[0].kl == 0.0
    assert gguf_rows(known, replace(CHOICE, way="original"), Work(seen([])))[0].kl is None
