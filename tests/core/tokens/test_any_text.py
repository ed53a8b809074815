"""Whatever stands in a turn, exactly the answer is learned: by tokenizers of bytes and by SentencePiece's kind."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from tests.core.tokens.test_tokenizing import learned_text, recipe_of
from tests.core.tokens.tokenizers_made import CHATML, byte_tokenizer
from tests.core.tokens.wild_templates import WILD, source
from workbench.core.data.row import DataRow
from workbench.core.tokens.tokenizer import TextTokenizer, TokenizerFacts
from workbench.core.tokens.tokenizing import RowTokenizer

TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Co"), exclude_characters="<|>\0"), min_size=1, max_size=40
).filter(str.strip)
BYTES = {name: RowTokenizer(byte_tokenizer(CHATML if name else ""), recipe_of()) for name in ("chatml", "")}
QWEN = RowTokenizer(WILD["qwen3"].tokenizer("qwen3"), recipe_of())
PIECES = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁", *map(chr, range(33, 127))]
MERGES = [("▁", "B"), ("l", "u"), ("▁B", "lu"), ("]", "▁B")]


def turns(*texts: str) -> DataRow:
    roles = ("user", "assistant") * len(texts)
    return DataRow(turns=tuple({"role": role, "content": text} for role, text in zip(roles, texts, strict=False)))


@given(st.lists(TEXTS, min_size=4, max_size=4))
@settings(max_examples=150, deadline=None)
def test_that_exactly_the_answers_are_learned(texts: list[str]) -> None:
    tokenizer = BYTES["chatml"]
    ((made,),) = tokenizer.rows([turns(*texts)])
    learned = tokenizer.tokenizer.decode(made.ids[made.trained].tolist())
    assert learned == f"{texts[1]}<|im_end|>\n{texts[3]}<|im_end|>\n"
    assert tokenizer.tokenizer.decode(made.ids.tolist()) == made.text


@given(TEXTS, TEXTS)
@settings(max_examples=100, deadline=None)
def test_that_exactly_the_completion_is_learned_where_no_template_is(prompt: str, completion: str) -> None:
    tokenizer = BYTES[""]
    ((made,),) = tokenizer.rows([turns(prompt, completion)])
    assert tokenizer.tokenizer.decode(made.ids[made.trained].tolist()) == f"{completion}<|im_end|>"
    assert tokenizer.ask(turns(prompt).turns[:1]).ids == made.ids[: int(made.trained.argmax())].tolist()


@given(st.lists(TEXTS, min_size=4, max_size=4))
@settings(max_examples=100, deadline=None)
def test_that_answers_of_a_template_that_changes_earlier_text_are_learned_as_they_are_asked_for(
    texts: list[str],
) -> None:
    (made,) = QWEN.rows([turns(*texts)])
    assert isinstance(made, list)
    for row, text in zip(made, (texts[1], texts[3]), strict=True):
        learned = QWEN.tokenizer.decode(row.ids[row.trained].tolist())
        assert learned.removeprefix("<think>\n\n</think>\n\n").strip("\n") == f"{text.lstrip(chr(10))}<|im_end|>"


def sentence_pieces(kind: str) -> TextTokenizer:
    """Of BPE with falling back to bytes, that writes a space as ▁ and one before a text, in each way there is."""
    words = dict.fromkeys([*PIECES, *(left + right for left, right in MERGES)])
    backend = Tokenizer(
        models.BPE(
            {word: place for place, word in enumerate(words)},
            MERGES,
            unk_token="<unk>",
            byte_fallback=True,
            fuse_unk=True,
        )
    )
    if kind == "normalizer":
        backend.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    else:
        scheme: Any = kind
        backend.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=False)
    backend.add_special_tokens(["<unk>", "<s>", "</s>"])
    named = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    return TextTokenizer(backend, TokenizerFacts(named, templates={"default": source("llama-2")}))


@pytest.mark.parametrize("kind", ["normalizer", "first", "always", "never"])
@pytest.mark.parametrize(
    ("template", "learned"),
    [
        ("", " Blue 🙂 </s>| 🙂Blue </s>"),
        ("mistral", "Blue 🙂</s>|🙂Blue</s>"),
        ("plain", "Blue 🙂</s>\n\n|🙂Blue</s>\n\n"),
    ],
)
def test_that_a_space_written_as_a_sign_and_bytes_of_one_character_fall_on_the_right_side(
    kind: str, template: str, learned: str
) -> None:
    tokenizer = RowTokenizer(sentence_pieces(kind), recipe_of(template=template))
    row = turns("Sky 🙂?", "Blue 🙂", "And?", "🙂Blue")
    ((made,),) = tokenizer.rows([row])
    assert learned_text(made) == learned
    assert tokenizer.ask(row.turns[:1]).ids == made.ids[: int(made.trained.argmax())].tolist()
    assert not made.findings
