"""Searching a Hub of this machine as one types, and reading what is in sight."""

from collections.abc import Iterator

import pytest

from tests.hub_shelf import Shelf, Shelved, small_model
from tests.panes.model.hub.conftest import SMALL
from tests.qt_waits import wait_until
from workbench.bridge.tasks import wait_for_tasks
from workbench.panes.model.hub.finder import MOST_AT_ONCE, Finder, Query


@pytest.fixture
def finder(qapp: object, shelf: Shelf) -> Iterator[Finder]:
    made = Finder()
    yield made
    assert wait_for_tasks(60)


def ids(finder: Finder) -> list[str]:
    return [model.id for model in finder.models]


def test_that_an_answer_stays_until_the_next_one_is_there_and_an_older_one_is_dropped(finder: Finder) -> None:
    finder.ask(Query())
    wait_until(lambda: not finder.is_asking)
    before = ids(finder)
    assert len(before) == 5
    finder.ask(Query("small"))
    finder.ask(Query("other"))
    assert (finder.is_asking, ids(finder)) == (True, before)
    wait_until(lambda: not finder.is_asking)
    assert wait_for_tasks(60)
    assert ids(finder) == ["other/gated"]


def test_that_an_id_with_a_slash_is_looked_up_exactly(finder: Finder, shelf: Shelf) -> None:
    shelf.models["org/small-too"] = Shelved(dict(SMALL), downloads=9000)
    finder.ask(Query("org/small"))
    wait_until(lambda: not finder.is_asking)
    assert ids(finder) == ["org/small", "org/small-too"]


def test_that_more_come_where_there_are_more(finder: Finder, shelf: Shelf) -> None:
    shelf.models = {f"org/model-{number:03}": Shelved(dict(SMALL), downloads=number) for number in range(70)}
    finder.ask(Query())
    wait_until(lambda: not finder.is_asking)
    assert (len(finder.models), finder.has_more) == (50, True)
    finder.ask_for_more()
    finder.ask_for_more()  # one is on its way
    wait_until(lambda: not finder.is_asking)
    assert (len(finder.models), finder.has_more) == (70, False)
    finder.ask_for_more()
    assert not finder.is_asking


def test_that_a_hub_that_does_not_answer_is_an_error_and_no_rows(
    finder: Finder, monkeypatch: pytest.MonkeyPatch
) -> None:
    finder.ask(Query())
    wait_until(lambda: not finder.is_asking)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    finder.ask_again()
    wait_until(lambda: not finder.is_asking)
    assert finder.error is not None
    assert finder.error.why == "HF_HUB_OFFLINE is set."
    assert finder.models == ()


def test_that_details_are_read_a_few_at_a_time_once_and_no_longer_for_what_went_out_of_sight(
    finder: Finder, shelf: Shelf
) -> None:
    shelf.models = {f"org/model-{number}": Shelved(small_model(10)) for number in range(8)}
    names = list(shelf.models)
    finder.want(names)
    assert len(finder.waiting) == 8
    finder.want(names[-1:])
    assert len(finder.waiting) == MOST_AT_ONCE + 1
    wait_until(lambda: not finder.waiting)
    assert set(finder.details) == {*names[:MOST_AT_ONCE], names[-1]}
    asked = len(shelf.asked)
    finder.want(names[:MOST_AT_ONCE])
    assert wait_for_tasks(60)
    assert len(shelf.asked) == asked


def test_that_what_cannot_be_asked_for_now_is_asked_again_and_what_is_known_stays(finder: Finder, shelf: Shelf) -> None:
    finder.want(["org/small"])
    wait_until(lambda: not finder.waiting)
    known = finder.details["org/small"]
    shelf.statuses = [(429, {})] * 2  # to the questions for config.json
    finder.doubt("org/small")
    finder.want(["org/small", "org/large"])
    wait_until(lambda: not finder.waiting)
    assert finder.details == {"org/small": known}
    assert finder.why_not_known("org/large") == "no answer"
    finder.want(["org/small", "org/large"])
    wait_until(lambda: not finder.waiting)
    assert set(finder.details) == {"org/small", "org/large"}
    assert finder.problems == {}


def test_that_what_cannot_be_read_says_why(finder: Finder) -> None:
    finder.want(["org/nothing"])
    wait_until(lambda: not finder.waiting)
    assert "There is no model" in finder.problems["org/nothing"].what
    assert finder.why_not_known("org/nothing") == "refused"
