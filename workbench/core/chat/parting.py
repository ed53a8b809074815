"""Where two sides part on one text: the tokens at which they would have gone on otherwise."""

from workbench.core.job.chat_kinds import TextScored


def parting(first: TextScored, second: TextScored) -> tuple[int, ...]:
    """The places, from 0, whose likeliest token is another for each; none where the texts' tokens are not the same."""
    if [token.id for token in first.tokens] != [token.id for token in second.tokens]:
        return ()
    return tuple(
        place
        for place, (one, other) in enumerate(zip(first.tokens, second.tokens, strict=True))
        if one.likeliest[0].id != other.likeliest[0].id
    )
