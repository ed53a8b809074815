"""The real starter model: fetched, converted, trained for a few steps, and found again without a network."""

import json
import os
from pathlib import Path

import pytest

from tests.runs import workbench
from workbench.core import places
from workbench.core.job.run_folder import RunFolder
from workbench.core.model import folder as model_folder

pytestmark = pytest.mark.starter

SHORT = [
    "training.max_steps=4",
    "training.warmup=0",
    "training.save_steps=0",
    "evaluation.score_path=",
    "evaluation.score_group=",
    "samples.count=1",
    "samples.every_steps=0",
    "samples.max_new_tokens=12",
]


def test_that_the_starter_is_fetched_once_and_learns_from_its_first_steps(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = [word for change in SHORT for word in ("--set", change)]
    facts = json.loads(workbench("train", "starter", "--json", *changes).stdout)
    assert (facts["state"], facts["steps"]) == ("finished", 4)
    assert facts["loss_last"] < 0.8 * facts["loss_first"]
    history = RunFolder.open(Path(facts["run"])).history()
    assert history.planned is not None
    assert history.planned.parameters == 134_515_008
    assert history.planned.trainable_parameters == 4_884_480  # r (d_in + d_out) over 7 layers of 30 blocks, r = 16
    kept = places.models() / places.STARTER
    if kept.is_dir():  # it came from the registry; the Hub's copy lies in the Hub's own cache
        assert model_folder.inspect(kept).parameters == 134_515_008
    for name in ("HF_HUB_OFFLINE", "PIP_NO_INDEX"):
        monkeypatch.setitem(os.environ, name, "1")
    again = json.loads(workbench("train", "starter", "--json", *changes, "--set", "training.max_steps=1").stdout)
    assert (again["state"], again["steps"]) == ("finished", 1)
    assert again["loss_first"] == facts["loss_first"]
