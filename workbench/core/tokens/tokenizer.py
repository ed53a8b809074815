"""A model's tokenizer without transformers: ids and offsets in batches, and what it puts around a text by itself."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from tokenizers import Encoding, Tokenizer


@dataclass(frozen=True)
class TokenizerFacts:
    """What transformers makes of a tokenizer's files beside what splits a text.

    Attributes:
        special_tokens: As chat templates are given them, such as {"bos_token": "<s>"}.
        end_ids: Tokens that end an answer: the tokenizer's own and those of the model's generation_config.json.
        templates: The chat templates by name; a single one is called "default".
        longest: Tokens that it says a text may have; 0 where it says nothing.
        embedding_rows: Of the model, by its config.json; 0 where that does not say.
        splits_special: Special tokens in a text are split like any other text.
        sha256: Of the files it was made from; empty where it was made from none.
    """

    special_tokens: Mapping[str, str] = field(default_factory=dict)
    end_ids: tuple[int, ...] = ()
    templates: Mapping[str, str] = field(default_factory=dict)
    longest: int = 0
    embedding_rows: int = 0
    splits_special: bool = False
    sha256: str = ""


# What stands for the bytes of a letter that is not whole.
_BROKEN = "\ufffd"
# Tokens before one that decide how it is spelled: a word's first may have lost its space.
_NEAR = 2


class TextTokenizer:
    """Splits texts as the model's own tokenizer does.

    Attributes:
        facts: What it says of itself.
        vocabulary_size: Every id is below it.
        adds_before: Ids that it puts before a text by itself, such as that of <s>.
        adds_after: Ids that it puts behind a text by itself.
        ends: The ids that end an answer.
    """

    def __init__(self, backend: Tokenizer, facts: TokenizerFacts) -> None:
        backend.no_truncation()
        backend.no_padding()
        backend.encode_special_tokens = facts.splits_special
        self.facts = facts
        self._backend = backend
        vocabulary = backend.get_vocab(with_added_tokens=True)
        self.vocabulary_size = max(vocabulary.values(), default=-1) + 1
        added = {number: token for number, token in backend.get_added_tokens_decoder().items() if token.special}
        named = {vocabulary[text] for text in facts.special_tokens.values() if text in vocabulary}
        self._special = np.zeros(self.vocabulary_size + 1, np.bool_)
        self._special[[*added, *named]] = True
        # Texts that a special token stands for wherever they occur.
        self.special_texts = tuple(sorted({token.content for token in added.values()}))
        self.adds_before, self.adds_after = self._added()
        self.ends = frozenset(facts.end_ids if self.eos_id is None else (*facts.end_ids, self.eos_id))

    @property
    def bos(self) -> str:
        return self.facts.special_tokens.get("bos_token", "")

    @property
    def eos(self) -> str:
        return self.facts.special_tokens.get("eos_token", "")

    @property
    def pad(self) -> str:
        """What fills a batch: the tokenizer's padding token, else its end, else its unknown token."""
        names = ("pad_token", "eos_token", "unk_token")
        return next((text for name in names if (text := self.facts.special_tokens.get(name))), "")

    @property
    def eos_id(self) -> int | None:
        return self.id_of(self.eos)

    @property
    def pad_id(self) -> int | None:
        return self.id_of(self.pad)

    @property
    def unknown_id(self) -> int | None:
        """The id of the token for what it does not know; None where a byte or another special token stands for it."""
        text = self.facts.special_tokens.get("unk_token", "")
        return (
            None if text in (self.bos, self.eos, self.facts.special_tokens.get("pad_token", "")) else self.id_of(text)
        )

    def id_of(self, token: str) -> int | None:
        """None where it has no such token."""
        return self._backend.token_to_id(token) if token else None

    def is_special(self, ids: np.ndarray) -> np.ndarray:
        """Of ids of any shape, which are special tokens: bool array of that shape."""
        return np.asarray(self._special[np.minimum(ids, self.vocabulary_size)])

    # -- texts ---------------------------------------------------------------------------------------------------------

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """The texts as tokens with offsets in characters, nothing added; in parallel, without Python's lock."""
        return self._backend.encode_batch(list(texts), add_special_tokens=False)

    def ids_of(self, text: str) -> list[int]:
        """One text as ids, nothing added."""
        return list(self._backend.encode(text, add_special_tokens=False).ids)

    def counts(self, texts: Sequence[str]) -> list[int]:
        """How many tokens each text is, nothing added."""
        return [len(encoding) for encoding in self._backend.encode_batch_fast(list(texts), add_special_tokens=False)]

    def token(self, number: int) -> str:
        """The token as the vocabulary spells it, such as "Ġblue"; empty where the id is of none."""
        return self._backend.id_to_token(number) or ""

    def description(self) -> dict[str, Any]:
        """What a tokenizer.json says of it, parsed."""
        said: dict[str, Any] = json.loads(self._backend.to_str())
        return said

    def decode(self, ids: Sequence[int]) -> str:
        return str(self._backend.decode(list(ids), skip_special_tokens=False))

    def next_text(self, before: Sequence[int], number: int) -> str:
        """What a token adds to the text of those before it; of one that adds no whole letter, as `token` spells it."""
        near = list(before[-_NEAR:])
        told, text = self.decode(near), self.decode([*near, number])
        added = text[len(told) :] if text.startswith(told) else ""
        return added if added and _BROKEN not in added else self.token(number)

    def _added(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What its post-processor puts before and behind a text."""
        given = self._backend.encode("a", add_special_tokens=True)
        own = [place for place, sequence in enumerate(given.sequence_ids) if sequence is not None]
        if not own:
            return (), ()
        return tuple(given.ids[: own[0]]), tuple(given.ids[own[-1] + 1 :])
