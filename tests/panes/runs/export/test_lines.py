"""The lines of the plan, by what can be made, what was chosen, and how far it is."""

from dataclasses import replace

from tests.exports import plan
from tests.panes.runs.export.offers import CHOICE, HUB, OFFERED, at_work
from workbench.core.export.progress import seen
from workbench.panes.runs.export.lines import chosen_in_words, plan_lines, sends
from workbench.panes.runs.export.work import Work, progress_rows


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
