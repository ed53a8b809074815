"""Whether a folder's files hold exactly the weights of its architecture.

transformers fills what is missing with random numbers and leaves out what it has no place for; training on would train
a random head as the model. Its own loading is therefore done once before, with tensors that have sizes and no numbers,
so that its renamings and the joining of experts count, and what the real loading reports is looked at again.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from transformers import MODEL_FOR_CAUSAL_LM_MAPPING, PretrainedConfig

from workbench.core.model.already_quantized import sizes_as_loaded
from workbench.core.model.folder import stored_tensors
from workbench.core.problems import UserError, shown
from workbench.core.units import counted

Sizes = Mapping[str, tuple[int, ...]]

# What files of older versions hold beside the weights, worked out anew at each start since. Beyond these count
# what a model's class declares, _keys_to_ignore_on_load_unexpected and _missing, which transformers obeys itself.
COMPUTED = (
    re.compile(r"(^|\.)rotary_emb\.inv_freq$"),  # the angles of positions: from rope_theta and the head's size
    re.compile(r"(^|\.)(attn|attention)\.(masked_)?bias$"),  # GPT-2's kin: the causal mask, and what it writes
    re.compile(r"(^|\.)position_ids$"),  # 0, 1, 2 and so on
    re.compile(r"(^|\.)(encoder|decoder)\.version$"),  # fairseq's number of its format
)
# What a model sees and hears with, left out where transformers builds of it what reads text alone.
OTHER_SENSES = re.compile(r"(^|\.)(vision_|visual|audio_|multi_modal_projector|embed_vision|embed_audio)")
# A mask is square under two ones, what it writes is one number; a bias of the same name has one dimension.
_MASKS = COMPUTED[1]
# Names that a sentence gives of each kind.
NAMED = 3


@dataclass
class Differences:
    """What transformers reports of a loading, without what is computed."""

    missing: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    mismatched: list[tuple[str, tuple[int, ...], tuple[int, ...]]] = field(default_factory=list)  # stored, expected

    @property
    def is_none(self) -> bool:
        return not (self.missing or self.unexpected or self.mismatched)


def refuse_partial(folder: Path, config: PretrainedConfig) -> None:
    """Refuses a folder whose weights are not exactly the architecture's, from their headers alone.

    Raises UserError, and what transformers raises for a config that it cannot build.
    """
    sizes, quantized = sizes_as_loaded(stored_tensors(folder), folder.name)
    refuse(folder, config, Differences(missing=incomplete(sizes)))  # before they are joined to one tensor, or cannot be
    empty = {name: torch.empty(size, device="meta") for name, size in sizes.items()}
    model_class, plain = built_from(type(config).from_dict({**config.to_dict(), "quantization_config": None}))
    _, report = model_class.from_pretrained(
        None,
        config=plain,
        state_dict=empty,
        dtype=torch.float32,
        device_map={"": "meta"},
        ignore_mismatched_sizes=True,  # they are reported then
        output_loading_info=True,
    )
    refuse(folder, config, differences(report, sizes, config, quantized))


def built_from(config: PretrainedConfig) -> tuple[Any, PretrainedConfig]:
    """The class that AutoModelForCausalLM builds of a config, and the config that it gives it. Raises ValueError.

    Of a model that also sees or hears, that may be what reads text alone (models/auto/auto_factory.py of 5.24).
    """
    try:
        model_class = MODEL_FOR_CAUSAL_LM_MAPPING[type(config)]
    except KeyError:
        raise ValueError(f"transformers knows no causal language model of the type {config.model_type}.") from None
    text_class = getattr(config, "sub_configs", {}).get("text_config")
    is_part = text_class is not None and getattr(model_class, "config_class", None) is text_class
    return model_class, config.get_text_config() if is_part else config


def differences(
    report: Mapping[str, Any], sizes: Sizes, config: PretrainedConfig, quantized: Iterable[str] = ()
) -> Differences:
    """What differs by transformers' loading info; `quantized` weights of GPT-2's kind are stored turned."""
    turned = set(quantized)
    reads_alone = built_from(config)[1] is not config
    return Differences(
        missing=sorted(name for name in report.get("missing_keys", ()) if not _is_computed(name, ())),
        unexpected=sorted(
            name
            for name in report.get("unexpected_keys", ())
            if not _is_computed(name, sizes.get(name, ())) and not (reads_alone and OTHER_SENSES.search(name))
        ),
        mismatched=sorted(
            (name, tuple(stored), tuple(expected))
            for name, stored, expected in report.get("mismatched_keys", ())
            if not (name in turned and tuple(stored) == tuple(expected)[::-1])
        ),
    )


def refuse(folder: Path, config: PretrainedConfig, found: Differences) -> None:
    """Raises UserError where anything differs."""
    if found.is_none:
        return
    said = []
    if found.missing:
        said.append(f"it lacks {_names(found.missing)}")
    if found.unexpected:
        said.append(f"it holds {_names(found.unexpected)}, which the architecture has no place for")
    if found.mismatched:
        name, stored, expected = found.mismatched[0]
        more = f", and {counted(len(found.mismatched) - 1, 'tensor')} more" if len(found.mismatched) > 1 else ""
        said.append(f"{shown(name)} has the size {stored}, where config.json asks for {expected}{more}")
    saved_as = str((getattr(config, "architectures", None) or [""])[0])
    other = not saved_as or saved_as.endswith(("ForCausalLM", "LMHeadModel", "ForConditionalGeneration"))
    raise UserError(
        f"The model in {folder} is not whole: {'; '.join(said)}.",
        why="What is missing would be random numbers, and what is left over would not be used."
        + ("" if other else f" It was saved as a {shown(saved_as, 60)}."),
        remedy="Get the model again: all its files, with the config.json that belongs to them.",
    )


def incomplete(sizes: Sizes) -> list[str]:
    """The tensors that some experts of a layer have and others lack."""
    found: dict[str, dict[int, set[str]]] = {}
    for name in sizes:
        stem, experts, rest = name.partition(".experts.")
        number, _, part = rest.partition(".")
        if experts and number.isdecimal():
            found.setdefault(stem, {}).setdefault(int(number), set()).add(part)
    return [
        f"{stem}.experts.{number}.{part}"
        for stem, experts in found.items()
        for part in sorted(set().union(*experts.values()))
        for number in range(max(experts) + 1)
        if part not in experts.get(number, set())
    ]


def _is_computed(name: str, size: tuple[int, ...]) -> bool:
    if not any(pattern.search(name) for pattern in COMPUTED):
        return False
    return len(size) != 1 or not _MASKS.search(name)


def _names(names: list[str]) -> str:
    more = f" and {counted(len(names) - NAMED, 'tensor')} more" if len(names) > NAMED else ""
    return ", ".join(shown(name) for name in names[:NAMED]) + more
