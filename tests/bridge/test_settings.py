"""What the window remembers: read, written whole, and set aside where it is broken."""

from pathlib import Path

import pytest

from workbench.bridge.settings import Settings, WindowSettings


def test_that_settings_are_found_again(home: Path) -> None:
    settings = Settings()
    assert settings.load() == (WindowSettings(), "")
    changed = WindowSettings(theme="dark", projector=True, recent_models=["org/ü"], geometry="AdnQ")
    settings.save(changed)
    assert Settings().load() == (changed, "")
    assert [path.name for path in home.iterdir()] == ["settings.json"]


def test_that_what_a_newer_version_wrote_is_passed_over(home: Path) -> None:
    home.mkdir()
    (home / "settings.json").write_text('{"theme": "light", "telepathy": true}')
    assert Settings().load() == (WindowSettings(theme="light"), "")


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"\xff\xfe", b'{"theme": "pink"}', b'{"page": 7}'])
def test_that_a_broken_file_is_kept_aside_and_said(home: Path, text: bytes) -> None:
    home.mkdir()
    (home / "settings.json").write_bytes(text)
    loaded, sentence = Settings().load()
    assert loaded == WindowSettings()
    assert "settings.json.bad" in sentence
    assert (home / "settings.json.bad").read_bytes() == text
    assert Settings().load() == (WindowSettings(), "")


def test_that_a_file_that_cannot_be_read_or_written_ends_nothing(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "settings.json").mkdir(parents=True)
    settings = Settings()
    assert "cannot be read" in settings.load()[1]
    settings.save(WindowSettings())
    settings.save(WindowSettings(recent_data=["caf\udce9"]))
    assert capsys.readouterr().err.count("cannot be kept") == 1
    assert [path.name for path in home.iterdir()] == ["settings.json"]


def test_that_some_settings_are_changed_and_those_of_others_stay(tmp_path: Path) -> None:
    one, other = Settings(tmp_path / "settings.json"), Settings(tmp_path / "settings.json")
    one.change(recent_data=["a.jsonl"])
    other.change(offline=True)
    one.change(recent_models=["org/name"])
    assert other.load()[0] == WindowSettings(recent_data=["a.jsonl"], recent_models=["org/name"], offline=True)
