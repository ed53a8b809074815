"""How a byte-level tokenizer cuts a text before it merges, and by which name llama.cpp knows that way."""

from collections.abc import Iterator, Mapping
from typing import Any

# What ByteLevel cuts by where it is told to.
_GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_CLIPPED = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_WORDS = r"[^\r\n\p{L}\p{N}]?\p{L}+"
_CASED = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+{end}"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*{end}"
)
_REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_REST_WITH_SLASH = r" ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_DIGITS = r"\p{N}"

_LLAMA3 = rf"{_CLIPPED}|{_WORDS}|\p{{N}}{{1,3}}|{_REST}"
_QWEN2 = rf"{_CLIPPED}|{_WORDS}|\p{{N}}|{_REST}"
_QWEN35 = (
    rf"{_CLIPPED}|[^\r\n\p{{L}}\p{{N}}]?[\p{{L}}\p{{M}}]+|\p{{N}}"
    r"| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
_TEKKEN = "|".join((_CASED.replace("{end}", ""), r"\p{N}", _REST_WITH_SLASH))
_GPT4O = "|".join((_CASED.replace("{end}", f"{_CLIPPED}?"), r"\p{N}{1,3}", _REST_WITH_SLASH))

# Each by the patterns, and whether a piece that is a word of the vocabulary is taken whole. Where llama.cpp has several
# names for one way, the one that adds nothing by itself is taken.
_NAMES: Mapping[tuple[tuple[str, ...], bool], str] = {
    ((_GPT2,), False): "gpt-2",
    ((_DIGITS, _GPT2), False): "smollm",
    ((_LLAMA3,), True): "llama-bpe",
    ((_LLAMA3,), False): "dbrx",
    ((_QWEN2,), False): "qwen2",
    ((_QWEN35,), False): "qwen35",
    ((_TEKKEN,), True): "tekken",
    ((_GPT4O,), False): "gpt-4o",
}
# llama.cpp's own patterns for these know no marks above and below letters.
_WITHOUT_MARKS = ("tekken", "gpt-4o")


def note_of(name: str) -> str:
    """What llama.cpp cuts otherwise, as a sentence; empty where there is nothing to tell."""
    if name not in _WITHOUT_MARKS:
        return ""
    return "llama.cpp cuts words with marks above or below their letters otherwise: Hindi, Bengali, Tamil, Thai."


def name_of(tokenizer: Mapping[str, Any]) -> str:
    """The name, of a tokenizer.json whose model is BPE; empty where llama.cpp knows no such way."""
    patterns = tuple(_patterns(tokenizer.get("pre_tokenizer")))
    takes_whole = bool(tokenizer["model"].get("ignore_merges"))
    found = _NAMES.get((patterns, takes_whole), "")
    # A piece that is a word is what its merges come to, in all but a few vocabularies.
    return found or _NAMES.get((patterns, not takes_whole), "")


def is_of_bytes(tokenizer: Mapping[str, Any]) -> bool:
    """Whether its words are spelled in the letters that GPT-2 has for bytes."""
    return any(step.get("type") == "ByteLevel" for step in _steps(tokenizer.get("pre_tokenizer")))


def _patterns(step: Any) -> Iterator[str]:
    for each in _steps(step):
        match each.get("type"):
            case "Digits" if each.get("individual_digits"):
                yield _DIGITS
            case "Split":
                pattern = each.get("pattern") or {}
                if pattern.get("Regex") == _DIGITS or each.get("behavior") in ("Isolated", "Removed"):
                    yield _normal(str(pattern.get("Regex", pattern.get("String", ""))))
                else:
                    yield "?"
            case "ByteLevel":
                if each.get("use_regex", True):
                    yield _GPT2
                if each.get("add_prefix_space"):
                    yield "a space first"
            case other:
                yield str(other)


def _normal(pattern: str) -> str:
    """A pattern as it is written here; tiktoken's has possessive repeats, which cut the same."""
    return pattern.replace("]?+", "]?").replace("]++", "]+").replace("(?i:[sdmt]|ll|ve|re)", _CLIPPED)


def _steps(step: Any) -> Iterator[Mapping[str, Any]]:
    """A pre-tokenizer's steps in their order, those within a sequence one by one."""
    if not isinstance(step, dict):
        return
    if step.get("type") == "Sequence":
        for each in step.get("pretokenizers") or ():
            yield from _steps(each)
    else:
        yield step
