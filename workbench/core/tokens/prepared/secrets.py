"""Texts that hold what looks like a key or a card number: told, never taken out."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class _Pattern(NamedTuple):
    """What one kind of key looks like; `marks` are texts of which each such key has one, and few others have any."""

    title: str
    marks: tuple[str, ...]
    regex: re.Pattern[str]


# As those who give the keys out describe them: docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html,
# docs.github.com/authentication (token formats), platform.openai.com, docs.anthropic.com, huggingface.co/docs/hub,
# api.slack.com/authentication/token-types, cloud.google.com/docs/authentication/api-keys, docs.stripe.com/keys.
_PATTERNS = (
    _Pattern("an AWS key", ("AKIA", "ASIA"), re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    _Pattern(
        "a GitHub token",
        ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})"),
    ),
    _Pattern("an API key", ("sk-",), re.compile(r"\bsk-(?:[a-z]+-)*[A-Za-z0-9_-]{20,}")),
    _Pattern("a Hugging Face token", ("hf_",), re.compile(r"\bhf_[A-Za-z0-9]{30,}\b")),
    _Pattern("a Slack token", ("xox",), re.compile(r"\bxox[abps]-[0-9A-Za-z-]{20,}")),
    _Pattern("a Google key", ("AIza",), re.compile(r"\bAIza[0-9A-Za-z_-]{35}")),
    _Pattern("a Stripe key", ("_live_",), re.compile(r"\b[sr]k_live_[0-9A-Za-z]{20,}")),
    _Pattern("a private key", ("PRIVATE KEY",), re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----")),
)
_CARD = re.compile(r"(?<![\d.,-])\d(?:[ -]?\d){12,18}(?![\d.,-]*\d)")
# First digits and lengths of cards in use: Visa, Mastercard, American Express, Discover, Diners, JCB.
_ISSUED = re.compile(
    r"4\d{12}(?:\d{3})?(?:\d{3})?|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}|35(?:2[89]|[3-8]\d)\d{12}"
)
CARD, LEAST_DIGITS = "a card number", 13


def secrets_in(texts: Sequence[str]) -> list[list[str]]:
    """What each text seems to hold, such as "an AWS key", each once; empty for nearly all texts, which is quick."""
    together = "\n".join(texts)
    patterns = [pattern for pattern in _PATTERNS if any(mark in together for mark in pattern.marks)]
    has_digits = _with_digits(texts).tolist()
    return [_secrets(text, patterns, digits) for text, digits in zip(texts, has_digits, strict=True)]


def _secrets(text: str, patterns: Sequence[_Pattern], has_digits: bool) -> list[str]:
    found = [pattern.title for pattern in patterns if pattern.regex.search(text)]
    if has_digits and any(_is_card(match.group()) for match in _CARD.finditer(text)):
        found.append(CARD)
    return found


def _with_digits(texts: Sequence[str]) -> NDArray[np.bool_]:
    """Which texts have as many digits as a card number, shape (texts,)."""
    coded = [text.encode("utf-8", "surrogatepass") for text in texts]
    digits = np.frombuffer(b"".join(coded), np.uint8) - np.uint8(ord("0")) < 10
    before = np.concatenate([[0], np.cumsum(digits, dtype=np.int64)])
    return np.asarray(np.diff(before[np.cumsum([0, *map(len, coded)])]) >= LEAST_DIGITS)


def _is_card(text: str) -> bool:
    digits = [int(letter) for letter in text if letter.isdecimal()]
    number = "".join(map(str, digits))
    if len(set(number)) == 1 or not _ISSUED.fullmatch(number):
        return False
    doubled = [digit if place % 2 == 0 else digit * 2 - 9 * (digit > 4) for place, digit in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0  # ISO/IEC 7812: Luhn's check digit
