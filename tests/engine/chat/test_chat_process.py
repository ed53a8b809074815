"""The engine of a chat as a process: an answer is stopped, what was killed goes on, memory is given back when told."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.engine.chat.conftest import question
from tests.runs import wait_for, workbench
from workbench.core.chat.loaded import loaded_chats
from workbench.core.job import launch
from workbench.core.job.chat_kinds import (
    Answered,
    AnswerPiece,
    ChatLoaded,
    ChatRequest,
    QuestionDone,
    QuestionSent,
)
from workbench.core.job.run_folder import Order, RunFolder, RunState
from workbench.core.job.study import create_study

PATIENCE_SECONDS = 120.0


def chat_with(model: Path) -> tuple[RunFolder, subprocess.Popen[bytes]]:
    run = create_study(ChatRequest(model=str(model)))
    return run, launch.start(run)


def has(run: RunFolder, kind: type, number: int = 0) -> bool:
    return any(
        isinstance(event, kind) and number in (0, getattr(event, "number", 0)) for event in run.history().findings
    )


def test_that_an_answer_is_stopped_and_the_chat_stays(tiny_model: Callable[[str], Path]) -> None:
    run, process = chat_with(tiny_model("llama"))
    long = {"max_tokens": 450, "stop": ()}
    wait_for(lambda: has(run, ChatLoaded), process, run)
    run.give(Order(order="ask", question=question(1, "Hello", **long)))
    run.give(Order(order="ask", question=question(2, "Hello", **long)))
    wait_for(lambda: has(run, AnswerPiece, 1), process, run)
    run.give(Order(order="interrupt"))
    run.give(Order(order="ask", question=question(3, "Hello")))
    wait_for(lambda: has(run, QuestionDone, 3), process, run)
    found = run.history().findings
    assert [event.number for event in found if isinstance(event, QuestionDone)] == [1, 2, 3]
    answered = {event.number: event for event in found if isinstance(event, Answered)}
    assert answered[1].finish in ("interrupted", "end", "length")
    assert 2 not in answered or answered[1].finish != "interrupted"
    assert answered[3].finish in ("end", "length")
    run.give(Order(order="stop"))
    assert process.wait(PATIENCE_SECONDS) == 0
    assert run.state() is RunState.FINISHED


def test_that_a_killed_chat_goes_on_where_it_was(tiny_model: Callable[[str], Path]) -> None:
    run, process = chat_with(tiny_model("llama"))
    run.give(Order(order="ask", question=question(1, "One")))
    wait_for(lambda: has(run, QuestionDone, 1), process, run)
    run.give(Order(order="ask", question=question(2, "Two", max_tokens=450)))
    wait_for(lambda: has(run, AnswerPiece, 2), process, run)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert run.state() is RunState.CRASHED or has(run, Answered, 2)
    with run.journal.open("ab") as file:
        file.write(b'{"kind":"answer pi')  # torn
    process = launch.start(run)
    run.give(Order(order="ask", question=question(3, "Three", after=1)))
    wait_for(lambda: has(run, QuestionDone, 3), process, run)
    found = run.history().findings
    first = next(event.text for event in found if isinstance(event, Answered) and event.number == 1)
    sent = next(event.text for event in found if isinstance(event, QuestionSent) and event.number == 3)
    assert f"One<|im_end|>\n<|im_start|>assistant\n{first}<|im_end|>\n<|im_start|>user\nThree<|im_end|>" in sent
    run.give(Order(order="cancel"))
    process.wait(PATIENCE_SECONDS)
    assert run.state() is RunState.CANCELLED


def test_that_who_wants_the_memory_sees_the_chat_and_lets_it_go(tiny_model: Callable[[str], Path]) -> None:
    assert loaded_chats() == []
    run, process = chat_with(tiny_model("llama"))
    wait_for(lambda: has(run, ChatLoaded), process, run)
    (chat,) = loaded_chats()
    assert chat.run.path == run.path
    assert chat.in_words.startswith("A chat with llama holds up to ")
    assert chat.peak_bytes > 0
    chat.let_go()
    assert process.wait(PATIENCE_SECONDS) == 0
    assert loaded_chats() == []
    other, process = chat_with(tiny_model("llama"))
    wait_for(lambda: has(other, ChatLoaded), process, other)
    printed = json.loads(workbench("stop", str(other.path), "--json").stdout)
    assert printed["state"] == "finished"
    process.wait(PATIENCE_SECONDS)


def test_that_a_chat_whose_answers_cannot_be_written_ends(tiny_model: Callable[[str], Path]) -> None:
    run = create_study(ChatRequest(model=str(tiny_model("llama"))))
    wanted = f'ulimit -f 100; exec "{sys.executable}" -m workbench.engine "$0" "$@"'  # of 1 kB, of any file
    process = launch.start(run, ["bash", "-c", wanted])
    asked = question(1, *["a" * 400] * 100, max_tokens=1)
    run.give(Order(order="ask", question=asked))
    assert process.wait(PATIENCE_SECONDS) == 2
    assert "The answers cannot be written to" in run.console.read_text()


def test_that_a_chat_ends_with_the_process_that_it_is_for(tiny_model: Callable[[str], Path]) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    run = create_study(ChatRequest(model=str(tiny_model("llama")), owner_pid=gone.pid, owner_began=time.time()))
    process = launch.start(run)
    assert process.wait(PATIENCE_SECONDS) == 0
    ended = run.history().ended
    assert ended is not None
    assert ended.why == "The program that it was loaded for has ended."
