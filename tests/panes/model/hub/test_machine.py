"""What the lower cards say of this machine."""

from datetime import date
from pathlib import Path

import pytest

from tests.fetches import keep_model
from tests.hub_shelf import small_model
from workbench.core import places
from workbench.core.machine.models_here import models_here
from workbench.panes.model.hub.machine import day_in_words, free_bytes, in_short, row_of, shapes_of

TODAY = date(2026, 11, 29)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (TODAY, "today"),
        (date(2026, 11, 30), "today"),  # a clock that was put back
        (date(2026, 11, 28), "yesterday"),
        (date(2026, 11, 25), "4 days ago"),
        (date(2026, 3, 1), "in March"),
        (date(2025, 12, 24), "in December"),
        (date(2024, 5, 1), "in 2024"),
    ],
)
def test_that_a_day_is_said_as_one_remembers_it(day: date, words: str) -> None:
    assert day_in_words(day, TODAY) == words


def test_that_a_folder_is_written_as_people_do() -> None:
    assert in_short(Path.home() / ".cache" / "hub") == "~/.cache/hub"
    assert in_short(Path("/somewhere/else")) == "/somewhere/else"
    assert free_bytes(Path("/nowhere/at/all")) > 0


def test_that_a_model_of_the_hub_and_the_starter_are_known_by_the_hubs_name(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    keep_model("org/small", small_model(10))
    starter = home / "models" / places.STARTER
    starter.mkdir(parents=True)
    for name, data in small_model(10).items():
        (starter / name).write_bytes(data)
    rows = {row.source: row for row in map(row_of, models_here())}
    assert set(rows) == {"org/small", "starter"}
    assert (rows["starter"].hub_id, rows["starter"].owner) == (f"HuggingFaceTB/{places.STARTER}", "HuggingFaceTB")
    assert (rows["org/small"].hub_id, rows["org/small"].licence) == ("org/small", "Apache-2.0")
    assert set(shapes_of(list(rows.values()))) == {"org/small", f"HuggingFaceTB/{places.STARTER}"}
