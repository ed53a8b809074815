"""The tensors of a model's files as they stand in memory once it is loaded."""

from collections import Counter
from collections.abc import Iterable

from workbench.core.model.block_traits import BlockTraits
from workbench.core.model.families.family import Config, Family

Counted = tuple[tuple[tuple[int, ...], int], ...]  # sizes of tensors, each with how many there are


def is_tied(config: Config, tensors: Iterable[str]) -> bool:
    """Whether the head is the embeddings' weights: as config.json says, else as the names of the tensors do."""
    names = list(tensors)
    if not names or isinstance(config.get("tie_word_embeddings"), bool):
        return config.is_tied
    return not any(name.endswith(config.family.heads) for name in names)


def is_parameter(name: str, size: tuple[int, ...], family: Family, *, is_tied: bool) -> bool:
    """Whether a stored tensor is a weight of its own: no causal mask, no table of angles, no second copy of a head."""
    if name.endswith(("inv_freq", "masked_bias")) or (name.endswith(".bias") and len(size) > 1):
        return False
    return not (is_tied and name.endswith(family.heads))


def is_router(name: str, family: Family) -> bool:
    """Whether a tensor chooses among a mixture of experts."""
    return name.endswith(tuple(f"{router}.weight" for router in family.routers))


def as_loaded(tensors: dict[str, tuple[int, ...]], traits: BlockTraits) -> dict[str, tuple[int, ...]]:
    """The tensors as they stand in memory: files may hold each expert apart (transformers 5, core_model_loading.py)."""
    apart = [name for name, size in tensors.items() if ".experts." in name and len(size) == 2] if traits.experts else []
    if not apart:
        return tensors
    found = {name: size for name, size in tensors.items() if name not in set(apart)}
    count, inner, hidden = (
        traits.experts,
        traits.expert_size,
        min(tensors[apart[0]], key=lambda n: n == traits.expert_size),
    )
    for stem in dict.fromkeys(name.partition(".experts.")[0] for name in apart):
        found[f"{stem}.experts.gate_up_proj"] = (count, 2 * inner, hidden)
        found[f"{stem}.experts.down_proj"] = (count, hidden, inner)
    return found


def counted(sizes: Iterable[tuple[int, ...]]) -> Counted:
    return tuple(sorted(Counter(tuple(size) for size in sizes).items()))
