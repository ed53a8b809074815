"""What a race says of what it found."""

import json
import math

import pytest

from tests.races import FIGURES, race, row
from workbench.core.job.events import ADAPTER
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import LayersRequest, MeasureRequest, PrecisionMeasured
from workbench.core.problems import UserError
from workbench.core.race.answer_words import marked
from workbench.core.race.measures import MEASURE, MEASURES, color_key_of, in_order, title_of
from workbench.core.race.race import read_race


def test_that_precisions_run_the_widest_first_and_once_each() -> None:
    assert in_order(["nf4", "BF16, int8", "nf4"]) == ("bf16", "int8", "nf4")
    with pytest.raises(UserError, match='no precision "nf5"'):
        in_order(["nf5"])
    with pytest.raises(UserError, match="No precision is named"):
        in_order([" , "])


def test_that_rows_stand_in_the_order_of_width_and_the_latest_counts() -> None:
    found = race(row("fp4"), row("bf16", perplexity=99.0), row("nf4"), row("bf16"))
    assert [entry.precision for entry in found.rows] == ["bf16", "nf4", "fp4"]
    assert found.row("bf16") == row("bf16")
    assert found.row("int8") is None


def test_that_the_sentence_tells_what_nf4_buys_and_costs() -> None:
    assert race().sentence == (
        "NF4 holds the weights in 117 MB where BF16 takes 269 MB: 57% less. Its perplexity is 22.00 in place of 20.10 "
        "(9.5% more), and it holds the same next token for the likeliest as FP32 at 90% of the places. "
        "It writes 12.5 tokens/s in place of 18.0."
    )


def test_that_the_sentence_is_of_what_ran() -> None:
    assert race(row("bf16")).sentence == ""
    assert race(row("nf4")).sentence == ""
    assert race(row("bf16"), row("nf4", problem="No memory.")).sentence == ""
    assert race(row("fp32"), row("fp4")).sentence.startswith("FP4 holds the weights in 117 MB where FP32 takes 538 MB")
    without = race(row("bf16"), row("nf4", perplexity=math.nan, same_top_token=None, answer_tokens_per_second=None))
    assert without.sentence == "NF4 holds the weights in 117 MB where BF16 takes 269 MB: 57% less."


def test_that_the_best_of_each_measure_is_named() -> None:
    found = race()
    best = {measure.name: found.best(measure) for measure in MEASURES}
    assert best["size_bytes"] == "nf4-dq"
    assert best["perplexity"] == "fp32"
    assert best["answer_tokens_per_second"] == "bf16"
    assert best["kl_divergence"] == best["same_top_token"] == "bf16"  # not the reference, which is itself
    assert race(row("bf16")).best(MEASURE["perplexity"]) is None
    assert race(row("bf16", perplexity=math.nan), row("nf4"), row("fp4")).best(MEASURE["perplexity"]) == "nf4"


def test_that_a_precision_that_could_not_run_is_a_row_and_no_rival() -> None:
    found = race(PrecisionMeasured(precision="fp32", problem="The memory was not enough."), row("bf16"), row("nf4"))
    assert [entry.precision for entry in found.rows] == ["fp32", "bf16", "nf4"]
    assert [entry.precision for entry in found.ran] == ["bf16", "nf4"]
    assert found.best(MEASURE["size_bytes"]) == "nf4"


@pytest.mark.parametrize(
    ("answer", "reference", "same", "word", "rest"),
    [
        ("It is 4.", "It is 4.", "It is 4.", "", ""),
        ("It was 4.", "It is 4.", "It ", "was", " 4."),
        ("It is 4. Really.", "It is 4.", "It is 4. ", "Really.", ""),
        ("It  is\n4.", "It is 4.", "It  is\n4.", "", ""),
        ("Blue", "", "", "Blue", ""),
        ("4.", "4", "", "4.", ""),
    ],
)
def test_that_the_first_differing_word_is_found(answer: str, reference: str, same: str, word: str, rest: str) -> None:
    found = marked(answer, reference)
    assert (found.same, found.word, found.rest) == (same, word, rest)
    assert found.same + found.word + found.rest == answer
    assert found.is_same == (word == "")


def test_that_an_answer_that_ends_sooner_differs_at_its_end() -> None:
    found = marked("It is", "It is 4.")
    assert (found.same, found.ends_sooner, found.is_same) == ("It is", True, False)
    assert marked("", "").is_same


def test_that_answers_are_marked_against_the_reference() -> None:
    found = race()
    fp4 = found.row("fp4")
    assert fp4 is not None
    assert found.marked(fp4, 0).is_same
    assert found.marked(fp4, 1).word == "Red,"
    assert found.marked(fp4, 7).same == ""


def test_that_figures_that_are_no_numbers_are_words_and_null() -> None:
    odd = row("nf4", perplexity=math.inf, kl_divergence=math.nan, load_seconds=None)
    assert MEASURE["perplexity"].words(odd) == "infinite"
    assert MEASURE["kl_divergence"].words(odd) == "not a number"
    assert MEASURE["load_seconds"].words(odd) == ""
    (printed,) = race(odd).rows_as_json()
    assert (printed["perplexity"], printed["kl_divergence"]) == (None, None)
    json.dumps(printed, allow_nan=False)


def test_that_a_finding_is_read_back_from_its_line_as_it_was() -> None:
    entry = row("nf4", losses=[(1, 3.5), (2, math.inf)], notes=["Said."], perplexity=math.inf)
    assert ADAPTER.validate_json(entry.model_dump_json()) == entry


def test_that_notes_are_said_once() -> None:
    found = race(row("bf16", notes=["a", "b"]), row("nf4", notes=["b", "c"]))
    assert found.notes == ("a", "b", "c")


def test_that_every_precision_has_a_title_and_a_colour() -> None:
    assert [title_of(name) for name in FIGURES] == ["FP32", "BF16", "INT8", "NF4", "NF4 + DQ", "FP4"]
    assert color_key_of("nf4-dq") == color_key_of("nf4") == "NF4"


def test_that_another_study_is_not_a_race() -> None:
    with pytest.raises(UserError, match="not a race"):
        read_race(create_study(LayersRequest(model="m", formats=("nf4",))))
    assert read_race(create_study(MeasureRequest(model="starter"))).model_name == "SmolLM2-135M-Instruct"
