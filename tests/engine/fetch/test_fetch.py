"""A model or a dataset from a Hub of this machine into the cache, whatever breaks off on the way."""

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import keyring
import pytest
from filelock import FileLock
from huggingface_hub import hf_hub_download, snapshot_download

from tests.hub_server import COMMIT, serving
from tests.hub_shelf import Shelf, ShelfHandler, Shelved, cached_files, small_model, sum_of
from tests.keyrings import LockedKeyring, MemoryKeyring
from workbench.core.hub import cache as hub_cache
from workbench.core.hub import token as hub_token
from workbench.core.job.events import Continued, Event, Notice, Paused, Phase
from workbench.core.job.history import History
from workbench.core.job.journal import JournalReader
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import Fetched, FetchPlanned, FetchRequest
from workbench.engine.__main__ import work
from workbench.engine.fetch import download
from workbench.engine.job.job import Job

Kind = TypeVar("Kind")
Fetch = Callable[..., History]
PATIENCE_SECONDS = 60.0
MODEL = small_model()
WEIGHTS = "model.safetensors"
SIZE = len(MODEL[WEIGHTS])
PARQUET = b"PAR1" + bytes(100) + b"PAR1"


def result(history: History) -> Fetched:
    found = history.findings[-1]
    assert isinstance(found, Fetched), history.ended
    return found


def refusal(history: History) -> str:
    ended = history.ended
    assert ended is not None
    assert ended.is_mendable
    return " ".join(filter(None, (ended.what, ended.why, ended.remedy)))


def test_that_a_model_comes_whole_and_no_pickle_or_code_with_it(shelf: Shelf, fetched: Fetch) -> None:
    extra = {
        "pytorch_model.bin": b"x" * 50,
        "modeling.py": b"print()",
        "onnx/model.onnx": b"x",
        "original/a.json": b"{}",
    }
    shelf.models["org/model"] = Shelved({**MODEL, **extra})
    history = fetched("org/model")
    found = result(history)
    assert cached_files(Path(found.folder)) == MODEL
    assert Path(found.folder).name == found.commit == COMMIT
    assert (found.files, found.total_bytes, found.came_bytes) == (4, sum(map(len, MODEL.values())), found.total_bytes)
    assert hub_cache.snapshot("org/model") == Path(found.folder)
    planned = history.findings[0]
    assert isinstance(planned, FetchPlanned)
    assert dict(planned.files) == {name: len(data) for name, data in MODEL.items()}
    assert history.phase is not None
    assert (history.phase.done, history.phase.total, history.phase.files) == (found.total_bytes, found.total_bytes, 4)


def test_that_other_programs_find_what_was_fetched(shelf: Shelf, fetched: Fetch, cache: Path) -> None:
    shelf.models["org/model"] = Shelved(dict(MODEL))
    folder = result(fetched("org/model")).folder
    assert hf_hub_download("org/model", WEIGHTS, cache_dir=cache, local_files_only=True) == f"{folder}/{WEIGHTS}"
    before = len(shelf.files_asked())
    assert snapshot_download("org/model", cache_dir=cache) == folder
    assert len(shelf.files_asked()) == before, "the library loads nothing again"
    assert (Path(folder) / WEIGHTS).is_symlink()


def test_that_what_other_programs_have_fetched_is_not_loaded_again(shelf: Shelf, fetched: Fetch, cache: Path) -> None:
    shelf.models["org/model"] = Shelved(dict(MODEL))
    hf_hub_download("org/model", WEIGHTS, cache_dir=cache)
    found = result(fetched("org/model"))
    assert found.came_bytes == found.total_bytes - SIZE
    assert result(fetched("org/model")).came_bytes == 0


@pytest.mark.parametrize("byte", [0, 1, 7, 4096, SIZE // 2, SIZE - 1])
def test_that_it_goes_on_from_any_byte_at_which_the_connection_broke_off(
    byte: int, shelf: Shelf, fetched: Fetch
) -> None:
    shelf.models["org/model"] = Shelved({"model.safetensors": MODEL[WEIGHTS]})
    shelf.breaks_after = [byte]
    found = result(fetched("org/model"))
    assert cached_files(Path(found.folder)) == {WEIGHTS: MODEL[WEIGHTS]}
    assert found.came_bytes == SIZE, "no byte comes twice"
    assert shelf.files_asked() == [(WEIGHTS, f"bytes=0-{SIZE - 1}"), (WEIGHTS, f"bytes={byte}-{SIZE - 1}")]


@pytest.mark.parametrize("byte", [1, 90_000, SIZE - 1])
def test_that_a_server_without_ranges_gives_it_all_anew(byte: int, shelf: Shelf, fetched: Fetch) -> None:
    shelf.models["org/model"] = Shelved({WEIGHTS: MODEL[WEIGHTS]})
    shelf.gives_ranges = False
    shelf.breaks_after = [byte]
    found = result(fetched("org/model"))
    assert cached_files(Path(found.folder)) == {WEIGHTS: MODEL[WEIGHTS]}
    assert found.came_bytes == byte + SIZE, "once more, and no oftener"


@pytest.mark.parametrize("statuses", [[429], [500], [503, 502, 504]], ids=str)
def test_that_a_hub_that_is_busy_is_asked_again(statuses: list[int], shelf: Shelf, fetched: Fetch) -> None:
    shelf.models["org/model"] = Shelved(dict(MODEL))
    shelf.statuses = [(status, {"Retry-After": "0"} if status == 429 else {}) for status in statuses]
    history = fetched("org/model")
    assert cached_files(Path(result(history).folder)) == MODEL
    assert len(history.notices) == len(statuses)
    assert str(statuses[0]) in history.notices[0].text


def test_that_a_wrong_checksum_is_loaded_once_more_and_then_refused(shelf: Shelf, fetched: Fetch, cache: Path) -> None:
    shelf.models["org/model"] = Shelved(dict(MODEL))
    shelf.damaged = {WEIGHTS: 1}
    history = fetched("org/model")
    assert cached_files(Path(result(history).folder)) == MODEL
    assert [notice.text for notice in history.notices] == [
        "model.safetensors came with a wrong checksum and is loaded once more."
    ]
    shelf.models["org/other"] = Shelved(dict(MODEL))
    shelf.damaged = {"config.json": 2}  # a small file has a sum too
    said = refusal(fetched("org/other"))
    assert "config.json of org/other came twice with a checksum that is not the Hub's." in said
    assert not list((cache / "models--org--other").rglob("*.incomplete"))


def test_that_it_holds_itself_after_three_more_tries_and_goes_on_when_told(shelf: Shelf) -> None:
    shelf.models["org/model"] = Shelved(dict(MODEL))
    shelf.statuses = [(503, {})] * 4
    run = create_study(FetchRequest(name="org/model"))
    with at_work(run):
        held = waited_for(run, Paused)
        assert held.why == "The Hub answered 503."
        assert run.state() == "paused"
        run.give(Order(order="continue"))
        waited_for(run, Fetched)
    assert cached_files(Path(result(run.history()).folder)) == MODEL


def test_that_pause_keeps_the_part_and_continue_goes_on_from_it(shelf: Shelf, cache: Path) -> None:
    shelf.models["org/model"] = Shelved({WEIGHTS: MODEL[WEIGHTS]})
    shelf.bytes_per_second = 200_000
    run = create_study(FetchRequest(name="org/model"))
    with at_work(run):
        waited_for(run, Phase, lambda event: event.name == "download" and event.done > 0)
        run.give(Order(order="pause"))
        waited_for(run, Paused)
        part = cache / "models--org--model" / "blobs" / f"{sum_of(MODEL[WEIGHTS], WEIGHTS)}.incomplete"
        kept = part.stat().st_size
        assert 0 < kept < SIZE
        shelf.bytes_per_second = 0
        run.give(Order(order="continue"))
        waited_for(run, Continued)
        waited_for(run, Fetched)
    assert shelf.files_asked()[-1] == (WEIGHTS, f"bytes={kept}-{SIZE - 1}")
    phases = [event for event in events_of(run) if isinstance(event, Phase) and event.name == "download"]
    assert [phase.done for phase in phases] == sorted(phase.done for phase in phases), "a bar never goes back"


def test_that_while_it_is_paused_another_fetch_may_have_the_file(shelf: Shelf, fetched: Fetch) -> None:
    shelf.models["org/model"] = Shelved({WEIGHTS: MODEL[WEIGHTS]})
    shelf.bytes_per_second = 200_000
    run = create_study(FetchRequest(name="org/model"))
    with at_work(run):
        waited_for(run, Phase, lambda event: event.name == "download" and event.done > 0)
        run.give(Order(order="pause"))
        waited_for(run, Paused)
        shelf.bytes_per_second = 0
        assert 0 < result(fetched("org/model")).came_bytes < SIZE
        run.give(Order(order="continue"))
        waited_for(run, Fetched)
    assert cached_files(Path(result(run.history()).folder)) == {WEIGHTS: MODEL[WEIGHTS]}


def test_that_one_which_waits_for_another_program_can_be_paused_and_cancelled(shelf: Shelf, cache: Path) -> None:
    shelf.models["org/model"] = Shelved({WEIGHTS: MODEL[WEIGHTS]})
    lock = cache / ".locks" / "models--org--model" / f"{sum_of(MODEL[WEIGHTS], WEIGHTS)}.lock"
    lock.parent.mkdir(parents=True)
    run = create_study(FetchRequest(name="org/model"))
    with FileLock(lock), at_work(run):
        waited_for(run, Notice, lambda event: "Another program is fetching model.safetensors" in event.text)
        run.give(Order(order="pause"))
        waited_for(run, Paused)
        run.give(Order(order="cancel"))
    ended = run.history().ended
    assert ended is not None
    assert ended.state == "cancelled"


def test_that_offline_mode_holds_what_is_at_work_until_it_is_turned_off(shelf: Shelf, home: Path) -> None:
    shelf.models["org/model"] = Shelved({WEIGHTS: MODEL[WEIGHTS]})
    shelf.bytes_per_second = 100_000
    run = create_study(FetchRequest(name="org/model"))
    with at_work(run):
        waited_for(run, Phase, lambda event: event.name == "download" and event.done > 0)
        (home / "settings.json").write_text('{"offline": true}')
        assert waited_for(run, Paused).why == "Offline mode is on in the settings."
        asked = len(shelf.asked)
        (home / "settings.json").write_text('{"offline": false}')
        shelf.bytes_per_second = 0
        assert len(shelf.asked) == asked
        run.give(Order(order="continue"))
        waited_for(run, Fetched)
    assert cached_files(Path(result(run.history()).folder)) == {WEIGHTS: MODEL[WEIGHTS]}


def test_that_cancel_keeps_the_part_for_the_next_fetch(shelf: Shelf, fetched: Fetch) -> None:
    shelf.models["org/model"] = Shelved({WEIGHTS: MODEL[WEIGHTS]})
    shelf.bytes_per_second = 200_000
    run = create_study(FetchRequest(name="org/model"))
    with at_work(run):
        waited_for(run, Phase, lambda event: event.name == "download" and event.done > 0)
        run.give(Order(order="cancel"))
    ended = run.history().ended
    assert ended is not None
    assert ended.state == "cancelled"
    shelf.bytes_per_second = 0
    history = fetched("org/model")
    planned = history.findings[0]
    assert isinstance(planned, FetchPlanned)
    assert 0 < planned.here_bytes < SIZE
    assert result(history).came_bytes == SIZE - planned.here_bytes


def test_that_of_two_fetches_of_one_model_one_loads_and_the_other_finds(shelf: Shelf) -> None:
    shelf.models["org/model"] = Shelved({WEIGHTS: MODEL[WEIGHTS]})
    shelf.bytes_per_second = 400_000
    runs = [create_study(FetchRequest(name="org/model")) for _ in range(2)]
    with at_work(runs[0]), at_work(runs[1]):
        found = [waited_for(run, Fetched) for run in runs]
    assert sorted(each.came_bytes for each in found) == [0, SIZE]
    assert len(shelf.files_asked()) == 1


def test_that_a_model_larger_than_the_disk_is_refused_before_it_begins(
    shelf: Shelf, fetched: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.models["org/model"] = Shelved(dict(MODEL))
    monkeypatch.setattr("workbench.engine.fetch.fetch.SPARE_BYTES", 10**18)
    said = refusal(fetched("org/model"))
    assert said.startswith("org/model needs 1000000000.00 GB more on the disk, and ")
    assert "set HF_HOME to a folder on a larger disk" in said
    assert shelf.files_asked() == []


@pytest.mark.parametrize(
    ("token", "said"),
    [
        ("", "org/model is gated: its owner wants its terms accepted first."),
        ("hf_stranger", "org/model is gated: its owner wants its terms accepted first."),
        ("hf_refused", "org/model is gated, and its owner has refused this token's owner."),
        ("hf_waiting", "org/model is gated, and its owner has not answered yet."),
        ("hf_granted", ""),
    ],
)
def test_that_a_gated_model_says_what_to_do(token: str, said: str, shelf: Shelf, fetched: Fetch, home: Path) -> None:
    shelf.models["org/model"] = Shelved(
        dict(MODEL), gated="manual", given_to={"hf_granted"}, refused={"hf_refused"}, waiting={"hf_waiting"}
    )
    if token:
        hub_token.keep(token)
    history = fetched("org/model")
    if said:
        assert said in refusal(history)
    else:
        assert cached_files(Path(result(history).folder)) == MODEL
    assert not token or token not in everything_written(home)


def test_that_a_token_the_hub_does_not_know_is_said(shelf: Shelf, fetched: Fetch) -> None:
    shelf.models["org/model"] = Shelved(dict(MODEL))
    shelf.statuses = [(401, {"X-Error-Message": "Invalid credentials in Authorization header"})]
    said = refusal(fetched("org/model"))
    assert "The Hub does not know this token. It answered 401." in said
    assert "enter it with `workbench token set`" in said


def test_that_where_the_keyring_gives_no_token_a_gated_model_says_why(shelf: Shelf, fetched: Fetch) -> None:
    shelf.models["org/model"] = Shelved(dict(MODEL), gated="auto")
    keyring.set_keyring(LockedKeyring())
    hub_token.state()
    said = refusal(fetched("org/model"))
    assert "The keyring cannot be read: the wallet is locked." in said
    assert "set HF_TOKEN where the program is started" in said
    keyring.set_keyring(MemoryKeyring())
    hub_token.state()
    assert "enter a token with `workbench token set`" in refusal(fetched("org/model"))


def test_that_a_token_that_may_not_read_is_said(shelf: Shelf, fetched: Fetch) -> None:
    shelf.models["org/model"] = Shelved(dict(MODEL))
    shelf.statuses = [(403, {})]
    assert "The Hub does not give org/model to this token. It answered 403." in refusal(fetched("org/model"))
    assert "There is no model" in refusal(fetched("org/nothing"))


def test_that_a_part_of_the_hub_that_answers_in_another_way_is_asked_again_or_said(
    shelf: Shelf, fetched: Fetch
) -> None:
    shelf.models["org/model"] = Shelved(dict(MODEL))
    shelf.statuses = [(200, {"Content-Encoding": "gzip"})]  # and then holds no such thing
    assert cached_files(Path(result(fetched("org/model")).folder)) == MODEL
    shelf.models["org/other"] = Shelved({WEIGHTS: MODEL[WEIGHTS]})
    shelf.statuses = [(404, {})]
    assert "does not give model.safetensors of org/other. It answered 404." in refusal(fetched("org/other"))


def test_that_what_lies_here_is_found_where_nobody_is_asked(shelf: Shelf, fetched: Fetch, home: Path) -> None:
    shelf.datasets["org/rows"] = Shelved({"train.parquet": PARQUET, "test.parquet": PARQUET + b"1"})
    folder = result(fetched("datasets/org/rows", split="train")).folder
    (home / "settings.json").write_text('{"offline": true}')
    found = result(fetched("datasets/org/rows", split="train"))
    assert (found.folder, found.came_bytes, found.files) == (folder, 0, 1)
    assert "org/rows is not kept on this machine" in refusal(fetched("datasets/org/rows", split="test"))
    assert "org/model is not kept on this machine" in refusal(fetched("org/model"))


def test_that_a_fetch_needs_no_torch() -> None:
    code = "import sys, workbench.engine.__main__, workbench.engine.fetch.fetch; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_that_a_full_disk_holds_it_until_there_is_room(shelf: Shelf, cache: Path) -> None:
    shelf.models["org/model"] = Shelved({WEIGHTS: MODEL[WEIGHTS]})
    part = cache / "models--org--model" / "blobs" / f"{sum_of(MODEL[WEIGHTS], WEIGHTS)}.incomplete"
    part.parent.mkdir(parents=True)
    part.symlink_to("/dev/full")
    run = create_study(FetchRequest(name="org/model"))
    with at_work(run):
        assert waited_for(run, Paused).why == f"The disk of {cache} is full."
        part.unlink()
        run.give(Order(order="continue"))
        waited_for(run, Fetched)
    assert cached_files(Path(result(run.history()).folder)) == {WEIGHTS: MODEL[WEIGHTS]}


def test_that_a_silent_connection_is_left_and_asked_again(
    shelf: Shelf, fetched: Fetch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "SILENCE_SECONDS", 0.2)
    shelf.models["org/model"] = Shelved(dict(MODEL))
    shelf.silences = [2.0]
    history = fetched("org/model")
    assert cached_files(Path(result(history).folder)) == MODEL
    assert history.notices[0].text.startswith("Nothing has come for 0 s.")


def test_that_the_store_of_the_files_does_not_get_the_token(shelf: Shelf, fetched: Fetch) -> None:
    shelf.models["org/model"] = Shelved(dict(MODEL), gated="auto", given_to={"hf_granted"})
    hub_token.keep("hf_granted")
    there = Shelf(models={"org/model": Shelved(dict(MODEL))})
    with serving(type("Store", (ShelfHandler,), {"shelf": there})) as store:
        shelf.store = store
        assert cached_files(Path(result(fetched("org/model")).folder)) == MODEL
    assert {authorization for *_, authorization in shelf.asked} == {"Bearer hf_granted"}
    assert {authorization for *_, authorization in there.asked} == {""}


@pytest.mark.parametrize("name", ["../../outside.json", "/outside.json", "a\\..\\outside.json"])
def test_that_no_file_comes_to_lie_outside_its_folder(name: str, shelf: Shelf, fetched: Fetch, tmp_path: Path) -> None:
    shelf.datasets["org/rows"] = Shelved({name.replace("json", "parquet"): PARQUET})
    assert "has a file that lies outside it" in refusal(fetched("datasets/org/rows"))
    assert not list(tmp_path.rglob("outside*"))


@pytest.mark.parametrize("revision", ["../../../outside", "/outside", "a//b", "a\\b", "x" * 300, "a\nb"])
def test_that_no_revision_leads_out_of_the_cache(revision: str, shelf: Shelf, fetched: Fetch, tmp_path: Path) -> None:
    shelf.models["org/model"] = Shelved(dict(MODEL), branches={revision: dict(MODEL)})
    assert "is not a branch, tag or commit" in refusal(fetched("org/model", revision=revision))
    assert hub_cache.snapshot("org/model", revision) is None
    assert not list(tmp_path.rglob("outside*"))


def test_that_a_branch_with_a_stroke_is_noted_where_other_programs_look(shelf: Shelf, fetched: Fetch) -> None:
    shelf.models["org/model"] = Shelved(dict(MODEL), branches={"refs/pr/1": dict(MODEL)})
    found = result(fetched("org/model", revision="refs/pr/1"))
    assert hub_cache.snapshot("org/model", "refs/pr/1") == Path(found.folder)
    assert hub_cache.snapshot("org/model", "main") is None


def test_that_half_a_model_never_looks_like_one(shelf: Shelf, fetched: Fetch, cache: Path) -> None:
    shelf.models["org/model"] = Shelved({**MODEL, "z.json": b"[1]"})
    shelf.damaged = {"z.json": 2}  # the last one
    refusal(fetched("org/model"))
    assert hub_cache.snapshot("org/model") is None
    assert (cache / "models--org--model" / "blobs" / sum_of(MODEL[WEIGHTS], WEIGHTS)).is_file()
    shelf.damaged = {}
    assert result(fetched("org/model")).came_bytes == len(b"[1]")


def test_that_without_links_the_files_themselves_lie_in_the_snapshot(
    shelf: Shelf, fetched: Fetch, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("A required privilege is not held by the client")

    monkeypatch.setattr(Path, "symlink_to", refuse)  # as Windows does
    shelf.models["org/model"] = Shelved(dict(MODEL))
    folder = Path(result(fetched("org/model")).folder)
    assert cached_files(folder) == MODEL
    assert not any(path.is_symlink() for path in folder.iterdir())
    again = fetched("org/model")
    assert result(again).came_bytes == 0
    planned = again.findings[0]
    assert isinstance(planned, FetchPlanned)
    assert planned.here_bytes == planned.total_bytes


def test_that_a_whole_model_in_a_cache_that_cannot_be_written_to_is_found(
    shelf: Shelf, fetched: Fetch, cache: Path
) -> None:
    shelf.models["org/model"] = Shelved(dict(MODEL))
    folder = result(fetched("org/model")).folder
    shutil.rmtree(cache / ".locks")
    (cache / ".locks").write_text("no lock can be taken")
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("*")}
    assert result(fetched("org/model")).folder == folder
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*")} == before, "nothing is written"


def test_that_a_cache_that_cannot_be_written_to_is_a_sentence(shelf: Shelf, fetched: Fetch, cache: Path) -> None:
    shelf.models["org/model"] = Shelved(dict(MODEL))
    cache.mkdir(parents=True)
    (cache / "models--org--model").write_text("in the way")
    said = refusal(fetched("org/model"))
    assert f"{cache} cannot be written to: " in said
    assert "set HF_HOME to another folder" in said


def test_that_of_a_dataset_the_parquet_files_of_the_part_come(shelf: Shelf, fetched: Fetch) -> None:
    files = {
        "rows.py": b"import os",
        "README.md": b"# rows",
        "de/train-00000-of-00002.parquet": PARQUET,
        "de/train-00001-of-00002.parquet": PARQUET + b"1",
        "de/test-00000-of-00001.parquet": PARQUET + b"2",
        "en/train-00000-of-00001.parquet": PARQUET + b"3",
    }
    shelf.datasets["org/rows"] = Shelved(files)
    found = result(fetched("datasets/org/rows", config="de", split="train"))
    assert sorted(cached_files(Path(found.folder))) == [
        "de/train-00000-of-00002.parquet",
        "de/train-00001-of-00002.parquet",
    ]
    assert hub_cache.snapshot("datasets/org/rows") == Path(found.folder)
    said = refusal(fetched("datasets/org/rows", split="train"))
    assert "org/rows has the configurations de, en." in said
    said = refusal(fetched("datasets/org/rows", config="de", split="dev"))
    assert 'org/rows has no part "dev"; it has the parts test, train.' in said


def test_that_a_dataset_without_parquet_comes_as_the_hub_has_converted_it(shelf: Shelf, fetched: Fetch) -> None:
    converted = {"default/train/0000.parquet": PARQUET, "default/test/0000.parquet": PARQUET + b"1"}
    shelf.datasets["org/rows"] = Shelved({"rows.csv": b"a,b"}, branches={"refs/convert/parquet": converted})
    found = result(fetched("datasets/org/rows", split="train"))
    assert list(cached_files(Path(found.folder))) == ["default/train/0000.parquet"]
    assert hub_cache.snapshot("datasets/org/rows", "refs/convert/parquet") == Path(found.folder)


def test_that_a_dataset_with_a_loading_script_alone_is_refused(shelf: Shelf, fetched: Fetch) -> None:
    shelf.datasets["org/rows"] = Shelved({"rows.py": b"import os", "rows.csv": b"a,b"})
    said = refusal(fetched("datasets/org/rows"))
    assert "org/rows has no Parquet files." in said
    assert "a loading script could run code" in said


# -- helpers -----------------------------------------------------------------------------------------------------------


@contextmanager
def at_work(run: RunFolder) -> Iterator[None]:
    """The engine does the job in a thread; it has ended when the block is left."""

    def work_on() -> None:
        with run.hold():
            work(Job(run))

    thread = threading.Thread(target=work_on)
    thread.start()
    try:
        yield
        thread.join(PATIENCE_SECONDS)
        assert not thread.is_alive()
    finally:
        if thread.is_alive():
            run.give(Order(order="cancel"))
            thread.join()


def events_of(run: RunFolder) -> list[Event]:
    return JournalReader(run.journal).read()


def waited_for(run: RunFolder, kind: type[Kind], fits: Callable[[Kind], bool] = lambda event: True) -> Kind:
    """The first event of a kind that fits, once it is there."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for event in events_of(run):
            if isinstance(event, kind) and fits(event):
                return event
        time.sleep(0.01)
    raise AssertionError(f"no {kind.__name__}: {events_of(run)[-3:]}")


def everything_written(home: Path) -> str:
    return "".join(path.read_text(errors="replace") for path in home.rglob("*") if path.is_file())
