"""The tensors of a model's files as they stand in memory once it is loaded."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from workbench.core.model.block_traits import BlockTraits
from workbench.core.model.family_tensors import TIED_BY_DEFAULT

Counted = tuple[tuple[tuple[int, ...], int], ...]  # sizes of tensors, each with how many there are
HEADS = ("lm_head.weight", "embed_out.weight")
_ROUTERS = ("block_sparse_moe.gate.weight", "mlp.gate.weight")


def is_tied(config: Mapping[str, Any], kind: str, tensors: Iterable[str]) -> bool:
    said = config.get("tie_word_embeddings")
    if isinstance(said, bool):
        return said
    names = list(tensors)
    return not any(name.endswith(HEADS) for name in names) if names else kind in TIED_BY_DEFAULT


def is_parameter(name: str, size: tuple[int, ...], is_tied: bool) -> bool:
    """Whether a stored tensor is a weight of its own: no causal mask, no table of angles, no second copy of a head."""
    if name.endswith(("inv_freq", "masked_bias")) or (name.endswith(".bias") and len(size) > 1):
        return False
    return not (is_tied and name.endswith(HEADS))


def is_router(name: str, traits: BlockTraits) -> bool:
    return bool(traits.experts) and name.endswith(_ROUTERS)


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
