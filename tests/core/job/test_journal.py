"""The journal, read while it is written, torn, shared and from another version."""

import json
import math
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any, get_args

import pytest

from workbench.core.job.chat_kinds import (
    Answered,
    AnswerPiece,
    ChatLoaded,
    Likely,
    QuestionDone,
    QuestionRefused,
    QuestionSent,
    SideFacts,
    SideLoaded,
    SideRefused,
    StrengthMeasured,
    TextScored,
    TokenScore,
)
from workbench.core.job.evaluation_kinds import EvaluationKept, Measured, SideMeasured, TaskMeasured, TaskRefused
from workbench.core.job.events import (
    Attributed,
    CheckpointSaved,
    Continued,
    Ended,
    Evaluated,
    Event,
    Healed,
    Memory,
    Milestone,
    Notice,
    Paused,
    Phase,
    Planned,
    Predicted,
    Resumed,
    Sample,
    Scored,
    Started,
    Step,
    Unrecognized,
)
from workbench.core.job.export_kinds import (
    ExportedFile,
    ExportPlanned,
    PlannedStep,
    StepBegun,
    StepChecked,
    StepDone,
    StepRefused,
    StepRejected,
    UploadedToHub,
    WaySuggested,
    WeightsMeasured,
)
from workbench.core.job.journal import JournalReader, JournalWriter, parsed
from workbench.core.job.study_kinds import (
    ActivationsSeen,
    Converted,
    DataPrepared,
    Fetched,
    FetchPlanned,
    MatrixMeasured,
    PrecisionMeasured,
    RowSeen,
    RowsFound,
)

ROOT = Path(__file__).parents[3]
MEMORY = Memory(resident_bytes=1, resident_peak_bytes=2, allocated_bytes=3, allocated_peak_bytes=4)
STEP = Step(
    step=1,
    steps=9,
    epoch=0.1,
    loss=2.5,
    learning_rate=2e-4,
    grad_norm=1.5,
    tokens_per_second=99.5,
    seconds=0.25,
    memory=MEMORY,
)
ONE_OF_EACH: list[Any] = [
    Started(attempt=1, pid=7, versions={"torch": "2.13.0"}),
    Phase(name="load", done=1, total=2, unit="files"),
    Planned(
        device="NVIDIA H200",
        steps=9,
        from_step=0,
        rows=5,
        sequences=3,
        tokens=100,
        trained_tokens=50,
        trainable_parameters=10,
        parameters=1000,
        data_sha256="00",
    ),
    Milestone(name="peak", memory=MEMORY),
    STEP,
    Evaluated(step=1, loss=2.0, is_best=True),
    Sample(
        step=1, when="during", prompt="Äpfel\r\n\u2028\x85", answer="🦙\x00", expected="x", group="g", is_scored=True
    ),
    Scored(step=1, when="after", rows=4, right=3, groups={"known": (2, 2), "new": (1, 2)}),
    CheckpointSaved(step=1, folder="step-00000001", size_bytes=5),
    Resumed(step=1, folder="step-00000001", skipped=["step-00000002: it has no manifest"]),
    Paused(step=1, why="the disk is full"),
    Continued(step=1),
    Notice(text="half the batch"),
    Predicted(
        formula=1,
        device="cpu",
        card="cpu",
        family="llama",
        lines={"frozen_weights": 10, "overhead": 5},
        after_load_bytes=12,
        peak_bytes=15,
        moment="backward pass of one block",
        sequence_tokens=512,
        micro_batch=2,
    ),
    Attributed(step=1, method="tensors", lines={"adapters": 4}, rest_bytes=1, peak_bytes=20),
    Healed(step=3, micro_batch=1, accumulation=4, why="out of memory"),
    MatrixMeasured(facts=[{"name": "a.weight", "shape": [2, 3], "format": "nf4", "snr_db": None, "rmse": 0.25}]),
    ActivationsSeen(file="activations.npz", tokens=512, layers=2, features=64),
    Converted(folder="/models/m", parameters=1000, size_bytes=2000),
    ChatLoaded(
        folder="/models/m",
        base_hash="0a",
        stored_as="NF4, 4.5 bits per weight",
        device="CPU",
        sides=[SideFacts(side="tuned", title="mine", adapter="/runs/mine/adapter", adapter_sha256="0b")],
        positions=2048,
        seconds=2.5,
        size_bytes=1000,
        peak_bytes=2000,
    ),
    SideLoaded(name="/runs/other", facts=SideFacts(side="other", title="other")),
    SideRefused(name="/runs/other", what="It is of another base.", remedy="Talk to it by itself."),
    QuestionSent(number=1, side="tuned", text="<s>What is 2 and 2?", ids=[1, 5, 6]),
    AnswerPiece(number=1, side="tuned", text="4", ids=[7], seconds=0.25),
    Answered(
        number=1,
        side="tuned",
        prompt="What is 2 and 2?",
        text="4",
        ids=[7, 2],
        finish="end",
        seconds=0.5,
        first_token_seconds=0.25,
        peak_bytes=2000,
        base_hash="0a",
        adapter_sha256="0b",
        strength=0.5,
        expected="4",
    ),
    TextScored(
        number=2,
        side="tuned",
        sent="<s>What is 2 and 2?",
        tokens=[TokenScore(7, "4", -0.25, [Likely(7, "4", -0.25), Likely(9, "5", -2.5)])],
        seconds=0.5,
        peak_bytes=2000,
        base_hash="0a",
        adapter_sha256="0b",
        strength=0.5,
    ),
    StrengthMeasured(
        number=3,
        side="tuned",
        loss=0.75,
        rows=40,
        seconds=0.5,
        peak_bytes=2000,
        base_hash="0a",
        adapter_sha256="",
        strength=0,
    ),
    QuestionRefused(number=1, place=2, side="base", prompt="x", what="It is too long.", remedy="Shorten it."),
    QuestionDone(number=1, tokens=2, seconds=0.5, peak_bytes=2000),
    FetchPlanned(name="org/m", commit="00", files=[("a", 5)], total_bytes=5, here_bytes=1, free_bytes=9),
    Fetched(name="org/m", folder="/m", commit="00", files=1, total_bytes=5, came_bytes=4, seconds=0.5),
    PrecisionMeasured(precision="nf4", perplexity=27.5, answers=["Äpfel", ""], losses=[(1, 2.5), (2, 1.25)]),
    DataPrepared(
        key="0a",
        folder="/home/you/prepared/0a",
        files=["questions.xlsx"],
        size_bytes=2000,
        data_sha256="00",
        parts={"the data": "00"},
        shape="prompt",
        mapping="`Question` is the prompt, `Answer` the completion.",
        template="the tokenizer's own",
        way="marks",
        rows=12,
        used=9,
        bad=1,
        tokens=100,
        trained_tokens=60,
        longest_tokens=20,
        cut_rows=1,
        sequences=2,
        longest_sequence_tokens=64,
        fill=0.75,
        held_out=1,
        held_out_rows=0,
        held_out_sequences=1,
        duplicates=1,
        near_duplicates=0,
        leaked=0,
        near_leaked=0,
        found=[
            RowsFound(
                why="broken", title="Broken", done="left out", count=1, examples=[RowSeen(file="a", line=3, column=7)]
            )
        ],
        notes=[],
        seconds=0.5,
    ),
    ExportPlanned(
        folder="/a",
        title="a",
        steps=[
            PlannedStep(item="gguf:f16", title="b", path="c.gguf", size_bytes=1, needs=("merged",), is_passing=True)
        ],
        size_bytes=2**40,
        peak_bytes=2**41,
        free_bytes=3,
        seconds=0.5,
    ),
    StepBegun(item="merged", title="Merged"),
    StepChecked(item="merged", title="Merged", name="tensors", ok=False, found="One differs."),
    StepDone(
        item="merged",
        title="Merged",
        path="merged",
        size_bytes=4,
        files=[ExportedFile(name="merged/a", size_bytes=4)],
        seconds=1.5,
        peak_bytes=2**40,
    ),
    StepRejected(item="merged", title="Merged", path="merged.rejected", what="a", why="b", remedy="c"),
    StepRefused(item="merged", title="Merged", what="a", why="b", remedy="c"),
    WeightsMeasured(
        item="merged",
        title="Merged",
        against="reference",
        perplexity=3.5,
        kl=0.25,
        same_tokens=1,
        positions=2,
        largest_difference=0.5,
        tokens=3,
        rows=4,
        is_held_out=False,
        seconds=0.5,
    ),
    WaySuggested(way="nf4", sentence="It lies closer."),
    TaskMeasured(
        task="a",
        metric="exact match",
        higher_is_better=True,
        rows=3,
        sides=[
            SideMeasured(
                side="tuned",
                title="b",
                base_hash="c",
                adapter_sha256="d",
                strength=1.0,
                figure=Measured(value=0.5, low=0.25),
            )
        ],
        apart=Measured(value=0.125),
    ),
    TaskRefused(task="a", what="b", why="c", remedy="d"),
    EvaluationKept(folder="/a"),
    UploadedToHub(
        item="hub",
        title="Hub, a/b",
        repository="a/b",
        address="https://hub/a/b",
        commit="abc",
        is_private=True,
        files=3,
        total_bytes=2**40,
        sent_bytes=0,
    ),
    Ended(state="crashed", step=1, what="a", why="b", remedy="c", is_mendable=True, peak_memory_bytes=2**40),
    Unrecognized(text="?"),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def write(path: Path, *events: Event) -> list[Event]:
    with closing(JournalWriter(path)) as writer:
        return [writer.write(event) for event in events]


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def test_that_there_is_an_example_of_every_event() -> None:
    assert {type(event) for event in ONE_OF_EACH} == set(get_args(get_args(Event)[0]))


@pytest.mark.parametrize("event", ONE_OF_EACH, ids=lambda event: event.kind)
def test_that_an_event_comes_back_as_it_was_written(path: Path, event: Event) -> None:
    (stamped,) = write(path, event)
    assert stamped.at > 0
    assert JournalReader(path).read() == [stamped]
    assert stamped.model_copy(update={"at": 0.0, "elapsed_seconds": 0.0}) == event
    assert path.read_bytes().count(b"\n") == 1


def test_that_a_loss_that_is_no_number_is_seen(path: Path) -> None:
    bad = STEP.model_copy(update={"loss": math.nan, "grad_norm": math.inf, "learning_rate": -math.inf})
    write(path, bad)
    json.loads(path.read_text(), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    (read,) = JournalReader(path).read()
    assert isinstance(read, Step)
    assert math.isnan(read.loss)
    assert (read.grad_norm, read.learning_rate) == (math.inf, -math.inf)


def test_that_there_need_be_no_journal_yet(path: Path) -> None:
    reader = JournalReader(path)
    assert reader.read() == []
    stamped = write(path, Notice(text="a"))
    assert reader.read() == stamped
    assert reader.read() == []


def test_that_a_torn_last_line_waits_until_it_is_whole(path: Path) -> None:
    stamped = write(path, Notice(text="Ä"), Notice(text="b"))
    whole = path.read_bytes()
    reader = JournalReader(path)
    path.write_bytes(b"")
    read: list[Event] = []
    for byte in whole:
        append(path, bytes([byte]))
        read += reader.read()
        assert len(read) == path.read_bytes().count(b"\n")
    assert read == stamped


def test_that_the_torn_line_of_a_crash_is_unrecognized_and_what_follows_is_whole(path: Path) -> None:
    first = write(path, Notice(text="a"))
    append(path, b'{"kind":"step","st')
    reader = JournalReader(path)
    assert reader.read() == first
    second = write(path, Started(attempt=2, pid=1, versions={}), Notice(text="c"))
    assert reader.read() == [Unrecognized(text='{"kind":"step","st'), *second]
    assert write(path, Notice(text="d"))
    assert path.read_bytes().count(b"\n") == 5


def test_that_two_readers_see_the_same_each_at_its_own_pace(path: Path) -> None:
    quick, slow = JournalReader(path), JournalReader(path)
    first = write(path, Notice(text="a"))
    assert quick.read() == first
    second = write(path, Notice(text="b"))
    assert quick.read() == second
    assert slow.read() == first + second


def test_that_what_a_newer_version_writes_is_unrecognized(path: Path) -> None:
    append(
        path, b'{"kind":"hologram","step":1}\n{"kind":"paused","step":1,"mood":"good"}\n{"kind":"paused"}\n[]\n\n\xff\n'
    )
    known = Paused(step=1)
    assert JournalReader(path).read() == [
        Unrecognized(text='{"kind":"hologram","step":1}'),
        known,
        Unrecognized(text='{"kind":"paused"}'),
        Unrecognized(text="[]"),
        Unrecognized(text="\ufffd"),
    ]


def test_that_a_line_of_five_megabytes_is_unrecognized_and_the_next_is_read(path: Path) -> None:
    append(path, b'{"kind":"notice","text":"' + b"x" * 5_000_000 + b'"}\n')
    stamped = write(path, Notice(text="a"))
    huge, *rest = JournalReader(path).read()
    assert isinstance(huge, Unrecognized)
    assert len(huge.text) == 200
    assert rest == stamped


def test_that_lists_within_lists_are_unrecognized() -> None:
    assert isinstance(parsed(b"[" * 1_000_000), Unrecognized)


def test_that_an_event_is_never_written_longer_than_it_is_read(path: Path) -> None:
    write(path, Sample(step=1, when="after", prompt="p", answer="x" * 5_000_000))
    (read,) = JournalReader(path).read()
    assert isinstance(read, Sample)


def test_that_a_file_name_that_is_not_utf8_can_be_told(path: Path) -> None:
    write(path, Notice(text="/data/caf\udce9.jsonl"))
    assert len(JournalReader(path).read()) == 1


def test_that_threads_share_a_writer(path: Path) -> None:
    writer = JournalWriter(path)
    threads = [
        threading.Thread(target=lambda: [writer.write(Notice(text="x" * 5000)) for _ in range(50)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    events = JournalReader(path).read()
    assert len(events) == 200
    assert all(isinstance(event, Notice) for event in events)


def test_that_a_process_is_read_while_it_writes_and_after_it_is_killed(path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from workbench.core.job.events import Notice\n"
        "from workbench.core.job.journal import JournalWriter\n"
        "writer = JournalWriter(Path(sys.argv[1])); number = 0\n"
        "while True: writer.write(Notice(text=str(number) + ' ' + 'x' * 3000)); number += 1\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script, str(path)], cwd=ROOT)
    read: list[Event] = []
    try:
        living = JournalReader(path)
        while len(read) <= 500:
            read += living.read()
    finally:
        process.kill()
        process.wait()
    reader = JournalReader(path)
    written = reader.read()
    assert written[: len(read)] == read
    assert [event.text.split()[0] for event in written if isinstance(event, Notice)] == list(
        map(str, range(len(written)))
    )
    resumed = write(path, Started(attempt=2, pid=1, versions={}))
    assert reader.read()[-1:] == resumed
