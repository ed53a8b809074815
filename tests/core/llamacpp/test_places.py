"""Where llama.cpp is found, and what is said where it is not."""

from pathlib import Path

import pytest

from workbench.core.llamacpp import places, runtime
from workbench.core.llamacpp.runtime import Runtime
from workbench.core.problems import UserError


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that alone is on the PATH, with a node in it."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "node").write_text("#!/bin/sh\n")
    (folder / "node").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv(places.VARIABLE, raising=False)
    return folder


def test_that_a_runtime_is_found_by_the_variable_or_beside_node(
    node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert runtime.find() is None
    for folder in (tmp_path / "mine", tmp_path / "lib"):
        package = folder / "node_modules" / "node-llama-cpp"
        package.mkdir(parents=True)
        (package / "package.json").write_text("{}")
    found = runtime.find()
    assert found is not None
    assert found.folder == tmp_path / "lib"
    monkeypatch.setenv(places.VARIABLE, str(tmp_path / "mine"))
    found = runtime.find()
    assert found is not None
    assert found.folder == tmp_path / "mine"
    assert runtime.why_not() == ""


def test_that_without_one_a_sentence_says_how_to_get_it(node: Path, tmp_path: Path) -> None:
    (node / "node").unlink()
    assert "npm install node-llama-cpp" in runtime.why_not()
    with pytest.raises(UserError, match="Nothing that could run a GGUF file is installed"):
        Runtime(tmp_path / "a.gguf")


def test_that_libraries_are_looked_for_in_all_places(
    node: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = tmp_path / "mine" / "node_modules" / "@node-llama-cpp" / f"{places.SYSTEM}-x64" / "bins" / "any"
    inner.mkdir(parents=True)
    (node / "llama-cli").write_text("")
    (node / "llama-cli").chmod(0o755)
    monkeypatch.setenv(places.VARIABLE, str(tmp_path / "mine"))
    found = list(places.library_folders())
    assert {tmp_path / "mine", inner, node, tmp_path / "lib"} <= set(found)
