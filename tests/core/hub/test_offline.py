"""Offline by the window's setting, or by the environment as huggingface_hub reads it."""

from pathlib import Path

import pytest

from workbench.bridge.settings import Settings, WindowSettings
from workbench.core.hub.offline import is_offline, why_offline
from workbench.core.job import launch


@pytest.fixture(autouse=True)
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("value", "is_meant"), [("1", True), ("true", True), ("ON", True), ("0", False), ("", False)])
def test_that_the_environment_is_read_as_the_library_reads_it(
    value: str, is_meant: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", value)
    assert is_offline() == is_meant
    assert why_offline() == ("HF_HUB_OFFLINE is set." if is_meant else "")


def test_that_the_setting_of_the_window_holds_for_every_process(home: Path) -> None:
    assert not is_offline()
    Settings().save(WindowSettings(offline=True))
    assert why_offline() == "Offline mode is on in the settings."
    assert launch.environment()["HF_HUB_OFFLINE"] == "1"
    Settings().save(WindowSettings(offline=False))
    assert not is_offline()
    assert "HF_HUB_OFFLINE" not in launch.environment()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"offline": "yes"}', "[" * 100_000])
def test_that_settings_that_cannot_be_read_set_nothing_offline(text: str, home: Path) -> None:
    home.mkdir()
    (home / "settings.json").write_text(text)
    assert not is_offline()
