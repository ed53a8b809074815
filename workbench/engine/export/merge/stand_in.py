"""A model that has all its layers and none of its numbers: what an adapter is put on to be merged tensor by tensor."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from bitsandbytes.nn import Linear4bit, Linear8bitLt
from transformers import AutoConfig, BitsAndBytesConfig, PretrainedConfig
from transformers.conversion_mapping import get_model_conversion_mapping
from transformers.core_model_loading import WeightConverter, rename_source_key
from transformers.pytorch_utils import Conv1D
from transformers.quantizers.auto import AutoHfQuantizer

from workbench.engine.model import whole


def stand_in(folder: Path) -> Any:
    """The causal language model of a folder: on the CPU, each parameter a zero that is repeated to its size.

    Raises UserError.
    """
    model = _without_memory(plain_config(folder))
    zeros: dict[int, torch.nn.Parameter] = {}
    for module in model.modules():
        for name, parameter in list(module._parameters.items()):
            if parameter is not None:
                zero = zeros.setdefault(id(parameter), _zero(parameter.shape))  # tied ones stay tied
                module._parameters[name] = zero
    return model.eval()


def plain_config(folder: Path) -> PretrainedConfig:
    """The folder's config without what it says of a quantization."""
    config = AutoConfig.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    return type(config).from_dict({**config.to_dict(), "quantization_config": None})


def rounded_layers(folder: Path, quantization: BitsAndBytesConfig) -> frozenset[str]:
    """The paths of the layers whose weights a loading quantizes."""
    model = _without_memory(plain_config(folder))
    quantizer = AutoHfQuantizer.from_config(quantization, pre_quantized=False)
    quantizer.preprocess_model(model, device_map={"": "cpu"})
    return frozenset(path for path, module in model.named_modules() if isinstance(module, Linear4bit | Linear8bitLt))


def turned_layers(model: Any) -> frozenset[str]:
    """The paths of the layers whose files hold (in, out), as those of GPT-2's kin do, and not (out, in)."""
    return frozenset(path for path, module in model.named_modules() if isinstance(module, Conv1D))


def loaded_names(model: Any, stored: Iterable[str]) -> Mapping[str, tuple[str, bool]]:
    """Of each tensor of the files what the model calls it, and whether it is joined with others on the way there."""
    conversions = get_model_conversion_mapping(model)
    joining = [each for each in conversions if isinstance(each, WeightConverter)]
    renaming = [each for each in conversions if not isinstance(each, WeightConverter)]
    held = model.state_dict()
    found: dict[str, tuple[str, bool]] = {}
    for name in stored:
        renamed, pattern = rename_source_key(name, renaming, joining, model.base_model_prefix, held)
        found[name] = (renamed, pattern is not None)
    return found


def _without_memory(config: PretrainedConfig) -> Any:
    model_class, own = whole.built_from(config)
    with torch.device("meta"):
        return model_class(own)


def _zero(shape: torch.Size) -> torch.nn.Parameter:
    return torch.nn.Parameter(torch.zeros(()).expand(shape), requires_grad=False)
