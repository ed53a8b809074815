"""Checkpoints: written whole or not at all, and never used when damaged."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.core.job.checkpoints import (
    MANIFEST,
    discard,
    folder_name,
    newest_whole,
    problem,
    rotate,
    steps,
    sweep,
    write,
)

ROOT = Path(__file__).parents[3]
FILES = ("adapter_model.safetensors", "optimizer.safetensors", "nested/state.json")
WRITER = """
import sys
from pathlib import Path
from workbench.core.job import checkpoints

def fill(folder):
    for name in "abc":
        with (folder / name).open("wb") as file:
            for _ in range(50):
                file.write(bytes(20_000))

step = 0
while True:
    step += 1
    checkpoints.write(Path(sys.argv[1]), step, fill)
    checkpoints.rotate(Path(sys.argv[1]), 3, set())
    print(step, flush=True)
"""


def fill(folder: Path) -> None:
    (folder / "nested").mkdir()
    for number, name in enumerate(FILES):
        (folder / name).write_bytes(bytes(range(256)) * (number + 1))


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    """A folder with the checkpoints of steps 10 and 20."""
    for step in (10, 20):
        write(tmp_path, step, fill)
    return tmp_path


def remove(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    os.truncate(path, 0)


def halve(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 3] ^= 0x10
    path.write_bytes(data)


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\0")


def test_that_a_checkpoint_verifies_and_the_newest_is_found(parent: Path) -> None:
    newest = parent / "step-00000020"
    assert steps(parent) == [(10, parent / "step-00000010"), (20, newest)]
    assert problem(newest) == ""
    assert newest_whole(parent) == (newest, [])
    assert sorted(json.loads((newest / MANIFEST).read_text())["files"]) == sorted(FILES)
    assert newest_whole(parent / "nowhere") == (None, [])


@pytest.mark.parametrize("damage", [remove, empty, halve, flip_a_bit, grow])
@pytest.mark.parametrize("name", FILES)
def test_that_a_damaged_file_is_noticed_and_the_older_checkpoint_is_found(
    parent: Path, name: str, damage: Callable[[Path], None]
) -> None:
    damage(parent / "step-00000020" / name)
    folder, skipped = newest_whole(parent)
    assert folder == parent / "step-00000010"
    assert [entry.folder.name for entry in skipped] == ["step-00000020"]
    assert name in skipped[0].reason


@pytest.mark.parametrize("damage", [remove, empty, halve, flip_a_bit])
def test_that_a_damaged_manifest_is_noticed(parent: Path, damage: Callable[[Path], None]) -> None:
    damage(parent / "step-00000020" / MANIFEST)
    folder, skipped = newest_whole(parent)
    assert folder == parent / "step-00000010"
    assert skipped[0].reason


def test_that_the_manifest_of_another_step_is_noticed(parent: Path) -> None:
    older = (parent / "step-00000010" / MANIFEST).read_bytes()
    (parent / "step-00000020" / MANIFEST).write_bytes(older)
    assert problem(parent / "step-00000020") == "its manifest is that of step 10"


def test_that_nothing_is_found_where_all_are_damaged_and_each_is_named(parent: Path) -> None:
    for _, damaged in steps(parent):
        empty(damaged / FILES[0])
    folder, skipped = newest_whole(parent)
    assert folder is None
    assert [entry.folder.name for entry in skipped] == ["step-00000020", "step-00000010"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        "\xff",
        '{"format": 1}',
        '{"format": 2, "step": 20, "files": {}}',
        '{"format": 1, "step": 20, "files": []}',
        '{"format": 1, "step": "20", "files": {}}',
        '{"format": 1, "step": 20, "files": {"a": 3}}',
        '{"format": 1, "step": 20, "files": {"a": {"size": 1}}}',
    ],
)
def test_that_a_manifest_of_nonsense_is_a_reason_and_no_error(parent: Path, text: str) -> None:
    (parent / "step-00000020" / MANIFEST).write_text(text, encoding="latin-1")
    assert problem(parent / "step-00000020").startswith(("its manifest cannot be read", "its format is 2"))


def name_in_manifest(folder: Path, name: str) -> str:
    entry = {"size": 1, "sha256": ""}
    (folder / MANIFEST).write_text(json.dumps({"format": 1, "step": 20, "files": {name: entry}}))
    return problem(folder)


@pytest.mark.parametrize("name", ["../step-00000010/optimizer.safetensors", "/etc/hostname", "nested/../../x", ".."])
def test_that_a_manifest_cannot_name_a_file_elsewhere(parent: Path, name: str) -> None:
    assert name_in_manifest(parent / "step-00000020", name).endswith("lies outside it")


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege on Windows")
def test_that_a_link_out_of_the_folder_is_not_followed(parent: Path) -> None:
    (parent / "step-00000020" / "link").symlink_to("../step-00000010/optimizer.safetensors")
    assert name_in_manifest(parent / "step-00000020", "link") == "link lies outside it"


@pytest.mark.parametrize("name", ["a\0b", "x" * 5000])
def test_that_a_manifest_with_an_impossible_name_is_a_reason_and_no_error(parent: Path, name: str) -> None:
    assert name_in_manifest(parent / "step-00000020", name)


def test_that_brackets_without_end_are_a_reason_and_no_error(parent: Path) -> None:
    (parent / "step-00000020" / MANIFEST).write_text("[" * 100_000)
    assert problem(parent / "step-00000020")


def test_that_a_manifest_of_no_files_is_not_resumed_from(parent: Path) -> None:
    (parent / "step-00000020" / MANIFEST).write_text('{"format": 1, "step": 20, "files": {}}')
    assert problem(parent / "step-00000020")


def test_that_a_fill_that_fails_leaves_nothing_and_harms_nothing(parent: Path) -> None:
    def fail(folder: Path) -> None:
        fill(folder)
        raise OSError(28, "No space left on device")

    for step in (20, 30):
        with pytest.raises(OSError, match="No space left"):
            write(parent, step, fail)
    assert sorted(path.name for path in parent.iterdir()) == ["step-00000010", "step-00000020"]
    assert newest_whole(parent) == (parent / "step-00000020", [])


def test_that_a_step_that_is_written_again_replaces_a_damaged_one(parent: Path) -> None:
    flip_a_bit(parent / "step-00000020" / FILES[0])
    assert problem(write(parent, 20, fill)) == ""
    assert sorted(path.name for path in parent.iterdir()) == ["step-00000010", "step-00000020"]


def test_that_rotation_goes_by_number_and_not_by_time(parent: Path) -> None:
    for step in (9, 100, 11):
        write(parent, step, fill)
    for age, (_, folder) in enumerate(steps(parent)):
        os.utime(folder, (time.time() - age * 1000,) * 2)  # the newest by number is the oldest by its time
    rotate(parent, 2, {folder_name(9)})
    assert [step for step, _ in steps(parent)] == [9, 20, 100]
    rotate(parent, 5, set())
    assert len(steps(parent)) == 3


def test_that_rotation_never_deletes_the_only_one_that_verifies(parent: Path) -> None:
    flip_a_bit(parent / "step-00000020" / FILES[0])
    whole, skipped = newest_whole(parent)
    assert whole == parent / "step-00000010"
    discard(skipped)  # as a resume does
    written = write(parent, 15, fill)
    rotate(parent, 1, set())
    assert newest_whole(parent)[0] == written


def test_that_a_sweep_removes_what_is_half_written_and_nothing_else(parent: Path) -> None:
    (parent / ".step-00000030.partial").mkdir()
    (parent / ".step-00000030.partial" / "a").touch()
    (parent / "notes.txt").touch()
    sweep(parent)
    assert sorted(path.name for path in parent.iterdir()) == ["notes.txt", "step-00000010", "step-00000020"]


def test_that_a_folder_that_was_never_finished_is_skipped(parent: Path) -> None:
    (parent / "step-00000030").mkdir()
    assert newest_whole(parent)[1][0].reason == "it has no manifest: it was never finished"


def test_that_a_kill_in_the_middle_of_a_write_leaves_no_checkpoint_that_verifies(parent: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from workbench.core.job import checkpoints\n"
        "def fill(folder):\n"
        "    (folder / 'a').write_bytes(bytes(1000)); print('half', flush=True); sys.stdin.read()\n"
        "checkpoints.write(Path(sys.argv[1]), 30, fill)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(parent)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"half"
        process.kill()
    assert newest_whole(parent) == (parent / "step-00000020", [])
    assert [path.name for path in parent.glob(".*")] == [".step-00000030.partial"]
    assert problem(parent / ".step-00000030.partial")
    sweep(parent)
    assert not list(parent.glob(".*"))


def test_that_kills_at_random_moments_leave_only_checkpoints_that_verify(tmp_path: Path) -> None:
    moments = random.Random(7)
    for attempt in range(6):
        parent = tmp_path / str(attempt)
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(parent)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            for _ in range(4):
                process.stdout.readline()
            time.sleep(moments.random() * 0.05)
            process.kill()
            last = int(([4, *map(int, process.stdout.read().split())])[-1])
        folder, skipped = newest_whole(parent)
        assert skipped == []
        assert folder is not None
        assert int(folder.name.removeprefix("step-")) in (last, last + 1)


def test_that_files_are_flushed_before_the_rename_and_the_parent_after(
    parent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    real_flush, real_rename = os.fsync, Path.rename

    def flush(handle: int) -> None:
        order.append("flush")
        real_flush(handle)

    def rename(self: Path, target: Path) -> Path:
        order.append("rename")
        return real_rename(self, target)

    monkeypatch.setattr(os, "fsync", flush)
    monkeypatch.setattr(Path, "rename", rename)
    write(parent, 30, fill)
    folders = 0 if os.name == "nt" else 1
    assert order == ["flush"] * (len(FILES) + 1 + folders) + ["rename"] + ["flush"] * folders
