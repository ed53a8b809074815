"""The window's chat, with the real engine: loaded once, asked by number, let go, told where it cannot be."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.qt_waits import wait_until
from workbench.bridge.chat_control import ChatControl, ChatState
from workbench.core.job.chat_kinds import Answered, AnswerPiece, QuestionDone, QuestionRefused, TextScored
from workbench.core.job.question import AnswerSettings, Asking
from workbench.core.problems import UserError

Opened = tuple[ChatControl, list[Any]]


@pytest.fixture
def opened(qapp: object) -> Iterator[Opened]:
    """A control, and all that it tells."""
    control, told = ChatControl(), []
    control.advanced.connect(told.extend)
    yield control, told
    if control.state is not ChatState.NONE:
        control.let_go()
    wait_until(lambda: control.state is ChatState.NONE)
    control.close()


def answers(told: list[Any], number: int) -> list[Answered]:
    return [event for event in told if isinstance(event, Answered) and event.number == number]


def test_that_what_is_asked_while_it_loads_is_answered(opened: Opened, tiny_model: Callable[[str], Path]) -> None:
    control, told = opened
    with pytest.raises(UserError, match="Nothing is loaded"):
        control.ask([Asking(text="Hello")])
    model = str(tiny_model("llama"))
    control.load(model)
    number = control.ask([Asking(text="Hello")], AnswerSettings(max_tokens=5))
    assert control.state is ChatState.LOADING
    assert control.is_answering
    wait_until(lambda: not control.is_answering)
    assert control.state is ChatState.READY
    assert [side.side for side in control.sides] == ["base"]
    (answer,) = answers(told, number)
    assert control.loaded is not None
    assert answer.base_hash == control.loaded.base_hash
    assert 0 < control.peak_bytes <= max(event.peak_bytes for event in told if isinstance(event, QuestionDone))
    scored = control.score(Asking(text="Hello"), text="Yes", settings=AnswerSettings(strength=0.5))
    measured = control.measure("base", [0, 1], "perplexity", 8)
    assert (scored, measured) == (number + 1, number + 2)
    wait_until(lambda: not control.is_answering)
    (found,) = [event for event in told if isinstance(event, TextScored)]
    assert (found.number, found.side, found.base_hash) == (scored, "base", control.loaded.base_hash)
    (refused,) = [event for event in told if isinstance(event, QuestionRefused)]
    assert refused.number == measured
    control.load(model)  # it is there
    assert control.state is ChatState.READY
    long = control.ask([Asking(text="Hello")], AnswerSettings(max_tokens=450, temperature=1.0, seed=3))
    wait_until(lambda: any(isinstance(event, AnswerPiece) and event.number == long for event in told))
    control.interrupt()
    wait_until(lambda: not control.is_answering)
    assert answers(told, long)[0].finish in ("interrupted", "end", "length")


def test_that_another_model_is_loaded_once_the_one_before_has_gone(
    opened: Opened, tiny_model: Callable[[str], Path]
) -> None:
    control, told = opened
    control.load(str(tiny_model("llama")))
    control.load(str(tiny_model("gpt2")))
    number = control.ask([Asking(text="Hello")], AnswerSettings(max_tokens=3))
    wait_until(lambda: not control.is_answering)
    assert control.loaded is not None
    assert Path(control.loaded.folder).name == "gpt2"
    assert answers(told, number)


def test_that_what_cannot_be_loaded_is_said(opened: Opened, tmp_path: Path) -> None:
    control, _ = opened
    control.load(str(tmp_path / "nothing"))
    control.ask([Asking(text="Hello")])
    wait_until(lambda: control.trouble is not None)
    assert control.state is ChatState.NONE
    assert not control.is_answering
    assert str(control.trouble).startswith("There is no run and no model")


def test_that_what_cannot_stand_beside_is_said_and_the_others_stay(
    opened: Opened, tiny_model: Callable[[str], Path]
) -> None:
    control, told = opened
    control.load(str(tiny_model("llama")))
    control.put_beside("base")
    wait_until(lambda: any(event.kind == "side refused" for event in told))
    assert control.beside == ()
    assert control.state is ChatState.READY
