"""Two sides part where another token is the likeliest for each."""

from workbench.core.chat.parting import parting
from workbench.core.job.chat_kinds import Likely, TextScored, TokenScore


def scored(*tokens: tuple[int, int]) -> TextScored:
    """Of tokens with their ids and the likeliest in their places."""
    return TextScored(
        number=1,
        side="base",
        sent="",
        tokens=[TokenScore(token, "", -1.0, [Likely(best, "", -0.5)]) for token, best in tokens],
        seconds=0,
        peak_bytes=0,
        base_hash="",
        adapter_sha256="",
        strength=0,
    )


def test_that_they_part_where_the_likeliest_differ() -> None:
    assert parting(scored((1, 1), (2, 5), (3, 3)), scored((1, 1), (2, 2), (3, 4))) == (1, 2)
    assert parting(scored((1, 7)), scored((1, 7))) == ()


def test_that_texts_of_other_tokens_are_not_compared() -> None:
    assert parting(scored((1, 1)), scored((2, 5))) == ()
    assert parting(scored((1, 1)), scored((1, 2), (2, 2))) == ()
