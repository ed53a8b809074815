"""What a chat finds of texts and strengths, as the views are given it."""

import math
from collections.abc import Sequence

from workbench.core.job.chat_kinds import Answered, Likely, StrengthMeasured, TextScored, TokenScore

BASE, ADAPTER = "b" * 64, "a" * 64


def token(number: int, text: str, probability: float, others: Sequence[tuple[int, str, float]] = ()) -> TokenScore:
    """A token among the likeliest, of which `others` are the rest."""
    likely = [Likely(number, text, math.log(probability))]
    likely += [Likely(other, words, math.log(share)) for other, words, share in others]
    likely.sort(key=lambda entry: -entry.log_probability)
    return TokenScore(number, text, math.log(probability), likely[:10])


def scored(side: str, tokens: Sequence[TokenScore], number: int = 1) -> TextScored:
    is_base = side == "base"
    return TextScored(
        number=number,
        side=side,
        sent="<|im_start|>user\nHello",
        tokens=list(tokens),
        seconds=0.2,
        peak_bytes=1000,
        base_hash=BASE,
        adapter_sha256="" if is_base else ADAPTER,
        strength=0.0 if is_base else 1.0,
    )


def measured(
    strength: float, *, loss: float | None = None, right: int | None = None, number: int = 1
) -> StrengthMeasured:
    return StrengthMeasured(
        number=number,
        side="tuned",
        loss=loss,
        right=right,
        rows=40,
        seconds=2.0,
        peak_bytes=1000,
        base_hash=BASE,
        adapter_sha256=ADAPTER if strength else "",
        strength=strength,
    )


def answered(strength: float, text: str, number: int = 1) -> Answered:
    ids = list(range(len(text.split())))
    return Answered(
        number=number,
        side="tuned",
        prompt="Hello",
        text=text,
        ids=ids,
        finish="end",
        seconds=1.0,
        first_token_seconds=0.1,
        peak_bytes=1000,
        base_hash=BASE,
        adapter_sha256=ADAPTER if strength else "",
        strength=strength,
    )
