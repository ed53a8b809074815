"""Texts: ours, and files that are not what they should be."""

from pathlib import Path

import pytest

from workbench.core.data import texts
from workbench.core.problems import UserError


def test_that_our_text_is_prose_of_some_two_thousand_words() -> None:
    text = texts.read_text("")
    assert 1900 < len(text.text.split()) < 2300
    assert text.text.isascii()
    assert not text.is_cut
    assert all(prompt.strip() for prompt in texts.our_prompts())


def test_that_a_byte_order_mark_is_no_part_of_a_text(tmp_path: Path) -> None:
    path = tmp_path / "ü.txt"
    path.write_bytes(b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe")
    assert texts.read_text(str(path)) == texts.Text("ü.txt", "Grüße", False)


def test_that_a_long_text_is_cut_between_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MOST_BYTES", 10)
    path = tmp_path / "long.txt"
    for word, kept in (("aaaaaaaaaü", "a" * 9), ("aaaaaaaa€b", "a" * 8), ("aaaaaaaaaab", "a" * 10)):
        path.write_text(word, encoding="utf-8")
        assert texts.read_text(str(path)) == texts.Text("long.txt", kept, True)
    path.write_text("ääääx", encoding="utf-8")
    assert texts.read_text(str(path)) == texts.Text("long.txt", "ääääx", False)


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "is empty"), (b" \n\t", "is empty"), (b"\xef\xbb\xbf", "is empty"), (b"caf\xe9 au lait", "byte 3 fits no")],
)
def test_that_what_is_no_text_is_a_sentence(data: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes(data)
    with pytest.raises(UserError, match=said):
        texts.read_text(str(path))


@pytest.mark.parametrize("name", ["nowhere.txt", ".", "a\0b", "x" * 5000, "~nobody-of-that-name/x"])
def test_that_a_file_that_is_not_there_is_a_sentence(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError):
        texts.read_text(name)
