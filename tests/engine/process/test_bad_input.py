"""What a person gets wrong, by the real command line: a sentence, exit code 2, and nothing left behind."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.fakes import tiny_recipe
from tests.runs import PATIENCE_SECONDS, events, has_step, wait_for, workbench
from workbench.core.job.events import CheckpointSaved, Ended, Notice, Started
from workbench.core.job.journal import JournalWriter
from workbench.core.job.run_folder import RunFolder
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe

Refused = Callable[..., str]


# -- recipes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[lora]\nrnak = 8\n", 'mine.toml has an unknown setting "lora.rnak". The nearest one is "rank".'),
        ("[laro]\nrank = 8\n", 'mine.toml has an unknown section "laro". The nearest one is "lora".'),
        ("[lora]\nrank = 0\n", "mine.toml: lora.rank cannot be 0. It takes 1 to 1024."),
        ("[lora]\nrank = 'eight'\n", 'mine.toml: lora.rank cannot be "eight". It takes 1 to 1024.'),
        ("[model]\nprecision = 'nf5'\n", 'mine.toml: model.precision cannot be "nf5".'),
        ("[lora]\nrank = = 8\n", "mine.toml is not valid TOML: Invalid value (at line 2, column 8)."),
        ("lora = 8\n", 'mine.toml: "lora" has to be a section, [lora].'),
        (
            "[lora]\nenabled = false\n",
            "lora.enabled: NF4 weights cannot be trained without an adapter",
        ),
    ],
    ids=[
        "unknown setting",
        "unknown section",
        "value out of range",
        "value of another type",
        "unknown choice",
        "broken TOML",
        "value for a section",
        "settings at odds",
    ],
)
def test_that_a_recipe_that_cannot_be_run_is_refused_by_its_setting(
    text: str, said: str, refused: Refused, tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    assert said in refused("train", str(path))


def test_that_a_recipe_that_is_no_text_is_refused(refused: Refused, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe[\0")
    assert f"{path} is not UTF-8 text." in refused("train", str(path))


def test_that_a_recipe_that_is_not_there_is_refused_with_those_that_are(refused: Refused) -> None:
    said = refused("train", "startr")
    assert 'There is no recipe at startr. The nearest one is "starter".' in said
    assert "`workbench recipe > mine.toml` writes one" in said


def test_that_a_folder_that_is_no_run_is_refused(refused: Refused, tmp_path: Path) -> None:
    assert "is not a run folder: it has no job.toml." in refused("train", str(tmp_path))


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("lora.rank", '--set takes path=value, such as lora.rank=32, and was given "lora.rank".'),
        ("lora.rnak=8", 'There is no setting "lora.rnak". The nearest one is "lora.rank".'),
        ("lora.rank=many", '--set: lora.rank cannot be "many". It takes 1 to 1024.'),
    ],
)
def test_that_a_setting_given_wrongly_is_refused(assignment: str, said: str, refused: Refused, mine: Path) -> None:
    assert said in refused("train", str(mine), "--set", assignment)


# -- data --------------------------------------------------------------------------------------------------------------


def test_that_broken_json_is_refused_by_its_line(refused: Refused, mine: Path, rows: Path) -> None:
    lines = rows.read_text().splitlines()
    lines[2] = lines[2].replace('", "', '" "')
    rows.write_text("\n".join(lines) + "\n")
    said = refused("train", str(mine), "--set", "data.bad_rows=refuse")
    assert "rows.jsonl, line 3: broken JSON at column 31: Expecting ',' delimiter." in said


def test_that_a_column_that_is_not_there_is_refused_with_those_that_are(refused: Refused, mine: Path) -> None:
    said = refused("train", str(mine), "--set", "data.completion_column=answer")
    assert 'data.completion_column: the rows have no column "answer".' in said
    assert "They have: prompt, completion." in said


@pytest.mark.parametrize("setting", ["data.path", "evaluation.path", "evaluation.score_path"])
def test_that_a_data_file_that_is_not_there_is_refused_with_the_nearest(
    setting: str, refused: Refused, mine: Path, rows: Path
) -> None:
    said = refused("train", str(mine), "--set", f"{setting}={rows.with_name('row.jsonl')}")
    assert f'There is no file {rows.with_name("row.jsonl")}. The nearest one is "rows.jsonl".' in said


def test_that_rows_without_a_token_to_learn_from_are_refused(refused: Refused, mine: Path, rows: Path) -> None:
    rows.write_text(json.dumps({"prompt": "x" * 500, "completion": "y"}) + "\n")
    said = refused("train", str(mine))
    assert "No row of rows.jsonl can be learned from: 1 row has no token to learn from" in said
    assert "Raise training.max_length" in said


# -- model folders -----------------------------------------------------------------------------------------------------


def test_that_a_model_folder_that_is_not_there_is_refused(refused: Refused, mine: Path, llama: Path) -> None:
    shutil.rmtree(llama)
    assert f"There is no model folder {llama}." in refused("train", str(mine))


def test_that_half_a_model_is_refused_by_the_file_it_lacks(refused: Refused, mine: Path, llama: Path) -> None:
    (llama / "model.safetensors").rename(llama / "model-00001-of-00002.safetensors")
    weights = {
        "model.norm.weight": "model-00001-of-00002.safetensors",
        "lm_head.weight": "model-00002-of-00002.safetensors",
    }
    (llama / "model.safetensors.index.json").write_text(json.dumps({"weight_map": weights}))
    said = refused("train", str(mine))
    assert f"{llama} is half a model: 1 of its 2 weight files are missing." in said
    assert "model-00002-of-00002.safetensors is not there." in said


def test_that_weights_cut_short_are_refused(refused: Refused, mine: Path, llama: Path) -> None:
    weights = llama / "model.safetensors"
    os.truncate(weights, weights.stat().st_size - 1)
    assert f"{weights} is cut short: it holds" in refused("train", str(mine))


def test_that_a_pickle_is_refused_unopened(refused: Refused, mine: Path, llama: Path) -> None:
    (llama / "model.safetensors").unlink()
    (llama / "pytorch_model.bin").write_bytes(b"cos\nabort\n(tR.")  # ends the process of whoever unpickles it
    said = refused("train", str(mine))
    assert f"{llama} has its weights only as a pickle (pytorch_model.bin)." in said
    assert "Convert it to safetensors" in said


def test_that_a_model_without_a_tokenizer_is_refused(refused: Refused, mine: Path, llama: Path) -> None:
    for path in llama.glob("*token*"):
        path.unlink()
    said = refused("train", str(mine))
    assert f"{llama} has no tokenizer." in said
    assert "Put the model's tokenizer.json beside its weights." in said


# -- runs --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["watch", "stop", "pause", "continue", "resume"])
def test_that_a_run_that_is_not_there_is_refused(verb: str, refused: Refused) -> None:
    said = refused(verb, "no-such-run")
    assert 'There is no run "no-such-run". `workbench runs` lists them.' in said


@pytest.fixture
def finished(llama: Path, rows: Path) -> RunFolder:
    """A run that has done its four steps, as its journal says."""
    run = RunFolder.create(tiny_recipe(llama, rows))
    journal = JournalWriter(run.journal)
    journal.write(Started(attempt=1, pid=os.getpid(), versions={}))
    journal.write(Ended(state="finished", step=4))
    journal.close()
    return run


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        ("resume", "has finished its 4 steps. Add --steps 50 to go on for 50 more."),
        ("stop", "is not running: it is finished."),
        ("pause", "is not running: it is finished."),
        ("continue", "is not running: it is finished."),
    ],
)
def test_that_a_finished_run_takes_no_orders_and_stays_as_it_is(verb: str, said: str, finished: RunFolder) -> None:
    before = {path.name: path.read_bytes() for path in finished.path.iterdir()}
    done = workbench(verb, finished.name, "--json", code=2)
    assert f"Run {finished.name} {said}" in done.stderr
    assert done.stdout == ""
    after = {path.name: path.read_bytes() for path in finished.path.iterdir() if path.name != "engine.lock"}
    assert after == before


def test_that_runs_that_can_be_read_are_listed_beside_one_that_cannot() -> None:
    whole, broken = RunFolder.create(Recipe()), RunFolder.create(Recipe())
    broken.journal.mkdir()
    done = workbench("runs", "--json", code=2)
    assert [row["run"] for row in json.loads(done.stdout)] == [whole.name]
    assert done.stderr.startswith(f"Run {broken.name} cannot be read: ")
    with pytest.raises(UserError, match=f"Run {broken.name} cannot be read"):
        broken.history()


@pytest.mark.parametrize("verb", ["runs", "watch", "stop", "pause", "continue", "resume"])
def test_that_a_run_whose_journal_cannot_be_read_is_a_sentence(verb: str) -> None:
    run = RunFolder.create(Recipe())
    run.journal.mkdir()
    done = workbench(verb, *([] if verb == "runs" else [run.name]), code=2)
    (line,) = filter(None, done.stderr.splitlines())
    assert line.startswith(f"Run {run.name} cannot be read: ")
    assert done.stdout == ""


# -- disks -------------------------------------------------------------------------------------------------------------


def test_that_a_home_that_cannot_be_made_is_refused(
    mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(mine / "home"))
    done = workbench("train", str(mine), "--json", code=2)
    assert f"No run can be made in {mine / 'home' / 'runs'}: Not a directory." in done.stderr
    assert "set WORKBENCH_HOME to another folder" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("words", [["runs"], ["watch", "no-such-run"]], ids=" ".join)
def test_that_a_home_that_cannot_be_is_told_to_whoever_asks_for_runs(
    words: list[str], mine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(mine / "home"))
    done = workbench(*words, "--json", code=2)
    assert "Not a directory" in done.stderr
    assert done.stdout == ""


@pytest.fixture
def small_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """WORKBENCH_HOME on a disk of 16 MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(folder)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("a small disk takes the right to mount a tmpfs")
    monkeypatch.setenv("WORKBENCH_HOME", str(folder))
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)  # a run that has failed its test may still hold it


def test_that_a_run_whose_checkpoints_do_not_fit_is_refused_with_the_numbers(mine: Path, small_disk: Path) -> None:
    done = workbench(
        "train", str(mine), "--json", "--set", "lora.rank=64", "--set", "training.keep_checkpoints=50", code=2
    )
    # 131 072 trained numbers of 4 bytes, thrice in each of 51 checkpoints, and the result.
    assert "The checkpoints of this run need 81 MB, and " in done.stderr
    assert f"They are kept in {small_disk / 'runs'}" in done.stderr
    assert "Make room, lower training.keep_checkpoints, or set WORKBENCH_HOME to a larger disk." in done.stderr
    assert done.stdout == ""
    assert list((small_disk / "runs").iterdir()) == []


def test_that_a_checkpoint_that_finds_no_room_is_a_notice_and_the_run_goes_on(mine: Path, small_disk: Path) -> None:
    changes = ["training.max_steps=5000", "training.save_steps=5", "lora.rank=16", "samples.count=0"]
    follower = subprocess.Popen(
        [
            *(sys.executable, "-m", "workbench.cli", "train", str(mine), "--json"),
            *(word for change in changes for word in ("--set", change)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not RunFolder.all():
        assert follower.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    run = RunFolder.all()[0]
    wait_for(lambda: has_step(run, 1), follower, run)
    hog = small_disk / "hog"
    with hog.open("wb") as file:
        # Room for the journal and for no checkpoint, which takes half a megabyte.
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(small_disk).free - 100_000)

    def notices() -> list[str]:
        return [event.text for event in events(run) if isinstance(event, Notice)]

    def saved() -> int:
        return sum(isinstance(event, CheckpointSaved) for event in events(run))

    wait_for(lambda: any("could not be written" in text for text in notices()), follower, run)
    assert "No space left on device" in notices()[-1]
    assert "Training goes on" in notices()[-1]
    assert not list(run.checkpoints.glob(".*")), "what was half written is gone"
    hog.unlink()
    before = saved()
    wait_for(lambda: saved() > before, follower, run)
    told = json.loads(workbench("stop", run.name, "--json").stdout)
    assert told["state"] == "stopped"
    printed, said = follower.communicate(timeout=PATIENCE_SECONDS)
    assert follower.returncode == 0, said.decode()
    assert json.loads(printed)["state"] == "stopped"
    assert b"Traceback" not in said
