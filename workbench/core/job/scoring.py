"""What else is asked of a chat: how likely it holds a text, token by token, and how well it does by strength."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from workbench.core.job.question import MOST_NEW_TOKENS, MOST_STRENGTH, Asking

Strength = Annotated[float, Field(ge=0, le=MOST_STRENGTH, allow_inf_nan=False)]
MeasuredBy = Literal["perplexity", "match"]


class Scoring(BaseModel):
    """An answer whose tokens are looked at as each side, at each strength, holds them likely.

    Attributes:
        number: Of the chat, from 1; among those of the questions each one's own.
        prompt: What the answer answers.
        text: The answer; made into tokens as a training does, with its end.
        system: What the model is told before the prompt; None tells it what its run did.
        template: The chat template around both; None takes the run's.
        sent: What the model is given, as the ids that were sent with a question; made of the prompt where none are.
        ids: The answer as the ids that were generated, in place of `text`.
        sides: Whose; all where none is named.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    number: int = Field(ge=1)
    prompt: Asking
    text: str = ""
    system: str | None = None
    template: str | None = None
    sent: tuple[int, ...] = ()
    ids: tuple[int, ...] = ()
    sides: tuple[str, ...] = ()
    strengths: tuple[Strength, ...] = Field(default=(1.0,), min_length=1)

    @model_validator(mode="after")
    def _has_both_or_none(self) -> Self:
        if bool(self.sent) != bool(self.ids):
            raise ValueError("what was sent and what was answered are given as ids both, or neither")
        return self


class Measurement(BaseModel):
    """How well a side does on the held-out rows of its run at several strengths.

    Attributes:
        number: As a scoring's.
        by: The perplexity of the answers there, or how many answers equal those.
        max_tokens: Of an answer, where answers are compared.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    number: int = Field(ge=1)
    side: str
    strengths: tuple[Strength, ...] = Field(min_length=1)
    by: MeasuredBy = "perplexity"
    max_tokens: int = Field(default=256, ge=1, le=MOST_NEW_TOKENS)
