"""Downloads one after the other, by real jobs from a Hub of this machine."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.hub_server import empty_cache_at
from tests.hub_shelf import Shelf, Shelved, cached_files, shelf_served, small_model
from tests.qt_waits import wait_until
from workbench.bridge.arrival import Arrival
from workbench.bridge.fetch_queue import FetchQueue
from workbench.bridge.tasks import wait_for_tasks
from workbench.core import places
from workbench.core.hub import cache
from workbench.core.machine.models_here import remove
from workbench.core.problems import UserError

MODEL = small_model(20_000)
SLOW = 20_000.0  # bytes a second: a model takes four seconds
Open = Callable[[], FetchQueue]


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    empty_cache_at(tmp_path / "hf", monkeypatch)
    made = Shelf(models={f"org/{name}": Shelved(dict(MODEL)) for name in ("first", "second", "third")})
    with shelf_served(made, monkeypatch):
        yield made


@pytest.fixture
def open_queue(shelf: Shelf) -> Iterator[Open]:
    """Makes queues, as each start of the window makes one; what one has left at work ends."""
    made: list[FetchQueue] = []

    def make() -> FetchQueue:
        made.append(FetchQueue())
        return made[-1]

    yield make
    shelf.bytes_per_second = 0
    assert wait_for_tasks(60)
    last = made[-1]
    for arrival in last.arrivals[::-1]:
        last.cancel(arrival.name)
    wait_until(lambda: not last.arrivals)
    for queue in made:
        queue.close()


def states(queue: FetchQueue) -> list[tuple[str, str]]:
    return [(arrival.title, arrival.state) for arrival in queue.arrivals]


def arrives(queue: FetchQueue) -> bool:
    return queue.current is not None and queue.current.state == "arriving" and queue.current.done_bytes > 0


def test_that_downloads_come_one_after_the_other_in_the_order_that_is_wanted(shelf: Shelf, open_queue: Open) -> None:
    queue, came = open_queue(), list[str]()
    queue.arrived.connect(came.append)
    shelf.bytes_per_second = SLOW
    for name in ("org/first", "org/second", "org/third", "org/second"):
        queue.add(name, total_bytes=80_000)
    wait_until(lambda: arrives(queue))
    assert states(queue) == [("first", "arriving"), ("second", "waiting"), ("third", "waiting")]
    now = queue.current
    assert now is not None
    assert (now.files, now.total_bytes) == (4, sum(map(len, MODEL.values())))
    queue.order(["org/third", "org/second"])
    assert [title for title, _ in states(queue)] == ["first", "third", "second"]
    shelf.bytes_per_second = 0
    wait_until(lambda: came == ["org/first", "org/third", "org/second"])
    assert queue.arrivals == ()
    snapshot = cache.snapshot("org/third")
    assert snapshot is not None
    assert cached_files(snapshot) == MODEL
    assert not queue.path.exists()


def test_that_a_pause_keeps_the_part_and_whoever_waits_waits_on(shelf: Shelf, open_queue: Open) -> None:
    queue = open_queue()
    shelf.bytes_per_second = SLOW
    queue.add("org/first")
    queue.add("org/second")
    wait_until(lambda: arrives(queue))
    queue.pause()
    assert queue.is_held
    wait_until(lambda: queue.current is not None and queue.current.state == "paused")
    assert states(queue)[1] == ("second", "waiting")
    shelf.bytes_per_second = 0
    queue.go_on()
    wait_until(lambda: not queue.arrivals)
    assert cache.snapshot("org/first") is not None


def test_that_one_that_cannot_be_had_says_why_and_the_next_begins(shelf: Shelf, open_queue: Open) -> None:
    queue, failed, came = open_queue(), list[tuple[str, UserError]](), list[str]()
    queue.failed.connect(lambda name, error: failed.append((name, error)))
    queue.arrived.connect(came.append)
    queue.add("org/nothing")
    queue.add("org/first")
    wait_until(lambda: came)
    assert [name for name, _ in failed] == ["org/nothing"]
    assert "There is no model" in failed[0][1].what
    assert came == ["org/first"]


def test_that_the_one_at_work_and_those_that_wait_are_cancelled_by_name(shelf: Shelf, open_queue: Open) -> None:
    queue = open_queue()
    shelf.bytes_per_second = SLOW
    for name in ("org/first", "org/second", "org/third"):
        queue.add(name)
    wait_until(lambda: arrives(queue))
    queue.cancel("org/second")
    assert [title for title, _ in states(queue)] == ["first", "third"]
    queue.cancel("org/first")
    assert states(queue)[0] == ("first", "cancelling")
    wait_until(lambda: arrives(queue) and [title for title, _ in states(queue)] == ["third"])


def test_that_another_window_finds_the_one_at_work_and_those_that_waited(shelf: Shelf, open_queue: Open) -> None:
    earlier = open_queue()
    shelf.bytes_per_second = SLOW
    for name in ("org/first", "org/second"):
        earlier.add(name, total_bytes=80_000)
    wait_until(lambda: arrives(earlier))
    earlier.close()

    later, came = open_queue(), list[str]()
    later.arrived.connect(came.append)
    later.find()
    wait_until(lambda: arrives(later))
    assert later.arrivals[1:] == (Arrival("org/second", total_bytes=80_000),)
    shelf.bytes_per_second = 0
    wait_until(lambda: came == ["org/first", "org/second"])


def test_that_two_windows_that_fetch_the_same_models_both_find_them(shelf: Shelf, open_queue: Open) -> None:
    shelf.bytes_per_second = SLOW
    first, second = open_queue(), open_queue()
    failed: list[str] = []
    for queue in (first, second):
        queue.failed.connect(lambda name, _error: failed.append(name))
    first.add("org/first")
    first.add("org/second")
    wait_until(lambda: arrives(first))
    second.find()
    wait_until(lambda: arrives(second))
    shelf.bytes_per_second = 0
    wait_until(lambda: not first.arrivals and not second.arrivals)
    assert failed == []
    for name in ("org/first", "org/second"):
        snapshot = cache.snapshot(name)
        assert snapshot is not None
        assert cached_files(snapshot) == MODEL
    loads = [name for name, _ in shelf.files_asked() if name == "model.safetensors"]
    assert len(loads) == 2, "each is loaded once"


def test_that_another_window_finds_one_that_is_held_and_lets_it_go_on(shelf: Shelf, open_queue: Open) -> None:
    earlier = open_queue()
    shelf.bytes_per_second = SLOW
    earlier.add("org/first")
    wait_until(lambda: arrives(earlier))
    earlier.pause()
    wait_until(lambda: states(earlier) == [("first", "paused")])
    earlier.close()

    later = open_queue()
    later.find()
    wait_until(lambda: states(later) == [("first", "paused")])
    shelf.bytes_per_second = 0
    later.go_on()
    wait_until(lambda: not later.arrivals)
    assert cache.snapshot("org/first") is not None


def test_that_offline_what_waits_goes_on_waiting_until_the_hub_may_be_asked(shelf: Shelf, open_queue: Open) -> None:
    shelf.bytes_per_second = SLOW
    queue, failed = open_queue(), list[str]()
    queue.failed.connect(lambda name, _error: failed.append(name))
    queue.add("org/first")
    queue.add("org/second")
    wait_until(lambda: arrives(queue))
    settings = places.home() / "settings.json"
    settings.write_text('{"offline": true}')
    wait_until(lambda: queue.is_held)
    assert queue.current is not None
    assert queue.current.why == "Offline mode is on in the settings."
    queue.cancel("org/first")
    wait_until(lambda: len(queue.arrivals) == 1)
    assert queue.current is None
    assert queue.arrivals[0] == Arrival("org/second", why="Offline mode is on in the settings.")
    queue.add("org/third")
    assert states(queue) == [("second", "waiting"), ("third", "waiting")]
    shelf.bytes_per_second = 0
    settings.write_text('{"offline": false}')
    queue.go_online()
    wait_until(lambda: not queue.arrivals)
    assert failed == []
    assert cache.snapshot("org/second") is not None
    assert cache.snapshot("org/third") is not None


def test_that_what_offline_mode_has_held_goes_on_with_it(shelf: Shelf, open_queue: Open) -> None:
    shelf.bytes_per_second = SLOW
    queue = open_queue()
    queue.add("org/first")
    wait_until(lambda: arrives(queue))
    settings = places.home() / "settings.json"
    settings.write_text('{"offline": true}')
    wait_until(lambda: queue.is_held)
    shelf.bytes_per_second = 0
    settings.unlink()
    queue.go_online()
    wait_until(lambda: not queue.arrivals)
    assert cache.snapshot("org/first") is not None


def test_that_an_older_fetch_of_a_name_takes_nothing_from_those_that_wait(shelf: Shelf, open_queue: Open) -> None:
    queue = open_queue()
    queue.add("org/first")
    wait_until(lambda: not queue.arrivals)
    remove("org/first")
    (places.home() / "downloads.json").write_text('[["org/first", "", 0]]')  # it was to be fetched once more
    again = open_queue()
    again.find()
    wait_until(lambda: cache.snapshot("org/first") is not None and not again.arrivals)


def test_that_what_came_to_its_end_without_a_window_is_not_fetched_again(shelf: Shelf, open_queue: Open) -> None:
    earlier = open_queue()
    shelf.bytes_per_second = SLOW
    earlier.add("org/first")
    earlier.add("org/second")
    wait_until(lambda: arrives(earlier))
    kept = earlier.path.read_text("utf-8")
    earlier.close()
    shelf.bytes_per_second = 0
    wait_until(lambda: cache.snapshot("org/first") is not None)
    assert "org/first" in kept

    later, came = open_queue(), list[str]()
    later.arrived.connect(came.append)
    later.find()
    wait_until(lambda: "org/second" in came)
    assert came in (["org/second"], ["org/first", "org/second"])  # its engine may still have been writing its end


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[["org/first"]]', "[" * 5000])
def test_that_a_file_that_says_nothing_leaves_nothing_waiting(text: str, shelf: Shelf, open_queue: Open) -> None:
    queue = open_queue()
    queue.path.parent.mkdir(parents=True, exist_ok=True)
    queue.path.write_text(text, "utf-8")
    queue.find()
    assert wait_for_tasks(60)
    assert queue.arrivals == ()
