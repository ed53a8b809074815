"""Whether rows that are packed into one sequence stay apart in a given model."""

from typing import Any

import torch

# Exchanging the row before leaves a row's logits as they are, to the bit, where rows are kept apart; a two-layer BLOOM,
# which mixes them, moves by 1e-2.
MOST_LEAK = 1e-3
# Alone and packed differ by rounding (1e-3 in BF16) where positions start anew; a two-layer OPT differs by 0.4.
MOST_SHIFT = 0.1
LENGTHS = (7, 9)


def mixes_rows(model: Any) -> bool:
    """Whether packing would let a row see the one before it, or count its positions on from there."""
    generator = torch.Generator().manual_seed(0)
    vocabulary = model.get_input_embeddings().weight.shape[0]

    def row(length: int) -> torch.Tensor:
        return torch.randint(vocabulary, (1, length), generator=generator).to(model.device)

    before, other, last = row(LENGTHS[0]), row(LENGTHS[0]), row(LENGTHS[1])
    positions = torch.cat([torch.arange(length) for length in LENGTHS])[None].to(model.device)
    was_training = model.training
    model.eval()
    thresholds = _without_outliers(model)
    try:
        with torch.no_grad():
            alone = model(input_ids=last, use_cache=False).logits[0]
            packed, exchanged = (
                model(input_ids=torch.cat([first, last], dim=1), position_ids=positions, use_cache=False).logits[0]
                for first in (before, other)
            )
    except (TypeError, ValueError):
        return True  # it takes no position_ids
    finally:
        model.train(was_training)
        for state, threshold in thresholds:
            state.threshold = threshold
    packed, exchanged = packed[LENGTHS[0] :], exchanged[LENGTHS[0] :]
    return _difference(exchanged, packed) > MOST_LEAK or _difference(alone, packed) > MOST_SHIFT


def _difference(left: torch.Tensor, right: torch.Tensor) -> float:
    """The norm of the difference relative to the norm of `right`."""
    return float(torch.linalg.norm(left.float() - right.float()) / torch.linalg.norm(right.float()))


def _without_outliers(model: Any) -> list[tuple[Any, float]]:
    """Turns LLM.int8()'s outlier columns off: they are chosen over all tokens, which is a leak of its own kind."""
    states = [module.state for module in model.modules() if hasattr(getattr(module, "state", None), "threshold")]
    found = [(state, state.threshold) for state in states]
    for state in states:
        state.threshold = 0.0
    return found
