"""Tokenizers as llama.cpp reads them: the right one, the right cut, every row a word, every special token marked."""

import json
from typing import Any

import pytest
from gguf import TokenType
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from tests.core.llamacpp.conftest import byte_tokenizer
from workbench.core.llamacpp import splits, vocabulary
from workbench.core.problems import UserError
from workbench.core.tokens.tokenizer import TextTokenizer, TokenizerFacts

_LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
_BYTES = pre_tokenizers.ByteLevel(add_prefix_space=False)


def _described(cut: Any, *, ignores_merges: bool = False) -> dict[str, Any]:
    backend = Tokenizer(models.BPE(vocab={"a": 0}, merges=[], ignore_merges=ignores_merges))
    backend.pre_tokenizer = cut
    return dict(json.loads(backend.to_str()))


def _cut_by(pattern: str) -> Any:
    split = pre_tokenizers.Split(Regex(pattern), "isolated")
    return pre_tokenizers.Sequence([split, pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])


def _sentencepiece(*, byte_fallback: bool = True) -> Tokenizer:
    words = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", "a", "b", "ab", "▁ab"]
    model = models.BPE(
        vocab={word: at for at, word in enumerate(words)},
        merges=[("a", "b"), ("▁", "ab")],
        unk_token="<unk>",
        byte_fallback=byte_fallback,
    )
    backend = Tokenizer(model)
    backend.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    backend.add_special_tokens(["<unk>", "<s>", "</s>"])
    return backend


def test_that_the_cut_is_known_by_what_it_does() -> None:
    digits = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), _BYTES])
    assert splits.name_of(_described(_BYTES)) == "gpt-2"
    assert splits.name_of(_described(digits)) == "smollm"
    assert splits.name_of(_described(_cut_by(_LLAMA3), ignores_merges=True)) == "llama-bpe"
    assert splits.name_of(_described(_cut_by(_LLAMA3))) == "dbrx"
    assert splits.name_of(_described(_cut_by(_LLAMA3.replace("{1,3}", "")))) == "qwen2"
    assert splits.name_of(_described(_cut_by(r"\w+"))) == ""
    assert splits.name_of(_described(pre_tokenizers.ByteLevel(add_prefix_space=True))) == ""


def test_that_a_cut_without_a_name_is_refused() -> None:
    backend = Tokenizer(models.BPE(vocab={"a": 0}, merges=[]))
    backend.pre_tokenizer = _cut_by(r"\w+")
    with pytest.raises(UserError, match="cuts texts in a way"):
        vocabulary.read(TextTokenizer(backend, TokenizerFacts()), 1)


def test_that_each_row_has_a_word_and_special_tokens_are_marked() -> None:
    found = vocabulary.read(byte_tokenizer(), 288)
    assert (found.model, found.pre, len(found.words), len(found.types)) == ("gpt2", "gpt-2", 288, 288)
    assert found.words[:4] == ("<pad>", "<s>", "<|im_end|>", "<|im_start|>")
    assert set(found.types[:4]) == {TokenType.CONTROL}
    assert found.words[-1] == "[PAD287]"
    assert found.types[-1] == TokenType.UNUSED
    assert found.special == {"bos_token": 1, "eos_token": 2, "pad_token": 0}


def test_that_a_tokenizer_of_more_tokens_than_rows_is_refused() -> None:
    with pytest.raises(UserError, match="has 260 tokens and its embeddings have 259 rows"):
        vocabulary.read(byte_tokenizer(), 259)


def test_that_merges_become_scores() -> None:
    facts = TokenizerFacts({"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"})
    found = vocabulary.read(TextTokenizer(_sentencepiece(), facts), 264)
    assert (found.model, found.adds_space) == ("llama", True)
    scores = dict(zip(found.words, found.scores, strict=True))
    assert scores["ab"] > scores["▁ab"] > scores["a"]
    assert found.types[0] == TokenType.UNKNOWN
    assert found.types.count(TokenType.BYTE) == 256


def test_that_a_tokenizer_without_bytes_is_refused() -> None:
    backend = _sentencepiece(byte_fallback=False)
    with pytest.raises(UserError, match="no tokens for bytes"):
        vocabulary.read(TextTokenizer(backend, TokenizerFacts()), 264)


def test_that_the_likeliest_cut_is_kept_as_such() -> None:
    backend = Tokenizer(models.Unigram([("<unk>", 0.0), ("▁a", -1.0), ("b", -2.0)], 0))
    backend.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    found = vocabulary.read(TextTokenizer(backend, TokenizerFacts()), 5)
    assert (found.model, found.scores[:3], found.adds_space) == ("t5", (0.0, -1.0, -2.0), True)
    assert found.types[0] == TokenType.UNKNOWN
    assert len(found.notes) == 2


def test_that_a_kind_of_tokenizer_without_a_like_is_named() -> None:
    backend = Tokenizer(models.WordPiece({"a": 0, "[UNK]": 1}, unk_token="[UNK]"))
    with pytest.raises(UserError, match='"WordPiece"'):
        vocabulary.read(TextTokenizer(backend, TokenizerFacts()), 2)


def test_that_a_space_is_put_where_the_tokenizer_puts_one() -> None:
    def read(scheme: str, template: str = "") -> vocabulary.Vocabulary:
        backend = _sentencepiece()
        backend.normalizer = normalizers.Sequence([])
        backend.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=False)
        facts = TokenizerFacts({"bos_token": "<s>"}, templates={"default": template} if template else {})
        return vocabulary.read(TextTokenizer(backend, facts), 264)

    chat = "{{ bos_token }}{% for m in messages %}{{ m['content'] }}{% endfor %}"
    assert read("always").adds_space
    assert not read("never").adds_space
    assert read("never").notes == ()
    assert read("first", chat.removeprefix("{{ bos_token }}")).adds_space
    assert not read("first", chat).adds_space
    assert "not a chat" in read("first", chat).notes[0]
