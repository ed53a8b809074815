"""What goes into a repository of the Hub, and under which names."""

import json
from pathlib import Path

import pytest

from workbench.core.export.hub_files import is_a_path, layout, without_paths
from workbench.core.problems import UserError


def made(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name, encoding="utf-8")
    return folder


def test_that_the_first_folder_stands_at_the_top_and_a_further_one_keeps_its_name(tmp_path: Path) -> None:
    merged = made(tmp_path / "merged", "config.json", "README.md", "templates/a.jinja")
    adapter = made(tmp_path / "adapter", "adapter_config.json", "README.md")
    gguf = made(tmp_path, "a-q8_0.gguf") / "a-q8_0.gguf"
    found = layout({"merged": merged, "adapter": adapter, "gguf:q8_0": gguf})
    assert set(found) == {
        *("config.json", "templates/a.jinja", "adapter/adapter_config.json", "adapter/README.md", "a-q8_0.gguf"),
    }
    assert found["templates/a.jinja"] == merged / "templates" / "a.jinja"


def test_that_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    here, there = made(tmp_path / "a", "x.gguf"), made(tmp_path / "b", "x.gguf")
    with pytest.raises(UserError, match=r"Two files would be x\.gguf on the Hub"):
        layout({"gguf:q8_0": here / "x.gguf", "gguf:f16": there / "x.gguf"})


def test_that_an_adapter_names_its_base_and_not_where_that_lies_here() -> None:
    said = json.dumps({"base_model_name_or_path": "/home/me/models/Llama-3", "r": 4})
    kept = json.loads(without_paths("adapter/adapter_config.json", said))
    assert kept == {"base_model_name_or_path": "Llama-3", "r": 4}
    of_hub = json.dumps({"base_model_name_or_path": "org/name"})
    assert without_paths("adapter_config.json", of_hub) == of_hub
    assert without_paths("config.json", said) == said


@pytest.mark.parametrize(
    ("base", "is_path"),
    [("org/name", False), ("/home/me/a", True), ("./a/b", True), ("~/a", True), ("a/b/c", True), ("a", True)],
)
def test_that_a_folder_is_told_from_an_id(base: str, is_path: bool) -> None:
    assert is_a_path(base) is is_path
