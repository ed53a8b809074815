"""Studies: what was asked is kept as it was, and the newest one is found again."""

from pathlib import Path

import pytest

from workbench.core import places
from workbench.core.job.events import Ended, Started
from workbench.core.job.journal import JournalWriter
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study import create_study, latest_study, read_request
from workbench.core.job.study_kinds import LayersRequest, MeasureRequest, OutliersRequest, Request
from workbench.core.problems import UserError


def ended(run: RunFolder, state: str) -> None:
    writer = JournalWriter(run.journal)
    writer.write(Started(attempt=1, pid=1, versions={}))
    writer.write(Ended.model_validate({"state": state}))
    writer.close()


@pytest.mark.parametrize(
    "request_",
    [
        LayersRequest(model="/models/a b", formats=("nf4", "int8"), block_size=128, double_quant=True),
        OutliersRequest(model='C:\\a\\"x"', text="öffnen.txt", threshold=3.5),
        MeasureRequest(model="m", precisions=("bf16", "nf4"), prompts=("One\nTwo", ""), seed=7, train_steps=3),
    ],
)
def test_that_what_was_asked_is_read_back_as_it_was(request_: Request) -> None:
    run = create_study(request_)
    assert run.path.parent == places.studies()
    assert (run.kind(), read_request(run)) == (request_.kind, request_)


def test_that_a_study_is_no_run() -> None:
    create_study(LayersRequest(model="m", formats=("nf4",)))
    assert RunFolder.all() == []


def test_that_the_newest_finished_study_of_its_kind_is_found() -> None:
    assert latest_study("layers") is None
    runs = [create_study(LayersRequest(model=f"m{number}", formats=("nf4",))) for number in range(4)]
    other = create_study(OutliersRequest(model="m"))
    for run, state in zip(runs, ("finished", "finished", "cancelled", "crashed"), strict=True):
        ended(run, state)
    ended(other, "finished")
    found = latest_study("layers")
    assert found is not None
    assert found.path == runs[1].path


def test_that_a_study_of_another_version_is_passed_over() -> None:
    kept, torn = (create_study(LayersRequest(model="m", formats=("nf4",))) for _ in range(2))
    ended(kept, "finished")
    ended(torn, "finished")
    torn.job.write_text('[job]\nkind = "layers"\n\n[ask]\nmodel = "m"\nformats = []\n', encoding="utf-8")
    with pytest.raises(UserError, match="does not say what was asked"):
        read_request(torn)
    found = latest_study("layers")
    assert found is not None
    assert found.path == kept.path


def test_that_a_kind_that_is_unknown_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "job.toml").write_text('[job]\nkind = "dance"\n', encoding="utf-8")
    with pytest.raises(UserError, match='no study of the kind "dance"'):
        read_request(RunFolder.open(tmp_path))


def test_that_studies_that_nobody_can_come_back_to_do_not_pile_up() -> None:
    races = [create_study(MeasureRequest(model="m")) for _ in range(5)]
    for number in range(6):
        ended(create_study(OutliersRequest(model="m", text=f"{number}.txt")), "finished")
    left = {read_request(RunFolder.open(path)) for path in places.studies().glob("*outliers*")}
    assert left == {OutliersRequest(model="m", text=f"{number}.txt") for number in (3, 4, 5)}
    assert all(run.path.is_dir() for run in races)
