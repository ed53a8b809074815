"""Chats in this process; whole processes are in test_chat_process.py."""

import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.fakes import tiny_recipe
from workbench.core.job.chat_kinds import ChatRequest, QuestionDone
from workbench.core.job.events import Ended
from workbench.core.job.history import History
from workbench.core.job.journal import JournalReader
from workbench.core.job.question import AnswerSettings, Asking, Question
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.job.scoring import Measurement, Scoring
from workbench.core.job.study import create_study
from workbench.core.recipe.recipe import Recipe

PATIENCE_SECONDS = 120.0
ToAnswer = Question | Scoring | Measurement
Train = Callable[[Recipe], tuple[RunFolder, History]]


def question(number: int, *texts: str, after: int = 0, sides: Sequence[str] = (), **settings: object) -> Question:
    """A question of texts, with answers of six tokens unless the settings say otherwise."""
    asked = tuple(Asking(text=text) for text in texts)
    made = AnswerSettings.model_validate({"max_tokens": 6, **settings})
    return Question(number=number, prompts=asked, after=after, sides=tuple(sides), settings=made)


def order_of(asked: ToAnswer | Order | str) -> Order:
    """The order that asks it; a text is the name of what is put beside the others."""
    match asked:
        case Order():
            return asked
        case str():
            return Order(order="beside", name=asked)
        case Question():
            return Order(order="ask", question=asked)
        case Scoring():
            return Order(order="score", scoring=asked)
        case Measurement():
            return Order(order="measure", measurement=asked)


@pytest.fixture
def chat_here() -> Callable[..., History]:
    """Loads a model, asks it questions and puts what is named beside it, and gives what the journal then holds."""
    from workbench.engine.__main__ import work
    from workbench.engine.job.job import Job

    def run(model: Path | RunFolder, *asked: ToAnswer | Order | str, beside: Sequence[str] = ()) -> History:
        path = model.path if isinstance(model, RunFolder) else model
        folder = create_study(ChatRequest(model=str(path), beside=tuple(beside)))
        for each in asked:
            folder.give(order_of(each))
        most = sum(isinstance(each, ToAnswer) for each in asked)

        def leave() -> None:
            reader, done = JournalReader(folder.journal), 0
            deadline = time.monotonic() + PATIENCE_SECONDS
            while done < most and time.monotonic() < deadline:
                events = reader.read()
                done += sum(isinstance(event, QuestionDone) for event in events)
                if any(isinstance(event, Ended) for event in events):
                    return
                time.sleep(0.02)
            folder.give(Order(order="stop"))

        leaving = threading.Thread(target=leave)
        with folder.hold():
            job = Job(folder, 0)
            leaving.start()
            work(job)
        leaving.join()
        return folder.history()

    return run


@pytest.fixture
def tuned(llama: Path, rows: Path, train_here: Train) -> RunFolder:
    """A run with an adapter that has learned enough to answer otherwise."""
    run, history = train_here(tiny_recipe(llama, rows, "training.learning_rate=0.05", "data.system_prompt=Be brief."))
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    return run
