"""Which layers of a block an adapter stands beside, what they read, and the adapter's matrices."""

from workbench.core.model.shape import ModelShape
from workbench.core.recipe.recipe import Recipe


def targets_of(shape: ModelShape, recipe: Recipe) -> list[int]:
    """Which linear layers of a block get an adapter, by their place."""
    wanted = recipe.lora.targets
    is_all = wanted == ("all-linear",)
    return [index for index, name in enumerate(shape.linear_names) if is_all or name in wanted]


def has_expert_adapters(shape: ModelShape, recipe: Recipe) -> bool:
    """Whether the experts get adapters too: peft 0.21 gives them some where all linear layers are asked for."""
    return bool(shape.block.experts) and recipe.lora.enabled and recipe.lora.targets == ("all-linear",)


def adapter_sizes(shape: ModelShape, recipe: Recipe) -> list[tuple[tuple[int, ...], int]]:
    """The matrices of the adapter, each with its count over all blocks; without DoRA's magnitudes."""
    rank, layers = recipe.lora.rank, shape.layers
    sizes: list[tuple[tuple[int, ...], int]] = []
    for index in targets_of(shape, recipe):
        out, width = shape.linears[index]
        sizes += [((rank, width), layers), ((out, rank), layers)]
    if has_expert_adapters(shape, recipe):
        block, hidden = shape.block, shape.hidden_size
        up, down = 2 * rank * block.experts, rank * block.experts  # gate and up are one tensor with twice the rank
        sizes += [((up, hidden), layers), ((2 * block.expert_size, up), layers)]
        sizes += [((down, block.expert_size), layers), ((hidden, down), layers)]
    return sizes


def source_of(shape: ModelShape, index: int) -> str:
    """What a linear layer reads: layers of one source share their input."""
    match shape.linear_roles[index]:
        case "queries":
            return "first norm"
        case "up":
            return "second norm" if shape.block.has_gap else "first norm"
        case "output":
            return "attention"
    return "mlp"


def is_expert_router(shape: ModelShape, index: int) -> bool:
    return bool(shape.block.experts) and shape.linear_roles[index] == "router"
