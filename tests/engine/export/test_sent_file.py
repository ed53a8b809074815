"""A file as it is sent: how far it is, and an order to end that comes through the library."""

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd

from tests.hub_uploads import Desk, desk_open
from workbench.core.hub import client
from workbench.engine.export.sent_file import SentFile
from workbench.engine.job.job import Ordered

BYTES = bytes(range(256)) * 4000


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    with desk_open(tmp_path / "hf", monkeypatch) as made:
        client.api().create_repo("somebody/a")
        yield made


def test_that_a_file_tells_how_far_it_is_sent_and_not_how_far_its_sum_is_taken(desk: Desk) -> None:
    places: list[int] = []
    with SentFile(io.BytesIO(BYTES), lambda: None) as file:
        addition = CommitOperationAdd("weights.safetensors", file)  # type: ignore[arg-type]
        file.tell_of = places.append
        client.api().preupload_lfs_files("somebody/a", [addition])
    assert places == sorted(places)
    assert len(set(places)) > 5
    assert places[-1] == file.sent_bytes == file.size == len(BYTES)
    assert desk.stored == {hashlib.sha256(BYTES).hexdigest(): BYTES}


def test_that_an_order_to_end_stops_the_library_where_it_reads(desk: Desk) -> None:
    def obey(_place: int) -> None:
        raise Ordered("cancelled")

    with SentFile(io.BytesIO(BYTES), lambda: None) as file:
        addition = CommitOperationAdd("weights.safetensors", file)  # type: ignore[arg-type]
        file.tell_of = obey
        with pytest.raises(RuntimeError) as raised:
            client.api().preupload_lfs_files("somebody/a", [addition])
    assert isinstance(raised.value.__cause__, Ordered)
    assert desk.stored == {}
