"""Paths that people write, and what is found wrong before a process is started."""

import os
from pathlib import Path

import pytest

from tests.fakes import tiny_recipe
from workbench.core import sources
from workbench.core.plan import preflight
from workbench.core.problems import UserError

NOBODY = "~nobody-of-that-name/model"
LONG = "n" * 300


@pytest.mark.parametrize(
    ("source", "is_folder"),
    [
        ("starter", False),
        ("org/name", False),
        ("gpt2", False),
        ("./gpt2", True),
        ("~/model", True),
        ("/models/one", True),
        ("three/part/name", True),
        (NOBODY, True),
        (LONG, True),
        (f"org/{'n' * 90}", False),
        (f"org/{LONG}", True),
        ("nul\0byte", True),
        ("", True),
    ],
)
def test_that_any_text_is_a_folder_or_an_id_of_the_hub(source: str, is_folder: bool) -> None:
    assert (sources.model_path(source) is not None) == is_folder


def test_that_a_home_is_put_in_for_its_sign() -> None:
    assert sources.model_path("~/model") == Path("~/model").expanduser()
    assert sources.data_path("~/rows.jsonl") == Path("~/rows.jsonl").expanduser()
    assert sources.data_path(NOBODY) == Path(NOBODY)


@pytest.mark.parametrize("name", [NOBODY, LONG, f"/{LONG}", "/no/such/place", f"org/{LONG}"])
def test_that_a_model_or_data_that_cannot_be_there_is_refused_in_a_sentence(name: str, rows: Path) -> None:
    with pytest.raises(UserError) as model_error:
        preflight.check(tiny_recipe(Path(name), rows))
    with pytest.raises(UserError) as data_error:
        preflight.check(tiny_recipe(Path("starter"), Path(name)))
    for error in (model_error.value, data_error.value):
        assert error.what.endswith(".")
        assert name[:3] in error.what


@pytest.mark.skipif(os.name == "nt", reason="Windows has other limits")
def test_that_paths_that_cannot_be_there_are_made_absolute_without_a_fault(rows: Path) -> None:
    for name in (NOBODY, LONG):
        whole = preflight.with_absolute_paths(tiny_recipe(Path(name), Path(name)))
        assert whole.model.source == name
        assert whole.data.path.endswith(name)
