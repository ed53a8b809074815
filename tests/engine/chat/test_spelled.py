"""Tokens become text piece by piece: never half a letter, never the beginning of a stop word."""

from collections.abc import Sequence

from workbench.engine.chat.spelled import Spelled


def by_bytes(ids: Sequence[int]) -> str:
    return bytes(ids).decode("utf-8", "replace")


def pieces(text: bytes, *stop: str) -> tuple[list[str], Spelled]:
    spelled = Spelled(by_bytes, stop)
    found = []
    for token in text:
        found.append(spelled.add(token))
        if spelled.is_stopped:
            break
    return [*found, spelled.finish()], spelled


def test_that_a_letter_of_several_tokens_comes_whole() -> None:
    found, spelled = pieces("aé€😀b".encode())
    assert [piece for piece in found if piece] == ["a", "é", "€", "😀", "b"]
    assert spelled.text == "aé€😀b"


def test_that_bytes_of_no_letter_are_shown_all_the_same() -> None:
    found, _ = pieces(b"a" + b"\xff" * 12)
    assert "".join(found).startswith("a�")
    assert "".join(found).count("�") == 12


def test_that_a_half_letter_at_the_end_is_not_lost() -> None:
    found, spelled = pieces("a€".encode()[:-1])
    assert "".join(found) == spelled.text == "a�"


def test_that_a_stop_word_ends_the_text_and_is_never_shown() -> None:
    found, spelled = pieces(b"One STOP two", "STOP")
    assert spelled.is_stopped
    assert "".join(found) == spelled.text == "One "


def test_that_what_only_begins_like_a_stop_word_is_shown_later() -> None:
    found, spelled = pieces(b"STOR", "STOP")
    assert found == ["", "", "", "STOR", ""]
    assert not spelled.is_stopped
    found, _ = pieces(b"STO", "STOP")
    assert "".join(found) == "STO"
