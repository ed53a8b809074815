"""What the Hub's view says of a row, of a download, and of what can be done."""

import pytest

from workbench.bridge.arrival import Arrival, arrivals_in_words
from workbench.core.recipe.recipe import Recipe
from workbench.panes.model.hub.row import HubRow, StepPeak
from workbench.panes.model.hub.words import (
    Circumstances,
    Plan,
    page_of,
    plan_for,
    takes_of,
    terms_of,
    what_memory_is,
    what_was_found,
)
from workbench.panes.parts.room import Room

ROW = HubRow("org/Model-8B", parameters=8_030_000_000, download_bytes=16_060_000_000, licence="Llama 3.1")
PEAK = StepPeak(3_600_000_000, 2_100_000_000, 1_900_000_000)


def test_that_a_row_is_read_as_people_write_numbers() -> None:
    row = HubRow("org/Model-8B", 8_030_000_000, 16_060_000_000, "", 7_900_000, peak=PEAK, limit_bytes=12_000_000_000)
    assert (row.name, row.owner, row.billions, row.download, row.downloads_words) == (
        *("Model-8B", "org", "8.03", "16.1 GB", "7.90 M"),
    )
    assert (row.licence_words, row.peak_figure, row.verdict, row.peak_words) == (
        *("unknown", "7.6", "fits", "7.6 GB, fits"),
    )


def test_that_what_is_not_known_is_a_dash_with_why_and_never_a_guess() -> None:
    row = HubRow("org/model")
    assert (row.billions, row.download, row.downloads_words, row.peak_figure) == ("–",) * 4  # noqa: RUF001
    assert row.verdict == "config not read yet"
    assert not row.fits
    assert HubRow("org/model", not_loaded="only pickles: not loaded", peak=PEAK).verdict == "only pickles: not loaded"


def test_that_what_lies_beyond_the_limit_is_too_large() -> None:
    assert HubRow("org/model", peak=PEAK, limit_bytes=7_600_000_000).verdict == "fits"
    assert HubRow("org/model", peak=PEAK, limit_bytes=7_599_999_999).verdict == "too large"


def test_that_an_arrival_says_how_far_it_is() -> None:
    arrival = Arrival("Qwen/Qwen2.5-7B", "arriving", 6_240_000_000, 15_200_000_000, 2, 4, 1, 11_700_000)
    assert (arrival.title, arrival.of_bytes) == ("Qwen2.5-7B", ("6.24", "of 15.2 GB"))
    assert (arrival.of_files, arrival.speed, arrival.left) == ("file 2 of 4, 1 checked", "11.7 MB/s", "12:46 left")
    waiting = Arrival("Qwen/Qwen2.5-7B")
    assert (waiting.of_bytes, waiting.of_files, waiting.speed, waiting.left) == (("", ""), "", "", "waiting")
    assert waiting.share == 0
    assert arrivals_in_words([]) == ""
    assert arrivals_in_words([arrival]) == "One arriving"
    assert arrivals_in_words([arrival, waiting, waiting]) == "3 arriving"
    assert arrivals_in_words([Arrival("a/b", "paused")]) == "One paused"


NOT_GIVEN = HubRow("org/Model-8B", access="ask first")
ASK = Plan("ask", "Ask on the Hub\u2019s page", "then F5 looks again", "link")
TOKEN = Plan("token", "Enter a token", "of an account that has accepted its terms", "user")


@pytest.mark.parametrize(
    ("row", "how", "plan"),
    [
        (None, Circumstances(), Plan("", "Download", "Choose a model.")),
        (ROW, Circumstances(), Plan("download", "Download Model-8B", "16.1 GB")),
        (
            ROW,
            Circumstances(before=1, bytes_per_second=11_700_000),
            Plan("download", "Download Model-8B", "16.1 GB after the other one, about 23 minutes"),
        ),
        (ROW, Circumstances(before=3), Plan("download", "Download Model-8B", "16.1 GB after 3 others")),
        (ROW, Circumstances(here_bytes=6_060_000_000), Plan("download", "Download Model-8B", "10.0 GB")),
        (
            ROW,
            Circumstances(free_bytes=20_000_000_000, before_bytes=10_000_000_000),
            Plan("", "Download Model-8B", "6.06 GB more room is needed on the disk"),
        ),
        (ROW, Circumstances(is_offline=True), Plan("", "Download Model-8B", "Offline: nobody is asked")),
        (NOT_GIVEN, Circumstances(has_token=True), ASK),
        (NOT_GIVEN, Circumstances(can_keep_token=False), ASK),
        (NOT_GIVEN, Circumstances(), TOKEN),
        (HubRow("org/Model-8B", access="refused"), Circumstances(), Plan("", "Download Model-8B", "refused")),
        (HubRow("org/Model-8B", access="asked"), Circumstances(), Plan("", "Download Model-8B", "not answered yet")),
        (
            HubRow("org/Model-8B", download_bytes=2_000_000_000, state="here"),
            Circumstances(is_offline=True),
            Plan("use", "Use Model-8B", "2.00 GB on this machine", "arrow-right"),
        ),
        (
            HubRow("org/Model-8B", not_loaded="only pickles: not loaded"),
            Circumstances(),
            Plan("", "Download Model-8B", "only pickles: not loaded"),
        ),
        (
            HubRow("org/Model-8B", state="arriving"),
            Circumstances(arrival=Arrival("org/Model-8B", "arriving", 10**9, 4 * 10**9, bytes_per_second=10**7)),
            Plan("", "Model-8B arrives", "1.00 of 4.00 GB, 5:00 left"),
        ),
        (
            HubRow("org/Model-8B", state="waiting"),
            Circumstances(arrival=Arrival("org/Model-8B", total_bytes=4 * 10**9)),
            Plan("", "Model-8B waits", "4.00 GB, when those before it are here"),
        ),
    ],
)  # fmt: skip
def test_that_the_primary_says_what_it_would_do(row: HubRow | None, how: Circumstances, plan: Plan) -> None:
    assert plan_for(row, how) == plan


def test_that_the_memory_is_said_to_be_that_of_the_recipe_and_of_the_card() -> None:
    recipe = Recipe.model_validate({"training": {"max_length": 256}})
    card, machine = Room(True, 12, 11), Room(False, 12, 11)
    assert what_memory_is(recipe, card) == "memory is the peak of a QLoRA step at 256 tokens, as in Data"
    assert what_memory_is(recipe, machine).endswith("as in Data, against this machine\u2019s: there is no card")


def test_that_the_count_of_rows_says_what_the_filters_leave() -> None:
    assert what_was_found(50, 50, has_more=True, is_asking=False) == "50 found, more below"
    assert what_was_found(12, 50, has_more=False, is_asking=False) == "12 of 50"
    assert what_was_found(0, 0, has_more=False, is_asking=True) == "asking the Hub"


def test_that_a_stranger_cannot_have_any_address_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.core.model.hub_details import HubDetails

    monkeypatch.delenv("HF_ENDPOINT", raising=False)

    def of_terms(terms: str) -> HubDetails:
        return HubDetails("org/model", "abc", "other", terms, 0, "open", None, "", (), 0, ())

    page = "https://huggingface.co/org/model"
    assert page_of("org/model") == page
    assert terms_of("org/model", of_terms("https://example.org/terms")) == "https://example.org/terms"
    for terms in ("file:///etc/passwd", "LICENSE", "javascript:alert(1)", "http://example.org", ""):
        assert terms_of("org/model", of_terms(terms)) == page


def test_that_the_details_say_what_training_takes_or_why_it_cannot_be() -> None:
    row = HubRow("org/model", peak=PEAK, limit_bytes=12_000_000_000)
    said = takes_of(row, None, None)
    assert said == "7.6 GB to train = 3.6 weights in NF4 + 2.1 not quantized + 1.9 all else; 12.0 GB are free"
    assert "any code" in takes_of(HubRow("org/model", not_loaded="only pickles: not loaded"), None, None)
    assert "terms accepted" in takes_of(HubRow("org/model", access="ask first"), None, None)
