"""Texts as the tokens that stand in them, one letter of several tokens as one piece."""

from pathlib import Path

from tests.fakes import tiny_tokenizer
from workbench.core.tokens import kept_tokenizer
from workbench.panes.try_.talk.sent_tokens import Piece, spelled


def test_that_pieces_are_the_text_and_letters_of_several_tokens_are_whole(tmp_path: Path) -> None:
    tiny_tokenizer().save_pretrained(tmp_path)
    tokenizer = kept_tokenizer.make(tmp_path)
    text = "<|im_start|>user\nnaïve 🚲<|im_end|>"
    ids = tokenizer.ids_of(text)
    pieces = spelled(ids, tokenizer)
    assert "".join(piece.text for piece in pieces) == text
    assert [number for piece in pieces for number in piece.ids] == ids
    assert pieces[0] == Piece("<|im_start|>", (3,), True)
    assert pieces[0].tip == "token 3"
    wheel = next(piece for piece in pieces if piece.text == "🚲")
    assert len(wheel.ids) == 4
    assert wheel.tip.startswith("tokens ")
    assert spelled([], tokenizer) == []
