"""Whether a config.json describes a model that can be fine-tuned here, and where not, why in a sentence."""

from collections.abc import Mapping
from typing import Any

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
# Each size by its names, and the most that any model has of it, with room.
SIZES: dict[str, tuple[tuple[str, ...], int]] = {
    "hidden size": (("hidden_size", "n_embd", "n_embed", "d_model"), 1_000_000),
    "layers": (("num_hidden_layers", "n_layer", "n_layers", "num_layers"), 10_000),
    "attention heads": (("num_attention_heads", "n_head", "n_heads"), 100_000),
    "vocabulary": (("vocab_size",), 100_000_000),
    "MLP width": (("intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size"), 10_000_000),
    "heads for keys and values": (("num_key_value_heads", "num_kv_heads"), 100_000),
    "head size": (("head_dim",), 100_000),
    "positions": (("max_position_embeddings", "n_positions", "seq_length"), 1_000_000_000),
    "experts": (("num_local_experts", "num_experts"), 100_000),
    "experts a token": (("num_experts_per_tok",), 100_000),
}
_NEEDED = ("hidden size", "layers", "attention heads", "vocabulary")
_WITH_WIDTH = (
    "llama", "mistral", "mixtral", "qwen2", "qwen3", "qwen3_moe", "gemma", "gemma2", "gemma3_text", "phi3",
    "gpt_neox", "opt",
)  # fmt: skip


def check_config(config: object, name: str) -> Mapping[str, Any]:
    """The config of a model that continues text, its sizes being such. Raises UserError."""
    if not isinstance(config, dict):
        raise UserError(f"{name} is no config.json of a model: it holds no table of settings.")
    kind = config.get("model_type")
    if not isinstance(kind, str) or not kind:
        raise UserError(
            f"{name} does not say its model_type: it is no model of transformers.",
            remedy='Take the config.json that lies beside the weights, which has a line "model_type".',
        )
    if config.get("is_encoder_decoder") is True or (kind in ENCODERS and not config.get("is_decoder")):
        raise UserError(
            f"{name} describes {ENCODERS.get(kind, shown(kind, 40))}, which reads text and does not continue it.",
            why="Only a decoder, a causal language model, can be fine-tuned here.",
            remedy="Take a model such as Llama, Mistral, Qwen, Gemma or Phi.",
        )
    nested = config.get("text_config")
    text = {**config, **nested} if isinstance(nested, dict) else config
    for words, (names, most) in SIZES.items():
        for key in names:
            value = text.get(key)
            # A size for each layer, which no family that is reckoned here has.
            if value is not None and not (isinstance(value, list) and kind not in _WITH_WIDTH):
                _check_size(name, key, words, value, most)
    _check_presence(text, kind, name)
    _check_heads(text, name)
    return config


def _check_size(name: str, key: str, words: str, value: object, most: int) -> None:
    if type(value) is not int:
        raise UserError(f"{name}: {key}, the {words}, is {shown(repr(value), 40)}: a whole number belongs there.")
    if not 0 < value <= most:
        raise UserError(
            f"{name}: {key}, the {words}, is {shown(str(value), 40)}: it has to be between 1 and {grouped(most)}."
        )


def _check_presence(text: Mapping[str, Any], kind: str, name: str) -> None:
    needed = [*_NEEDED, *(["MLP width"] if kind in _WITH_WIDTH else [])]
    missing = [words for words in needed if all(text.get(key) is None for key in SIZES[words][0])]
    if missing:
        fields = ", ".join(f"{SIZES[words][0][0]} ({words})" for words in missing)
        raise UserError(
            f"{name} does not say {fields}.", remedy="Take the whole config.json of the model, or write them into it."
        )


def _check_heads(text: Mapping[str, Any], name: str) -> None:
    hidden, heads, keys, size = (
        _first(text, words) for words in ("hidden size", "attention heads", "heads for keys and values", "head size")
    )
    if not size and hidden % heads:
        raise UserError(f"{name}: {heads} attention heads do not divide a hidden size of {grouped(hidden)}.")
    if keys and heads % keys:
        raise UserError(f"{name}: {keys} heads for keys and values do not divide {heads} attention heads.")
    chosen, experts = _first(text, "experts a token"), _first(text, "experts")
    if experts and chosen > experts:
        raise UserError(f"{name}: a token cannot go to {chosen} of {experts} experts.")


def _first(text: Mapping[str, Any], words: str) -> int:
    return next((text[key] for key in SIZES[words][0] if type(text.get(key)) is int), 0)
