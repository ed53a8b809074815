"""Whether a config.json describes a model that can be fine-tuned here, and where not, why in a sentence."""

from collections.abc import Mapping
from typing import Any

from workbench.core.model.families import known as families
from workbench.core.model.families.family import MOST_LAYERS, NAMES, Config, Size
from workbench.core.problems import UserError, shown
from workbench.core.units import grouped

# Models that read text, or translate, and do not continue it (MODEL_FOR_CAUSAL_LM_MAPPING of transformers
# 5.24 lacks them or has them as decoders).
ENCODERS = {
    "bert": "BERT", "roberta": "RoBERTa", "xlm-roberta": "XLM-RoBERTa", "distilbert": "DistilBERT", "albert": "ALBERT",
    "electra": "ELECTRA", "deberta": "DeBERTa", "deberta-v2": "DeBERTa", "modernbert": "ModernBERT", "mpnet": "MPNet",
    "camembert": "CamemBERT", "longformer": "Longformer", "nomic_bert": "Nomic BERT", "vit": "ViT", "clip": "CLIP",
    "siglip": "SigLIP", "wav2vec2": "wav2vec 2.0", "t5": "T5", "mt5": "mT5", "bart": "BART", "mbart": "mBART",
    "pegasus": "Pegasus", "whisper": "Whisper", "marian": "Marian",
}  # fmt: skip
# The most that any model has of a size, with room.
MOST: dict[Size, int] = {
    "hidden size": 1_000_000,
    "layers": MOST_LAYERS,
    "attention heads": 100_000,
    "vocabulary": 100_000_000,
    "MLP width": 10_000_000,
    "heads for keys and values": 100_000,
    "head size": 100_000,
    "positions": 1_000_000_000,
    "experts": 100_000,
    "experts a token": 100_000,
    "expert width": 10_000_000,
}
_OF_ACTIVATIONS: tuple[Size, ...] = ("hidden size", "layers", "attention heads")


def check_config(config: object, name: str) -> Mapping[str, Any]:
    """The config of a model that continues text, its sizes being such. Raises UserError."""
    if not isinstance(config, dict):
        raise UserError(f"{name} is not a config.json of a model: it holds no table of settings.")
    kind = config.get("model_type")
    if not isinstance(kind, str) or not kind:
        raise UserError(
            f"{name} does not say its model_type: it is not a model of transformers.",
            remedy='Take the config.json that lies beside the weights, which has a line "model_type".',
        )
    if config.get("is_encoder_decoder") is True or (kind in ENCODERS and not config.get("is_decoder")):
        raise UserError(
            f"{name} describes {ENCODERS.get(kind, shown(kind, 40))}, which reads text and does not continue it.",
            why="Only a decoder, a causal language model, can be fine-tuned here.",
            remedy="Take a model such as Llama, Mistral, Qwen, Gemma or Phi.",
        )
    read = families.read(config)
    for size, most in MOST.items():
        for key in read.family.names_of(size):
            value = read.get(key)
            # A size for each layer, which no family that is known here has.
            if value is not None and (read.family.is_known or not isinstance(value, list)):
                _check_size(name, key, size, value, most)
    _refuse_missing(read, name, read.family.needs)
    _check_heads(read, name)
    return config


def refuse_without_sizes(config: Mapping[str, Any], name: str) -> None:
    """Refuses a config.json of a known family without a size that activations need. Raises UserError."""
    read = families.read(config)
    if read.family.is_known:
        _refuse_missing(read, name, _OF_ACTIVATIONS)


def _check_size(name: str, key: str, words: str, value: object, most: int) -> None:
    if type(value) is not int:
        raise UserError(f"{name}: {key}, the {words}, is {shown(repr(value), 40)}: a whole number belongs there.")
    if not 0 < value <= most:
        raise UserError(
            f"{name}: {key}, the {words}, is {shown(str(value), 40)}: it has to be between 1 and {grouped(most)}."
        )


def _refuse_missing(read: Config, name: str, needed: tuple[Size, ...]) -> None:
    missing = [size for size in needed if not read.size(size)]
    if missing:
        fields = ", ".join(f"{_usual_name(read, size)} ({size})" for size in missing)
        raise UserError(
            f"{name} does not say {fields}.", remedy="Take the whole config.json of the model, or write them into it."
        )


def _usual_name(read: Config, size: Size) -> str:
    names = read.family.names_of(size)
    return next((name for name in NAMES[size] if name in names), names[0])


def _check_heads(read: Config, name: str) -> None:
    hidden, heads = read.size("hidden size"), read.size("attention heads")
    keys = read.size("heads for keys and values")
    if not read.size("head size") and hidden % heads:
        raise UserError(f"{name}: {heads} attention heads do not divide a hidden size of {grouped(hidden)}.")
    if keys and heads % keys:
        raise UserError(f"{name}: {keys} heads for keys and values do not divide {heads} attention heads.")
    chosen, experts = read.size("experts a token"), read.size("experts")
    if experts and chosen > experts:
        raise UserError(f"{name}: a token cannot go to {chosen} of {experts} experts.")
