"""How far an export is, and what lies in its folder."""

from dataclasses import replace
from pathlib import Path

from tests.exports import STEPS, plan
from tests.panes.runs.export.offers import CHOICE, OFFERED, at_work
from workbench.core.export.made import MadeItem
from workbench.core.export.progress import seen
from workbench.core.job.events import Phase
from workbench.core.job.export_kinds import StepBegun, StepChecked, StepDone, StepRejected
from workbench.panes.runs.export.work import Work, file_rows, made_of, progress_rows, time_in_words


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


def test_that_an_adapter_for_llama_cpp_that_lies_there_can_be_used_elsewhere() -> None:
    item = "adapter-gguf"
    done = StepDone(item=item, path="bicycle-adapter.gguf", size_bytes=1, seconds=1)
    there = replace(OFFERED, made={item: MadeItem(done=done, of="", checks=[], measured=[])})
    assert made_of(Path("/out"), there, CHOICE, Work(seen([]))).adapter_gguf == "bicycle-adapter.gguf"
