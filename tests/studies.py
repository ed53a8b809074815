"""Studies that were recorded once, brought home for a test."""

import shutil
from pathlib import Path

from workbench.core import places
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study_kinds import StudyKind

STUDIES = Path(__file__).with_name("data") / "studies"
# What stands for the model's folder in job.toml.
PLACEHOLDER = "/home/you/model"


def tiny_studied_model() -> Path:
    """The model that the studies of layers and of outliers are of, in a folder of this home."""
    folder = places.models() / "tiny-llama"
    if not folder.exists():
        shutil.copytree(STUDIES / "model", folder)
    return folder


def kept_study(kind: StudyKind) -> RunFolder:
    """A study at home as it was recorded; its model is here too."""
    target = places.studies() / f"2026-11-25-0600-{kind}"
    shutil.copytree(STUDIES / kind, target)
    job = target / "job.toml"
    job.write_text(job.read_text("utf-8").replace(PLACEHOLDER, str(tiny_studied_model())), "utf-8")
    return RunFolder.open(target)
