"""A tokenizer as llama.cpp reads it from a GGUF file: words, scores, merges, special tokens, chat template."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gguf import GGUFWriter, TokenType

from workbench.core.llamacpp import splits
from workbench.core.problems import UserError, shown
from workbench.core.tokens.templates.chat_template import ChatTemplate, TemplateFailure
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.core.units import grouped

_BYTES = 256
_OF_PHI3 = ("</s>", "<unk>", "<s>", "<|endoftext|>")  # which llama.cpp looks up where it takes a model for one
_SPACE = "▁"  # stands for a space in SentencePiece's words
_REMEDY = "Export the merged model instead: transformers, vLLM and others read its tokenizer as it is."
# llama.cpp wants a list of merges where there are none, and the writer leaves out an empty one: no text has these.
_NO_MERGE = "[PAD0] [PAD0]"
# Less likely than any word, so that nothing is merged into it.
_NEVER = -1e9


@dataclass(frozen=True)
class Vocabulary:
    """All that is written of a tokenizer.

    Attributes:
        model: Which of llama.cpp's tokenizers: "gpt2" merges bytes by rank, "llama" merges letters by score, "t5"
            takes the likeliest of all ways to cut.
        pre: How a text is cut before that.
        words: By their ids, one for each row of the embeddings.
        adds_space: A space is put before a text.
        strips: White space behind special tokens goes, as with Phi-3.
        notes: What llama.cpp does otherwise, each a sentence.
    """

    model: str
    pre: str
    words: tuple[str, ...]
    types: tuple[TokenType, ...]
    scores: tuple[float, ...]
    merges: tuple[str, ...]
    special: Mapping[str, int]
    ends: tuple[int, ...]
    adds_start: bool
    adds_end: bool
    adds_space: bool
    strips: bool
    squeezes_spaces: bool
    character_map: bytes
    templates: Mapping[str, str]
    notes: tuple[str, ...]

    def write(self, writer: GGUFWriter) -> None:
        writer.add_tokenizer_model(self.model)
        writer.add_tokenizer_pre(self.pre)
        writer.add_token_list(self.words)
        if self.scores:
            writer.add_token_scores(self.scores)
        writer.add_token_types(self.types)
        if self.model == "gpt2":
            writer.add_token_merges(self.merges or (_NO_MERGE,))
        add = {
            "bos_token": writer.add_bos_token_id,
            "eos_token": writer.add_eos_token_id,
            "unk_token": writer.add_unk_token_id,
            "sep_token": writer.add_sep_token_id,
            "pad_token": writer.add_pad_token_id,
        }
        for name, number in self.special.items():
            if name in add:
                add[name](number)
        others = [end for end in self.ends if end != self.special.get("eos_token")]
        if others:
            writer.add_eot_token_id(others[0])
        writer.add_add_bos_token(self.adds_start)
        writer.add_add_eos_token(self.adds_end)
        if self.model != "gpt2":
            writer.add_add_space_prefix(self.adds_space)
        if self.model == "t5":
            writer.add_remove_extra_whitespaces(self.squeezes_spaces)
            if self.character_map:
                writer.add_precompiled_charsmap(self.character_map)
        named = [{"name": name, "template": source} for name, source in sorted(self.templates.items())]
        if named:
            writer.add_chat_template(named)


def read(tokenizer: TextTokenizer, rows: int) -> Vocabulary:
    """A tokenizer for embeddings of that many rows. Raises UserError for one that llama.cpp cannot do."""
    said = tokenizer.description()
    model = said["model"]
    if tokenizer.vocabulary_size > rows:
        raise UserError(
            f"Its tokenizer has {grouped(tokenizer.vocabulary_size)} tokens and its embeddings have {grouped(rows)} "
            "rows.",
            why="llama.cpp refuses a file in which a token has no row.",
            remedy=_REMEDY,
        )
    words, types = _words(said, tokenizer, rows)
    kind, notes = model.get("type"), list[str]()
    scores, merges = list[float](), list[str]()
    pre, adds_space, squeezes, character_map = "default", False, False, b""
    if kind == "BPE" and splits.is_of_bytes(said):
        name, pre = "gpt2", splits.name_of(said)
        if not pre:
            raise UserError(
                "Its tokenizer cuts texts in a way that this program has no name of llama.cpp's for.", remedy=_REMEDY
            )
        merges = [f"{left} {right}" for left, right in _merges(model)]
        notes += filter(None, [splits.note_of(pre)])
    elif kind == "BPE":
        if types.count(TokenType.BYTE) < _BYTES:
            raise UserError(
                "Its tokenizer has no tokens for bytes, without which llama.cpp stops at a letter that it lacks.",
                remedy=_REMEDY,
            )
        name, scores = "llama", _scores(model, words)
        adds_space, otherwise = _space(said, tokenizer)
        notes += filter(None, [otherwise])
    elif kind == "Unigram":
        name, scores = "t5", [float(score) for _, score in model["vocab"]]
        scores += [_NEVER] * (rows - len(scores))
        adds_space, _ = _space(said, tokenizer)
        squeezes, character_map, otherwise = _normalizing(said.get("normalizer"))
        notes += filter(None, [otherwise])
    else:
        raise UserError(
            f'Its tokenizer is of a kind that llama.cpp has no like of: "{shown(str(kind))}".', remedy=_REMEDY
        )
    if _recomposes(said.get("normalizer")):
        notes.append(
            "Its tokenizer composes letters with accents before it splits (NFC), llama.cpp takes them as they come: "
            "texts that spell an accent as a character of its own get other tokens."
        )
    if name == "t5" and model.get("byte_fallback"):
        notes.append("llama.cpp has one unknown token for letters that its tokenizer spells in bytes.")
    special_tokens = [token for token in said.get("added_tokens") or () if token.get("special")]
    strips = sum(bool(token.get("rstrip")) for token in special_tokens) > len(special_tokens) / 2
    strips = strips and all(tokenizer.id_of(token) is not None for token in _OF_PHI3)
    if not strips and any(token.get("rstrip") for token in special_tokens):
        notes.append("White space behind some special tokens is dropped by its tokenizer, and kept by llama.cpp.")
    facts = tokenizer.facts
    special = {name: tokenizer.id_of(text) for name, text in facts.special_tokens.items()}
    return Vocabulary(
        model=name,
        pre=pre,
        words=tuple(words),
        types=tuple(types),
        scores=tuple(scores),
        merges=tuple(merges),
        special={key: number for key, number in special.items() if number is not None},
        ends=tuple(sorted(tokenizer.ends)),
        adds_start=bool(tokenizer.adds_before),
        adds_end=bool(tokenizer.adds_after),
        adds_space=adds_space,
        strips=strips,
        squeezes_spaces=squeezes,
        character_map=character_map,
        templates=facts.templates,
        notes=tuple(notes),
    )


def _words(said: Mapping[str, Any], tokenizer: TextTokenizer, rows: int) -> tuple[list[str], list[TokenType]]:
    """The words by their ids and what each is; rows that no token has get a name that no text has."""
    model = said["model"]
    words = [f"[PAD{number}]" for number in range(rows)]
    types = [TokenType.UNUSED] * rows
    vocabulary = model["vocab"]
    listed = (
        vocabulary.items() if isinstance(vocabulary, dict) else ((word, at) for at, (word, _) in enumerate(vocabulary))
    )
    for word, number in listed:
        is_byte = bool(model.get("byte_fallback")) and len(word) == 6 and word.startswith("<0x") and word.endswith(">")
        words[number], types[number] = word, TokenType.BYTE if is_byte else TokenType.NORMAL
    spells_spaces = not splits.is_of_bytes(said)
    for token in said.get("added_tokens") or ():
        number, word = token["id"], token["content"]
        # SentencePiece's own are normalised before llama.cpp looks for them in a text.
        is_special = bool(token.get("special"))
        words[number] = word.replace(_SPACE, " ") if spells_spaces and not is_special else word
        types[number] = TokenType.CONTROL if is_special else TokenType.USER_DEFINED
    unknown = tokenizer.unknown_id
    if unknown is None and isinstance(model.get("unk_id"), int):
        unknown = model["unk_id"]
    if unknown is not None:
        types[unknown] = TokenType.UNKNOWN
    return words, types


def _merges(model: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The merges in their order; older files have each as one text."""
    found = []
    for merge in model.get("merges") or ():
        left, right = merge if isinstance(merge, list) else merge.split(" ", 1)
        found.append((left, right))
    return found


def _scores(model: Mapping[str, Any], words: list[str]) -> list[float]:
    """Scores under which merging the likeliest first does what the merges say: a word's is that of its first merge."""
    ranks: dict[str, int] = {}
    for rank, (left, right) in enumerate(_merges(model)):
        ranks.setdefault(left + right, rank)
    return [-float(ranks[word]) if word in ranks else _NEVER for word in words]


def _space(said: Mapping[str, Any], tokenizer: TextTokenizer) -> tuple[bool, str]:
    """Whether a space is put before a text, and what llama.cpp does otherwise.

    llama.cpp puts it also behind each special token, as the older way of doing it does. Newer tokenizers put it at the
    very start alone, where a chat has a special token: there none is put.
    """
    normalizers = _parts(said.get("normalizer"), "normalizers")
    if any(step.get("type") == "Prepend" and step.get("prepend") == _SPACE for step in normalizers):
        return True, ""
    cutters = _parts(said.get("pre_tokenizer"), "pretokenizers")
    scheme = next(
        (step.get("prepend_scheme", "always") for step in cutters if step.get("type") == "Metaspace"), "never"
    )
    if scheme == "first" and _begins_special(tokenizer):
        return False, "Its tokenizer puts a space before a text that is not a chat, and llama.cpp does not."
    if scheme == "never":
        return False, ""
    return True, "llama.cpp puts a space also before a text that begins with one, and its tokenizer does not."


def _begins_special(tokenizer: TextTokenizer) -> bool:
    """Whether a chat begins with a special token."""
    source = tokenizer.facts.templates.get("default", "")
    try:
        template = ChatTemplate(source, tokenizer.facts.special_tokens)
        text = template.render([{"role": "user", "content": "a"}], for_answer=True).text
    except TemplateFailure:
        return False
    return text.startswith(tokenizer.special_texts)


def _normalizing(normalizer: Any) -> tuple[bool, bytes, str]:
    """Whether runs of spaces become one and those at the ends go, the map of characters that SentencePiece has
    compiled, and what llama.cpp does otherwise."""
    squeezes = strips = False
    character_map = b""
    for step in _parts(normalizer, "normalizers"):
        pattern = step.get("pattern") or {}
        if step.get("type") == "Precompiled":
            character_map = base64.b64decode(step["precompiled_charsmap"])
        squeezes |= step.get("type") == "Replace" and pattern.get("Regex") in (" {2,}", r"\s+", " +")
        strips |= step.get("type") == "Strip"
    if squeezes == strips:
        return squeezes, character_map, ""
    return False, character_map, "llama.cpp keeps runs of spaces and those at the ends of a text as they are."


def _recomposes(normalizer: Any) -> bool:
    return any(step.get("type") in ("NFC", "NFKC") for step in _parts(normalizer, "normalizers"))


def _parts(step: Any, within: str) -> list[Mapping[str, Any]]:
    """The steps of a sequence, one by one, or the one step that there is."""
    if not isinstance(step, dict):
        return []
    if step.get("type") == "Sequence":
        return [part for each in step.get(within) or () for part in _parts(each, within)]
    return [step]
