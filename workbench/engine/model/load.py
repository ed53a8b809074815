"""A model folder loaded in the precision a recipe asks for, with the adapter it is trained through."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from bitsandbytes.nn import Linear4bit
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    BitsAndBytesConfig,
    PretrainedConfig,
    PreTrainedModel,
)
from transformers.utils.logging import set_tqdm_hook

from workbench.core.model.already_quantized import refuse_other_precision, sizes_as_loaded
from workbench.core.model.folder import inspect, stored_tensors
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import FOUR_BIT, QUANTIZED, Recipe
from workbench.engine.job.devices import Device
from workbench.engine.model import cpu_bf16, whole
from workbench.engine.model.adapter import going_on

DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
# What transformers raises for a folder that it cannot load.
ERRORS = (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, RuntimeError)


def load_model(
    folder: Path,
    recipe: Recipe,
    device: Device,
    progress: Callable[[int, int], None] = lambda done, total: None,
    config: PretrainedConfig | None = None,
) -> PreTrainedModel:
    """The causal language model in a folder, its weights stored as the recipe says.

    `progress` is given how many tensors are there, and how many there will be; `config` is what `check_weights` gave
    where it was asked before. Raises UserError.
    """
    if device.kind == "cpu" and recipe.model.compute_dtype == "bf16" and not cpu_bf16.is_native():
        cpu_bf16.install()
    config = check_weights(folder, recipe) if config is None else config
    try:
        with _followed(progress):
            model, report = AutoModelForCausalLM.from_pretrained(
                folder,
                config=config,
                dtype=_rest_dtype(recipe),
                device_map={"": device.torch},
                quantization_config=None if _is_quantized(config) else quantization(recipe),
                attn_implementation=attention_for(config, recipe),
                output_loading_info=True,
                trust_remote_code=False,
                use_safetensors=True,
                local_files_only=True,
            )
        sizes, _ = sizes_as_loaded(stored_tensors(folder), folder.name)
        whole.refuse(folder, config, whole.differences(report, sizes, config))
        _keep_layout(model)
        return model
    except (UserError, torch.OutOfMemoryError, MemoryError):
        raise
    except ERRORS as error:
        raise _not_loaded(folder, error) from error


def check_weights(folder: Path, recipe: Recipe) -> PretrainedConfig:
    """The folder's config, once its weights are found to be whole, and stored in a way that the recipe can have.

    Reads headers alone. Raises UserError.
    """
    quantized = inspect(folder).quantized
    refuse_other_precision(quantized, recipe.model.precision, folder.name)
    try:
        config = AutoConfig.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
        attention_for(config, recipe)
        whole.refuse_partial(folder, config)
    except ERRORS as error:
        raise _not_loaded(folder, error) from error
    if quantized is not None:
        # As stored; but products are done in the recipe's type, and by its threshold.
        stored = config.quantization_config
        said = dict(stored) if isinstance(stored, dict) else stored.to_dict()
        said["bnb_4bit_compute_dtype"] = str(DTYPES[recipe.model.compute_dtype]).removeprefix("torch.")
        said["llm_int8_threshold"] = recipe.model.int8_threshold
        config.quantization_config = said
    return config


def _is_quantized(config: PretrainedConfig) -> bool:
    return getattr(config, "quantization_config", None) is not None


def _not_loaded(folder: Path, error: Exception) -> UserError:
    return UserError(
        f"The model in {folder} cannot be loaded.",
        why=_first_line(error),
        remedy="It has to be a causal language model that transformers knows, with safetensors weights.",
    )


def _keep_layout(model: PreTrainedModel) -> None:
    """Keeps 4-bit weights in the layout that has a gradient.

    On CPUs with AVX512-BF16, bitsandbytes 0.50 repacks them for inference at the first forward pass in evaluation mode
    (nn/modules.py, Linear4bit.forward) and multiplies by them without a gradient ever after, in training too.
    """
    for layer in model.modules():
        if isinstance(layer, Linear4bit):
            layer.support_avx512bf16_for_cpu = False


@contextmanager
def _followed(progress: Callable[[int, int], None]) -> Iterator[None]:
    """Passes transformers' progress over the weights on."""

    def counted(items: Any) -> Iterator[Any]:
        for done, item in enumerate(items, start=1):
            yield item
            progress(done, len(items))

    def hook(factory: Any, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        return counted(given[0]) if named.get("desc") == "Loading weights" else factory(*given, **named)

    previous = set_tqdm_hook(hook)
    try:
        yield
    finally:
        set_tqdm_hook(previous)


def attention_for(config: PretrainedConfig, recipe: Recipe) -> str:
    """The recipe's attention where the model's class has it, else eager; what config.json says of it is ignored."""
    model_class, _ = whole.built_from(config)
    return recipe.model.attention if getattr(model_class, "_supports_sdpa", False) else "eager"


def quantization(recipe: Recipe) -> BitsAndBytesConfig | None:
    """What bitsandbytes is asked for; None where the weights are not quantized."""
    settings = recipe.model
    if settings.precision == "int8":
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_threshold=settings.int8_threshold)
    if settings.precision in FOUR_BIT:
        return BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type=settings.precision,
            bnb_4bit_use_double_quant=settings.double_quant,
            bnb_4bit_compute_dtype=DTYPES[settings.compute_dtype],
        )
    return None


def _rest_dtype(recipe: Recipe) -> torch.dtype:
    """The type of what is not quantized: embeddings, norms and head, or all of it."""
    settings = recipe.model
    return DTYPES[settings.compute_dtype if settings.precision in QUANTIZED else settings.precision]


def add_adapter(model: PreTrainedModel, recipe: Recipe, adapter: Path | None = None) -> PeftModel:
    """The model with a new LoRA adapter, or with the one in a folder; everything else is frozen.

    Raises UserError for layers that are not there, and for an adapter that is not whole.
    """
    settings = recipe.lora
    model = upcast(model, recipe)
    if adapter is not None:
        return going_on(model, adapter, settings.dropout)
    targets: Any = list(settings.targets)
    config = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=targets[0] if targets == ["all-linear"] else targets,
        use_rslora=settings.rslora,
        use_dora=settings.dora,
        bias="none",
        task_type="CAUSAL_LM",
    )
    try:
        return get_peft_model(model, config)
    except (ValueError, NotImplementedError, TypeError) as error:
        linear = sorted(
            {name.rpartition(".")[2] for name, layer in model.named_modules() if hasattr(layer, "in_features")}
        )
        raise UserError(
            f"No adapter can be put on lora.targets = {', '.join(settings.targets)}.",
            why=_first_line(error),
            remedy=f"This model's linear layers are {', '.join(linear[:12])}; or set lora.targets = all-linear.",
        ) from None


def upcast(model: PreTrainedModel, recipe: Recipe) -> PreTrainedModel:
    """The model with what is not quantized of it in FP32, frozen, where the recipe wants that for its adapter."""
    if recipe.lora.enabled and recipe.lora.upcast and recipe.model.precision in QUANTIZED:
        return prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    return model


def set_adapter_dtype(model: torch.nn.Module, recipe: Recipe) -> None:
    """Stores the adapter as the recipe says; trl's trainer has made it BF16 on a quantized model."""
    dtype = DTYPES[recipe.lora.adapter_dtype]
    for name, parameter in model.named_parameters():
        # DoRA's magnitudes move by less than BF16 can hold (trl#7268).
        if parameter.requires_grad:
            parameter.data = parameter.data.to(torch.float32 if "lora_magnitude_vector" in name else dtype)


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
