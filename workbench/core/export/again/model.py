"""How the code loads the base model in its precision, and puts the adapter on it."""

from workbench.core.export.again.training import Training, quoted
from workbench.core.export.cells import Cell, code, words
from workbench.core.recipe.recipe import FOUR_BIT, QUANTIZED, Recipe

_DTYPES = {"fp32": "torch.float32", "fp16": "torch.float16", "bf16": "torch.bfloat16"}
_NAMES = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}


def model_words(training: Training) -> Cell:
    model = training.recipe.model
    if training.is_stored_quantized:
        told = "Its weights are quantized in its files already, and stay as they are."
    elif model.precision in QUANTIZED:
        told = (
            f"Its weights are stored in {model.precision.upper()} as they are loaded, and frozen. For each product "
            f"they are converted to {model.compute_dtype.upper()}, which is also how everything that is not quantized "
            "is stored."
        )
    else:
        frozen = " and frozen" if training.recipe.lora.enabled else ""
        told = f"Its weights are stored in {model.precision.upper()}{frozen}."
    return words("## The base model", told)


def model_cell(training: Training) -> Cell:
    model = training.recipe.model
    rest = model.compute_dtype if model.precision in QUANTIZED else model.precision
    revision = "\n    revision=REVISION," if training.revision else ""
    quantization = "\n    quantization_config=quantization," if training.quantizes else ""
    config = "\n    config=config," if training.is_stored_quantized else ""
    four_bit = model.precision in FOUR_BIT
    return code(
        _quantization(training.recipe) if training.quantizes else "",
        _stored_config(training) if training.is_stored_quantized else "",
        f"""model = AutoModelForCausalLM.from_pretrained(
    BASE,{revision}{config}
    dtype={_DTYPES[rest]},
    device_map={{"": DEVICE}},{quantization}
    attn_implementation={quoted(training.attention)},
)""",
        """
# On some processors bitsandbytes repacks 4-bit weights for answering alone: they would have no gradient.
for layer in model.modules():
    if isinstance(layer, Linear4bit):
        layer.support_avx512bf16_for_cpu = False"""
        if four_bit
        else "",
    )


def _quantization(recipe: Recipe) -> str:
    model = recipe.model
    if model.precision == "int8":
        return f"quantization = BitsAndBytesConfig(load_in_8bit=True, llm_int8_threshold={model.int8_threshold})"
    return f"""quantization = BitsAndBytesConfig(
    load_in_4bit=True,
    bnb_4bit_quant_type={quoted(model.precision)},
    bnb_4bit_use_double_quant={model.double_quant},  # the scales are quantized too
    bnb_4bit_compute_dtype={_DTYPES[model.compute_dtype]},
)"""


def _stored_config(training: Training) -> str:
    model = training.recipe.model
    revision = ", revision=REVISION" if training.revision else ""
    return f"""config = AutoConfig.from_pretrained(BASE{revision})
config.quantization_config["bnb_4bit_compute_dtype"] = {quoted(_NAMES[model.compute_dtype])}
config.quantization_config["llm_int8_threshold"] = {model.int8_threshold}"""


def adapter_cells(training: Training) -> list[Cell]:
    lora = training.recipe.lora
    if not lora.enabled:
        return []
    upcast = (
        "# Norms, embeddings and head in FP32.\n"
        "model = prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)\n"
        if training.upcasts
        else ""
    )
    if training.adapter:
        return [
            words("## The adapter", "An earlier one is trained further."),
            code(
                upcast,
                f"""ADAPTER = {quoted(training.adapter)}
settings = PeftConfig.from_pretrained(ADAPTER)
settings.inference_mode = False
settings.lora_dropout = {lora.dropout}
model = PeftModel.from_pretrained(model, ADAPTER, config=settings, is_trainable=True)
model.print_trainable_parameters()""",
            ),
        ]
    targets = quoted("all-linear") if lora.targets == ("all-linear",) else quoted(list(lora.targets))
    return [
        words(
            "## The adapter",
            "Two thin matrices beside each chosen layer are all that is trained. The second is zero at first, so that "
            "the model begins as the base model is.",
        ),
        code(
            upcast,
            f"""model = get_peft_model(
    model,
    LoraConfig(
        r={lora.rank},
        lora_alpha={lora.alpha},
        lora_dropout={lora.dropout},
        target_modules={targets},
        use_rslora={lora.rslora},
        use_dora={lora.dora},
        bias="none",
        task_type="CAUSAL_LM",
    ),
)
model.print_trainable_parameters()""",
        ),
    ]
