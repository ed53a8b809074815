"""How much memory an optimizer's states take, tensor by tensor."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod

# States of one number each per trained number (transformers 5.23, trainer_optimizer.py; bitsandbytes 0.50); what is not
# here keeps Adam's two.
_STATES = {
    "sgd": 0, "lomo": 0, "adalomo": 0, "adagrad": 1, "rmsprop": 1, "lion": 1, "schedule_free_sgd": 1, "ademamix": 3,
    "grokadamw": 3,
}  # fmt: skip
ADAM_STATES = 2
# An 8-bit state has a 32-bit absmax per 256 numbers (bitsandbytes, optim/optimizer.py).
ABSMAX_BLOCK = 256
EIGHT_BIT_BYTES = 1 + 4 / ABSMAX_BLOCK
# Tensors of fewer numbers keep FP32 states (bitsandbytes, optim/optimizer.py: min_8bit_size).
LEAST_EIGHT_BIT = 4096
# Tensors of fewer numbers never page (bitsandbytes, optim/optimizer.py: get_state_buffer).
LEAST_PAGED = 100_000
# The table from codes to values, one for each state, shared by all tensors.
CODE_TABLE_BYTES = 4 * 256
_BITSANDBYTES = ("bnb", "lion", "ademamix", "paged", "8bit", "32bit")
# Their states are narrower than the two of Adam that are counted here, by how much depends on their own settings.
NARROWER = ("galore", "apollo", "adamw_anyprecision", "stable_adamw", "schedule_free_radam", "lomo")
# torch counts each tensor's steps in a number of its own (torch/optim).
_TORCH = ("adamw_torch_fused", "adamw_torch", "adagrad", "rmsprop")

Sizes = Iterable[tuple[tuple[int, ...], int]]  # the size of a tensor, and how many there are


@dataclass(frozen=True)
class StateBytes:
    """All bytes of the states; of them those that leave the card when memory gets tight, and those kept in 32 bits."""

    total: int
    paged: int = 0
    unpaged_tensors: int = 0
    wide_tensors: int = 0  # kept in 32 bits by an 8-bit optimizer
    states: int = ADAM_STATES
    number_bytes: float = 4  # of a state's number, in the tensors that are not exceptions


def is_of_bitsandbytes(optimizer: str) -> bool:
    return any(word in optimizer for word in _BITSANDBYTES) and not optimizer.startswith(("adamw_torch", "galore"))


def has_states_of_its_weights(optimizer: str) -> bool:
    """Whether its states are of the type of the weights they belong to."""
    return not is_of_bitsandbytes(optimizer) and not any(word in optimizer for word in ("adafactor", "4bit", "8bit"))


def state_bytes(optimizer: str, sizes: Sizes, parameter_size: int, embeddings: Sizes = ()) -> StateBytes:
    """Bytes of the states over trained tensors whose numbers take `parameter_size` bytes each.

    bitsandbytes keeps its states in FP32 or 8 bits, torch in the type of the weights. Pages count as memory: they leave
    it only when it gets tight. Adafactor keeps a number per row and per column of each matrix, and one more.
    `embeddings` are those of `sizes` whose states transformers leaves in FP32 under an 8-bit optimizer (trainer.py).
    """
    sizes = list(sizes)
    if "adafactor" in optimizer:
        each = ((sum(size[-2:]) * prod(size[:-2]) if len(size) > 1 else prod(size), count) for size, count in sizes)
        return StateBytes(sum(count * 4 * (numbers + 1) for numbers, count in each), states=1)
    plain = optimizer.removeprefix("paged_").removesuffix("_8bit").removesuffix("_32bit").removesuffix("_bnb")
    states = _STATES.get(plain, ADAM_STATES)
    numbers = sum(count * prod(size) for size, count in sizes)
    if "4bit" in optimizer:
        return StateBytes(round(states * numbers * (0.5 + 4 / 128)), states=states, number_bytes=0.53125)  # torchao
    if not is_of_bitsandbytes(optimizer):
        counters = 4 * sum(count for _, count in sizes) if states and optimizer in _TORCH else 0
        width = EIGHT_BIT_BYTES if "8bit" in optimizer else parameter_size
        return StateBytes(round(states * numbers * width) + counters, states=states, number_bytes=width)
    return _of_bitsandbytes(optimizer, sizes, states, dict(embeddings))


def _of_bitsandbytes(
    optimizer: str, sizes: list[tuple[tuple[int, ...], int]], states: int, embeddings: dict[tuple[int, ...], int]
) -> StateBytes:
    is_narrow, pages = "8bit" in optimizer, optimizer.startswith("paged_")
    total = paged = unpaged = wide = 0
    for size, count in sizes:
        numbers = prod(size)
        in_wide = count if numbers < LEAST_EIGHT_BIT or not is_narrow else min(count, embeddings.get(size, 0))
        in_narrow = count - in_wide
        held = states * numbers * (4 * in_wide + in_narrow)
        total += held + states * in_narrow * 4 * -(-numbers // ABSMAX_BLOCK)
        wide += in_wide if is_narrow else 0
        if pages and numbers >= LEAST_PAGED:
            paged += held
        elif pages:
            unpaged += count
    tables = CODE_TABLE_BYTES * min(states, 2) if is_narrow and total and wide < sum(count for _, count in sizes) else 0
    return StateBytes(total + tables, paged, unpaged, wide, states, EIGHT_BIT_BYTES if is_narrow else 4)


def update_bytes(optimizer: str, sizes: Sizes, parameter_size: int, device: str) -> int:
    """What the step itself holds beside the states.

    torch's AdamW that is not fused takes the root of its second moments for all tensors at once on a card, and one
    tensor after another on a CPU (torch 2.13, optim/adamw.py).
    """
    if optimizer != "adamw_torch":
        return 0
    numbers = [(prod(size), count) for size, count in sizes]
    held = sum(size * count for size, count in numbers) if device == "cuda" else max((n for n, _ in numbers), default=0)
    return held * parameter_size
