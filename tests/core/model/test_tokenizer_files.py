"""A tokenizer that lacks a piece, or was cut, is refused by the piece before a process is started."""

import json
from pathlib import Path

import pytest

from workbench.core.model import tokenizer_files
from workbench.core.problems import UserError

WHOLE = {"model": {"type": "BPE", "vocab": {"a": 0}, "merges": []}}


def refusal(folder: Path) -> str:
    with pytest.raises(UserError) as error:
        tokenizer_files.check(folder)
    return f"{error.value.what} {error.value.why}".strip()


def test_that_each_kind_of_tokenizer_is_one(tmp_path: Path) -> None:
    for number, names in enumerate(tokenizer_files.FILES):
        folder = tmp_path / str(number)
        folder.mkdir()
        for name in names:
            (folder / name).write_text(json.dumps(WHOLE))
        tokenizer_files.check(folder)


def test_that_a_file_of_the_authors_machine_is_not_missed_beside_a_tokenizer_json(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(json.dumps(WHOLE))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"tokenizer_file": "/home/them/tokenizer.json"}))
    tokenizer_files.check(tmp_path)


def test_that_what_is_missing_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path} has no tokenizer."
    (tmp_path / "tokenizer_config.json").write_text("{}")
    assert refusal(tmp_path) == f"{tmp_path} has no tokenizer."
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"vocab_file": "spm.model"}))
    assert refusal(tmp_path).endswith("Its tokenizer_config.json names spm.model, which is not there.")
    (tmp_path / "vocab.json").write_text("{}")
    assert refusal(tmp_path).endswith("It has vocab.json and no merges.txt.")
    (tmp_path / "merges.txt").write_text("")
    tokenizer_files.check(tmp_path)


def test_that_a_file_which_was_cut_is_told(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(WHOLE)[:-9])
    assert f"{path} is cut short or damaged: it is not valid JSON." in refusal(tmp_path)
    path.write_text("[]")
    assert f"{path} holds no JSON object." in refusal(tmp_path)
    path.write_text('{"model": {}}')
    assert f"{path} has no vocabulary." in refusal(tmp_path)
    path.write_text(json.dumps(WHOLE))
    (tmp_path / "tokenizer_config.json").write_text('{"eos')
    assert "tokenizer_config.json is cut short or damaged" in refusal(tmp_path)
