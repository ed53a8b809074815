"""How likely a model holds each token of an answer, and which it holds likeliest in its place."""

from collections.abc import Callable, Iterator, Sequence
from inspect import signature
from typing import Any

import torch
from peft import PeftModel
from transformers import DynamicCache

from workbench.core.job.chat_kinds import Likely, TokenScore
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.engine.chat.spelled import Spelled

LIKELIEST = 10
# Tokens of an answer that are looked at with what is sent: 155 MB of BF16 with 151 936 in the vocabulary.
AT_ONCE = 512
# Positions whose distributions are worked out at once: 39 MB of FP32 with as many.
PIECE = 64


def token_scores(
    model: Any, tokenizer: TextTokenizer, sent: Sequence[int], ids: Sequence[int], is_interrupted: Callable[[], bool]
) -> list[TokenScore] | None:
    """The tokens `ids` of an answer to `sent`, which has at least one; None where it was interrupted.

    Log-probabilities are worked out in FP32.
    """
    spelled = Spelled(tokenizer.decode, begun=sent[-1:])  # some tokenizers put no space before a text's first word
    before = list(sent)
    found: list[TokenScore] = []
    for piece in _log_probabilities(model, sent, ids):
        if is_interrupted():
            return None
        known = piece[: len(ids) - len(found)]  # what comes behind the answer is not asked
        wanted = torch.tensor(ids[len(found) : len(found) + len(known)], device=known.device)
        own = known.gather(1, wanted.unsqueeze(1)).squeeze(1).tolist()
        values, places = known.topk(min(LIKELIEST, known.shape[1]), dim=1)
        for token, value, likeliest, numbers in zip(
            wanted.tolist(), own, values.tolist(), places.tolist(), strict=True
        ):
            others = [
                Likely(number, tokenizer.next_text(before, number), each)
                for number, each in zip(numbers, likeliest, strict=True)
            ]
            is_last = len(found) + 1 == len(ids)
            text = spelled.add(token) + (spelled.finish() if is_last else "")
            found.append(TokenScore(token, text, value, others))
            before.append(token)
    return found


def _log_probabilities(model: Any, sent: Sequence[int], ids: Sequence[int]) -> Iterator[torch.Tensor]:
    """Of the next token at each place of the answer, FP32, in pieces of shape (positions, vocabulary)."""
    base = model.get_base_model() if isinstance(model, PeftModel) else model
    takes = signature(base.forward).parameters
    options: dict[str, Any] = {"use_cache": False}
    if len(ids) > AT_ONCE:
        # transformers 5.24 calls it by another name than those before it.
        name = "cache" if "cache" in takes else "past_key_values"
        options = {"use_cache": True, name: DynamicCache(config=base.config)}
    for start in range(0, len(ids), AT_ONCE):
        end = min(start + AT_ONCE, len(ids))
        # The last token predicts what the next round begins with, or nothing.
        given = [*sent, *ids[:end]] if start == 0 else ids[start:end]
        wanted = end - start + 1 if start == 0 else end - start
        if "logits_to_keep" in takes:
            options["logits_to_keep"] = wanted
        with torch.inference_mode():
            found = model(input_ids=torch.tensor([given], device=model.device), **options).logits[0, -wanted:]
            for place in range(0, wanted, PIECE):
                yield torch.log_softmax(found[place : place + PIECE].float(), dim=-1)
