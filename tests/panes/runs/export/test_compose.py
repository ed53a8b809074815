"""What the cards show, by what can be made, what was chosen, and how far it is."""

from dataclasses import replace
from pathlib import Path

from tests.exports import STEPS, plan
from workbench.core.export.measured import REFERENCE
from workbench.core.export.offered import Offered, OfferedTarget
from workbench.core.export.progress import seen
from workbench.core.export.target import Offer
from workbench.core.job.events import Phase
from workbench.core.job.export_kinds import StepBegun, StepChecked, StepDone, StepRejected, WeightsMeasured
from workbench.core.job.study_base import Finding
from workbench.panes.runs.export.choice import Choice, choice_of, clean_name
from workbench.panes.runs.export.compose import (
    Work,
    chosen_in_words,
    file_rows,
    gguf_rows,
    made_of,
    measure_in_words,
    plan_lines,
    progress_rows,
    rows_in_words,
    sends,
    time_in_words,
    way_rows,
    way_sentence,
)

OFFERS = (
    Offer("f16", "F16", 16.0, 3_090_000_000),
    Offer("q8_0", "Q8_0", 8.5, 1_650_000_000),
    Offer("q4_k", "Q4_K", 4.5, 0, why_not="its rows are no multiple of 256"),
)
OFFERED = Offered(
    name="bicycle",
    title="bicycle",
    precision="nf4",
    ways=("nf4", "original"),
    way="nf4",
    targets=(
        OfferedTarget("adapter", "Adapter", 37_000_000),
        OfferedTarget("merged", "Merged into the original weights", 3_090_000_000),
        OfferedTarget("merged-nf4", "Merged into NF4's values", 3_090_000_000),
        OfferedTarget("gguf", "GGUF", 1_650_000_000, 25.0, offers=OFFERS),
        OfferedTarget("ollama", "Ollama", 1000, why_not="It needs a GGUF file."),
    ),
    measure_seconds=50,
)
HUB = OfferedTarget("hub", "Hub")
CHOICE = Choice(Path("/runs/one"), "bicycle", folder="/out", targets=("adapter", "merged", "gguf"))


def measured(item: str, kl: float | None, same: int = 2310) -> WeightsMeasured:
    return WeightsMeasured(
        item=item,
        perplexity=2.2,
        kl=kl,
        same_tokens=same,
        positions=2310 if kl is not None else 0,
        tokens=2310,
        rows=40,
    )


def known(nf4: float = 0.0004, original: float = 0.0187, same: int = 2226) -> Offered:
    found = [measured(REFERENCE, None), measured("merged-nf4", nf4, 2305), measured("merged", original, same)]
    return replace(OFFERED, measured={event.item: event for event in found})


def at_work() -> list[Finding]:
    first, second = STEPS[:2]
    checked = StepChecked(item=first.item, name="loaded back", ok=True, found="equal")
    done = StepDone(item=first.item, path=first.path, size_bytes=37_000_000, seconds=1)
    return [plan(), StepBegun(item=first.item), checked, done, StepBegun(item=second.item)]


def test_that_each_line_has_its_size_before_it_begins_and_a_reason_where_it_cannot() -> None:
    lines = {line.key: line for line in plan_lines(OFFERED, CHOICE, Work(seen([])))}
    assert list(lines) == ["adapter", "merged", "gguf", "ollama"]
    assert (lines["adapter"].size, lines["merged"].title) == ("37.0 MB", "Merged, 16 bit")
    assert lines["gguf"].size == "1.65 GB"
    assert lines["ollama"].why_not == "It needs a GGUF file."
    assert not any(line.is_locked or line.state for line in lines.values())
    assert chosen_in_words(CHOICE, OFFERED, plan()) == "3 chosen, 4.78 GB"


def test_that_what_has_begun_is_locked_and_what_waits_is_free() -> None:
    work = Work(seen(at_work()), is_busy=True)
    lines = {line.key: line for line in plan_lines(OFFERED, CHOICE, work)}
    assert [(line.is_locked, line.state) for line in lines.values()][:3] == [
        (True, "done"),
        (True, "works"),
        (False, "waits"),
    ]


def test_that_what_was_at_work_when_it_ended_is_not_made_and_nothing_is_locked() -> None:
    work = Work(seen(at_work()))
    lines = {line.key: line for line in plan_lines(OFFERED, CHOICE, work)}
    assert [(line.is_locked, line.state) for line in lines.values()][:3] == [
        (False, "done"),
        (False, None),
        (False, None),
    ]
    assert [row.sentence for row in progress_rows(work)] == ["equal", "not made", "not made", "not made"]


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


def test_that_what_counts_numbers_is_told_in_bytes_too() -> None:
    phase = Phase(name="export", file="gguf:q8_0", done=50, total=200, unit="numbers", rate=10)
    work = Work(seen([plan(), StepBegun(item="gguf:q8_0")], phase, {"gguf:q8_0": 0.25}), is_busy=True)
    row = next(row for row in progress_rows(work) if row.state == "works")
    assert (row.fact, row.share) == ("412 MB of 1.65 GB", 0.25)
    assert row.sentence == "82.5 MB a second; then it is read back and compared"


def test_that_progress_says_how_far_how_fast_and_what_it_waits_for() -> None:
    findings = [plan(), StepBegun(item=STEPS[1].item)]
    phase = Phase(name="export", file="merged-nf4", done=1_060_000_000, total=1_650_000_000, unit="bytes", rate=84e6)
    written = {"merged-nf4": 0.64}
    rows = {row.item: row for row in progress_rows(Work(seen(findings, phase, written), is_busy=True))}
    assert rows["merged-nf4"].fact == "1.06 of 1.65 GB"
    assert rows["merged-nf4"].sentence == "84.0 MB a second; then it is read back and compared"
    assert rows["gguf:q8_0"].sentence == "waits for Merged"
    assert time_in_words(Work(seen(findings, phase, written), is_busy=True), 112) == "1:52, about 65 s left"


def test_that_a_step_says_the_last_of_its_checks_and_names_those_before() -> None:
    checks = [StepChecked(item="adapter", name=name, ok=True, found=f"{name} is well.") for name in ("files", "logits")]
    row = progress_rows(
        Work(
            seen(
                [
                    plan(),
                    StepBegun(item="adapter"),
                    *checks,
                    StepDone(item="adapter", path="adapter", size_bytes=1, seconds=1),
                ]
            )
        )
    )[0]
    assert row.sentence == "logits is well. Checked before: files."
    assert row.more == "files: files is well.\nlogits: logits is well."


def test_that_a_rejected_step_says_where_its_file_is_kept() -> None:
    rejected = StepRejected(item="merged-nf4", path="merged-nf4.rejected", what="It differs.")
    row = progress_rows(Work(seen([plan(), rejected])))[1]
    assert row.sentence == "It differs. It is kept as merged-nf4.rejected."
    assert row.state == "rejected"


def test_that_files_lie_there_are_being_written_or_wait() -> None:
    rows = file_rows(Path("/out"), replace(OFFERED, readme_bytes=4000), Work(seen(at_work()), is_busy=True))
    assert [(row.name, row.fact) for row in rows] == [
        ("/out", "37.0 MB"),
        ("adapter", "37.0 MB"),
        ("merged-nf4", "writing"),
        ("bicycle-Q8_0.gguf", "waits"),
        ("Modelfile", "waits"),
        ("README.md", "4.00 kB"),
    ]


def test_that_what_is_made_can_be_used_elsewhere() -> None:
    made = made_of(Path("/out"), OFFERED, CHOICE, Work(seen(at_work()), is_busy=True))
    assert (made.adapter, made.merged, made.gguf) == ("adapter", "", "")


def test_that_the_request_has_the_items_that_can_be_made_and_are_not_there() -> None:
    request = CHOICE.request(OFFERED, without=("adapter",))
    assert request is not None
    assert request.items == ("merged-nf4", "gguf:q8_0")
    assert (request.into, request.out) == ("nf4", "/out")
    assert replace(CHOICE, targets=("ollama",)).request(OFFERED) is None
    assert choice_of(request, request.items) == replace(
        CHOICE, targets=("merged", "gguf"), way="nf4", run=Path("/runs/one")
    )
    assert CHOICE.measuring("gguf:f16", OFFERED).out == ""


def test_that_types_bring_their_line_along_and_take_it_with_them() -> None:
    one = replace(CHOICE, targets=("adapter",), types=()).with_type("f16", is_wanted=True)
    assert (one.targets, one.types) == (("adapter", "gguf"), ("f16",))
    assert one.with_type("f16", is_wanted=False).targets == ("adapter",)


def test_that_ollama_brings_the_file_along_that_it_reads() -> None:
    one = replace(CHOICE, targets=("adapter",)).with_target("ollama", is_wanted=True)
    assert set(one.targets) == {"adapter", "ollama", "gguf"}
    assert set(one.with_target("gguf", is_wanted=False).targets) == {"adapter"}
    assert set(one.with_target("ollama", is_wanted=False).targets) == {"adapter", "gguf"}


def test_that_the_adapter_can_always_be_sent_and_the_rest_where_it_is_made() -> None:
    choice = replace(CHOICE, targets=("gguf", "hub"))
    assert sends(choice, OFFERED) == [("adapter", "Adapter", True), ("gguf:q8_0", "Q8_0", False)]
    both = replace(choice, hub_sends=("gguf:q8_0", "adapter", "merged"))
    request = both.request(replace(OFFERED, targets=(*OFFERED.targets, HUB)))
    assert request is not None
    assert request.hub_sends == ("adapter", "gguf:q8_0")  # of what is not made nothing is sent
    line = plan_lines(replace(OFFERED, targets=(*OFFERED.targets, HUB)), both, Work(seen([])))[-1]
    assert (line.title, line.size) == ("Hub, private", "sends 1.69 GB")
    full = replace(OFFERED, has_adapter=False)
    assert replace(choice, targets=("merged",)).sent(full) == ("merged-nf4",)


def test_that_a_name_is_one_that_files_and_shells_take() -> None:
    assert clean_name("Fahrrad & Antworten / 2") == "Fahrrad-Antworten-2"
    assert clean_name("-..") == ""
