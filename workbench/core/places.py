"""Where runs, models and resources lie."""

import os
from pathlib import Path

from platformdirs import user_data_path

STARTER = "SmolLM2-135M-Instruct"


def home() -> Path:
    """The folder of all that the program keeps: WORKBENCH_HOME, else the platform's data folder."""
    chosen = os.environ.get("WORKBENCH_HOME")
    return Path(chosen).expanduser().resolve() if chosen else user_data_path("qlora-workbench", appauthor=False)


def runs() -> Path:
    return home() / "runs"


def studies() -> Path:
    return home() / "studies"


def drafts() -> Path:
    """Rows that are being written, a folder each."""
    return home() / "drafts"


def written() -> Path:
    """Datasets that were written in the program, where they stand beside no file."""
    return home() / "datasets"


def models() -> Path:
    return home() / "models"


def exports() -> Path:
    """Where exports go that are given no other place: a folder that people find, unless all is kept in one."""
    return home() / "exports" if os.environ.get("WORKBENCH_HOME") else Path.home() / "models"


def prepared() -> Path:
    """Where rows lie that have been made into tokens: what is there can be made again."""
    return home() / "prepared"


def resources() -> Path:
    """The folder of recipes and datasets: beside the package in a checkout, inside it once installed."""
    beside = Path(__file__).resolve().parents[2] / "resources"
    return beside if beside.is_dir() else Path(__file__).resolve().parents[1] / "resources"


def built_in_datasets() -> dict[str, Path]:
    """The datasets that come with the program, by the name a recipe gives them."""
    folder = resources() / "datasets"
    return {
        "shopping": folder / "shopping-train.jsonl",
        "shopping-heldout": folder / "shopping-heldout.jsonl",
    }


def built_in_recipes() -> dict[str, Path]:
    """The recipes that come with the program, by name."""
    return {path.stem: path for path in sorted((resources() / "recipes").glob("*.toml"))}
