"""Where a run stands by its journal's end, beside what all of the journal says."""

import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.bridge.engines import planned, step
from workbench.core.job import outline as outlines
from workbench.core.job.events import (
    Continued,
    Ended,
    Event,
    Notice,
    Paused,
    Resumed,
    Started,
)
from workbench.core.job.history import History
from workbench.core.job.journal import LONGEST_LINE_BYTES, JournalReader
from workbench.core.job.outline import HEAD_BYTES, TAIL_BYTES, Outline, outline
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.recipe.recipe import Recipe

JOURNALS = sorted((Path(__file__).parents[2] / "data" / "journals").iterdir())
LONG = HEAD_BYTES + TAIL_BYTES


def started(attempt: int) -> Started:
    return Started(attempt=attempt, pid=100 + attempt, versions={})


def steps(first: int, last: int, total: int) -> list[Event]:
    return [step(number, total) for number in range(first, last + 1)]


def notice(length: int) -> Notice:
    return Notice(text="n" * length)


def written(path: Path, events: Sequence[Event], torn: bytes = b"") -> Path:
    path.write_bytes("".join(event.model_dump_json() + "\n" for event in events).encode() + torn)
    return path


def facts(seen: Outline) -> tuple[object, ...]:
    return (seen.started, seen.ended, seen.is_paused, seen.step, seen.total_steps, seen.loss_last)


def whole(journal: Path) -> tuple[object, ...]:
    """The same facts by every line of the journal."""
    history = History(JournalReader(journal).read())
    last = history.steps[-1] if history.steps else None
    total = history.total_steps or (last.steps if last else 0)
    return (
        history.started, history.ended, history.is_paused, history.step, total, last.loss if last else None
    )  # fmt: skip


@pytest.mark.parametrize("folder", JOURNALS, ids=lambda folder: folder.name)
def test_that_it_says_of_every_kept_journal_what_its_history_says(folder: Path) -> None:
    run = RunFolder(folder)
    seen, history = run.outline(), run.history()
    assert facts(seen) == whole(run.journal)
    ended = history.ended
    assert seen.trained_seconds == (ended.train_seconds if ended and ended.train_seconds else history.trained()[0])


LONG_RUNS: dict[str, Callable[[], list[Event]]] = {
    "at work": lambda: [started(1), planned(5000), *steps(1, 3000, 5000)],
    "over": lambda: [started(1), planned(3000), *steps(1, 3000, 3000), Ended(state="finished", step=3000)],
    "paused": lambda: [started(1), planned(5000), *steps(1, 3000, 5000), Paused(step=3000)],
    "gone on": lambda: [
        started(1), planned(5000), *steps(1, 9, 5000), Paused(step=9), Continued(step=9), *steps(10, 3000, 5000)
    ],
    "resumed in the middle, for more steps": lambda: [
        started(1), planned(2000), *steps(1, 1500, 2000), Ended(state="stopped", step=1500),
        started(2), Resumed(step=1400, folder="c"), planned(9000, from_step=1400), *steps(1401, 4000, 9000),
    ],
    "paused, killed and resumed in the middle": lambda: [
        started(1), planned(9000), *steps(1, 1500, 9000), Paused(step=1500),
        started(2), Resumed(step=1500, folder="c"), planned(9000, from_step=1500), *steps(1501, 4000, 9000),
        started(3), Resumed(step=4000, folder="c"), planned(9000, from_step=4000), *steps(4001, 8000, 9000),
    ],
    "resumed at the end, and not at work yet": lambda: [
        started(1), planned(5000), *steps(1, 4000, 5000), Ended(state="crashed", step=4000), started(2)
    ],
    "resumed where its last steps are lost": lambda: [
        started(1), planned(5000), *steps(1, 4000, 5000),
        started(2), Resumed(step=20, folder="c"), planned(5000, from_step=20),
    ],
    "begun again from nothing": lambda: [
        started(1), planned(5000), *steps(1, 4000, 5000), started(2), planned(5000)
    ],
    "a line longer than both ends": lambda: [
        started(1), planned(5000), *steps(1, 3000, 5000), Ended(state="stopped", step=3000), notice(2 * LONG)
    ],
    "a paused one with a line longer than both ends": lambda: [
        started(1), planned(5000), *steps(1, 3000, 5000), Paused(step=3000), notice(2 * LONG)
    ],
    "lines too long to be parsed": lambda: [
        started(1), notice(LONGEST_LINE_BYTES), planned(5000), *steps(1, 9, 5000), notice(LONGEST_LINE_BYTES)
    ],
    "a first line that is too long": lambda: [notice(LONGEST_LINE_BYTES), *steps(1, 3000, 5000), started(2)],
    "nothing but notices": lambda: [notice(100)] * 4000,
    "no step, then its end": lambda: [
        started(1), *([notice(100)] * 4000), Ended(state="crashed", step=0, what='{"kind":"started","attempt":7}')
    ],
    "a text that looks like an event": lambda: [
        started(1), planned(9000), notice(10), *steps(1, 200, 9000),
        Notice(text='{"kind":"started","attempt":9}'), *steps(201, 4000, 9000),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", LONG_RUNS)
@pytest.mark.parametrize("torn", [b"", b'{"at":1,"kind":"ended","sta'], ids=["whole", "torn"])
def test_that_it_says_of_a_long_journal_what_its_history_says(tmp_path: Path, name: str, torn: bytes) -> None:
    journal = written(tmp_path / "journal.jsonl", LONG_RUNS[name](), torn)
    assert journal.stat().st_size > LONG
    seen = outline(journal)
    assert facts(seen) == whole(journal)
    quick = outline(journal, counts_attempts=False)
    assert facts(quick)[1:] == facts(seen)[1:]
    assert (quick.started is None) == (seen.started is None)


@pytest.mark.parametrize("seed", range(20))
def test_that_it_is_right_wherever_an_end_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    dice = random.Random(seed)
    for name, number in (
        ("HEAD_BYTES", 40),
        ("TAIL_BYTES", dice.randint(1, 900)),
        ("PIECE_BYTES", dice.randint(1, 90)),
    ):
        monkeypatch.setattr(outlines, name, number)
    events: list[Event] = []
    attempt, reached, total = 0, 0, 50
    asked = "start"
    for _ in range(dice.randint(1, 60)):
        match asked:
            case "start":
                attempt += 1
                events.append(started(attempt))
                if dice.random() < 0.7:
                    reached, total = dice.randint(0, reached), dice.randint(50, 99)
                    events += [Resumed(step=reached, folder="c")] if reached else []
                    events.append(planned(total, from_step=reached))
            case "step":
                reached += dice.randint(1, 3)
                events.append(step(reached, total))
            case "pause":
                events.append(Paused(step=reached))
            case "go on":
                events.append(Continued(step=reached))
            case "end":
                events.append(Ended(state="stopped", step=reached))
            case "long":
                events.append(notice(dice.randint(0, 2000)))
        at_work = ["start", "step", "step", "step", "step", "pause", "end", "long"]
        asked = {"end": "start", "pause": dice.choice(["go on", "end", "start"])}.get(asked, dice.choice(at_work))
    journal = written(tmp_path / "journal.jsonl", events, b"{" * dice.randint(0, 3))
    assert facts(outline(journal)) == whole(journal)


def test_that_the_seconds_of_a_long_run_are_those_it_ends_with_or_about_those_of_its_steps(tmp_path: Path) -> None:
    events = [started(1), planned(5000), *steps(1, 3000, 5000)]
    assert outline(written(tmp_path / "a", events)).trained_seconds == pytest.approx(1500)
    events.append(Ended(state="stopped", step=3000, train_seconds=9.0))
    assert outline(written(tmp_path / "b", events)).trained_seconds == 9.0


def test_that_a_journal_that_is_not_there_is_a_run_not_begun(tmp_path: Path) -> None:
    assert outline(tmp_path / "journal.jsonl") == Outline()
    assert Outline().attempt == 0
    assert outline(written(tmp_path / "empty", [])) == Outline()
    with pytest.raises(IsADirectoryError if os.name != "nt" else PermissionError):
        outline(tmp_path)


def test_that_the_state_of_a_run_with_a_journal_of_sixty_megabytes_is_that_of_all_its_lines() -> None:
    run = RunFolder.create(Recipe())
    one = [event.model_dump_json() + "\n" for event in (started(1), planned(10**6))]
    two = [event.model_dump_json() + "\n" for event in (Resumed(step=50_000, folder="c"), Ended(state="stopped"))]
    text = step(1, 10**6).model_dump_json().replace('"step":1,', '"step":%d,') + "\n"
    count = 60_000_000 // len(text)
    with run.journal.open("w") as file:
        file.writelines(one)
        file.writelines(text % number for number in range(1, 100_001))
        file.write(started(2).model_dump_json() + "\n")
        file.writelines([two[0], *(text % number for number in range(50_001, count - 50_000)), two[1]])
    assert run.journal.stat().st_size > 55_000_000
    seen = run.outline()
    assert facts(seen) == whole(run.journal)
    assert (seen.attempt, seen.total_steps) == (2, 10**6)
    assert run.state() is RunState.STOPPED
