"""Questions come in their order, and an interrupt ends those that were asked before it and no other."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.core.job.question import Asking, Question
from workbench.core.job.run_folder import Order, RunFolder
from workbench.engine.job.orders import Orders

PATIENCE_SECONDS = 60.0


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder.make(tmp_path, "chat", "")


@pytest.fixture
def orders(run: RunFolder) -> Iterator[Orders]:
    made = Orders(run, 0, overdue=lambda _: None)
    yield made
    made.close()


def ask(run: RunFolder, number: int) -> None:
    run.give(Order(order="ask", question=Question(number=number, prompts=(Asking(text="Hello"),))))


def taken(orders: Orders) -> Question:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := orders.next_asked(1.0)) is None:
        assert time.monotonic() < deadline
    assert isinstance(found, Question)
    return found


def test_that_an_interrupt_ends_what_was_asked_before_it(run: RunFolder, orders: Orders) -> None:
    assert orders.next_asked(0) is None
    ask(run, 1)
    assert taken(orders).number == 1
    assert not orders.is_interrupted
    ask(run, 2)
    run.give(Order(order="interrupt"))
    ask(run, 3)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not orders.is_interrupted:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert orders.waits_for_answer
    assert taken(orders).number == 2
    assert orders.is_interrupted, "it is taken to be said done, and not answered"
    assert taken(orders).number == 3
    assert not orders.is_interrupted


def test_that_who_lets_a_chat_go_interrupts_it(run: RunFolder, orders: Orders) -> None:
    ask(run, 1)
    taken(orders)
    run.give(Order(order="stop"))
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not orders.is_interrupted:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert orders.is_stopped
