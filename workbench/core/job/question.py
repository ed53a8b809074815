"""What is asked of a chat: prompts for its sides, and how they are to answer."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

LARGEST_SEED = 2_147_483_647
MOST_STRENGTH = 1.5
MOST_NEW_TOKENS = 8192


class AnswerSettings(BaseModel):
    """How answers are made.

    Attributes:
        strength: What the adapter's scale is multiplied by; at 0 the base answers.
        temperature: At 0 always the likeliest token is taken.
        top_p: Tokens are drawn from the likeliest that share this probability.
        top_k: Tokens are drawn from this many of the likeliest; 0 from all.
        repetition_penalty: What the scores of tokens that stand there already are divided by; 1 leaves them.
        stop: Texts that end an answer; they are not part of it.
        system: What the model is told before the question; None tells it what its run did.
        template: The chat template around it, as data.template of a recipe names one; None takes the run's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    strength: float = Field(default=1.0, ge=0, le=MOST_STRENGTH)
    temperature: float = Field(default=0.0, ge=0, le=10)
    top_p: float = Field(default=1.0, gt=0, le=1)
    top_k: int = Field(default=0, ge=0)
    repetition_penalty: float = Field(default=1.0, gt=0, le=10)
    max_tokens: int = Field(default=256, ge=1, le=MOST_NEW_TOKENS)
    seed: int = Field(default=1, ge=0, le=LARGEST_SEED)
    stop: tuple[str, ...] = ()
    system: str | None = None
    template: str | None = None


class Asking(BaseModel):
    """One prompt.

    Attributes:
        text: What the user says; empty where the turns before it are what is answered.
        before: Turns that stand before it, as the rows of a file have them.
        tools: The functions that the model may call, as the chat template is given them.
        expected: The right answer, where it is known.
        side: The one that is asked it; all of the question's where none is named.
        begun: Tokens that the answer begins with, as one that was cut has them: what is answered goes on from there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    text: str
    before: tuple[dict[str, Any], ...] = ()
    tools: tuple[dict[str, Any], ...] = ()
    expected: str | None = None
    side: str = ""
    begun: tuple[int, ...] = ()


class Question(BaseModel):
    """Prompts that are answered together.

    Attributes:
        number: Of the chat, from 1; each one's own.
        after: The question whose answers it follows, each side's its own; 0 begins a conversation.
        sides: Who answers, in this order; all where none is named.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    number: int = Field(ge=1)
    prompts: tuple[Asking, ...] = Field(min_length=1)
    after: int = Field(default=0, ge=0)
    sides: tuple[str, ...] = ()
    settings: AnswerSettings = AnswerSettings.model_construct()
