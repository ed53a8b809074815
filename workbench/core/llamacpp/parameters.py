"""A model's sizes and settings, as llama.cpp reads them from a GGUF file."""

import math
from dataclasses import dataclass

from gguf import GGUFWriter

from workbench.core.llamacpp import rope
from workbench.core.llamacpp.rope import Rope
from workbench.core.model.families import known as families
from workbench.core.model.families.family import Config, GgufTraits
from workbench.core.problems import UserError, shown
from workbench.core.units import grouped


@dataclass(frozen=True)
class Parameters:
    """What is written of a model besides its weights and its words.

    Attributes:
        notes: What llama.cpp does otherwise, each a sentence.
    """

    config: Config
    traits: GgufTraits
    rope: Rope
    notes: tuple[str, ...]

    def write(self, writer: GGUFWriter) -> None:
        config, head = self.config, self.config.head_size
        writer.add_block_count(config.size("layers"))
        writer.add_context_length(config.position_limit or config.size("positions"))
        writer.add_embedding_length(config.size("hidden size"))
        writer.add_feed_forward_length(config.size("MLP width"))
        writer.add_head_count(config.size("attention heads"))
        writer.add_head_count_kv(config.key_value_heads)
        writer.add_key_length(head)
        writer.add_value_length(head)
        writer.add_layer_norm_rms_eps(_float(config, "rms_norm_eps"))
        for name, add in (
            ("attn_logit_softcapping", writer.add_attn_logit_softcapping),
            ("final_logit_softcapping", writer.add_final_logit_softcapping),
        ):
            if value := _float(config, name):
                add(value)
        self._write_window(writer)
        self._write_rope(writer, head)

    def _write_window(self, writer: GGUFWriter) -> None:
        if self.traits.architecture == "phi3":
            # 0 tells llama.cpp that none is meant; without it, Phi-3's own of old is taken.
            writer.add_sliding_window(self.config.number("sliding_window"))
        elif self.traits.window_period and self.config.number("sliding_window"):
            writer.add_sliding_window(self.config.number("sliding_window"))
            if (period := _period(self.config, self.traits)) != self.traits.window_period:
                writer.add_sliding_window_pattern(period)

    def _write_rope(self, writer: GGUFWriter, head: int) -> None:
        turned = self.rope
        writer.add_rope_dimension_count(int(head * turned.share))
        writer.add_rope_freq_base(turned.base)
        if turned.sliding_base:
            writer.add_rope_freq_base_swa(turned.sliding_base)
        if turned.scaling is not None:
            writer.add_rope_scaling_type(turned.scaling)
            writer.add_rope_scaling_factor(turned.factor)
        if turned.trained:
            writer.add_rope_scaling_orig_ctx_len(turned.trained)
        if turned.attention:
            writer.add_rope_scaling_attn_factors(turned.attention)
        if turned.beta_fast:
            writer.add_rope_scaling_yarn_beta_fast(turned.beta_fast)
        if turned.beta_slow:
            writer.add_rope_scaling_yarn_beta_slow(turned.beta_slow)


def traits_of(config: Config) -> GgufTraits:
    """How llama.cpp knows a model's family. Raises UserError for one that is not written as GGUF."""
    if config.family.gguf is not None:
        return config.family.gguf
    known = [family.title for family in families.families() if family.gguf is not None]
    raise UserError(
        f'A model of the kind "{shown(families.title_of(config.kind) or "unknown")}" cannot be written as GGUF here.',
        why=f"The kinds that can are {', '.join(known[:-1])} and {known[-1]}.",
        remedy="Export the adapter or the merged model instead: llama.cpp's own convert_hf_to_gguf.py may know it.",
    )


def read(config: Config) -> Parameters:
    """Raises UserError for what llama.cpp cannot be told."""
    traits = traits_of(config)
    config = config.taking(traits.usual)
    if not traits.untied and not config.is_tied:
        raise UserError(
            f"llama.cpp takes the head of {config.family.title} for its embeddings, and this model has one of its own.",
            remedy="Export the merged model instead.",
        )
    _refuse_other_scores(config, traits)
    notes = []
    window = config.number("sliding_window")
    if traits.ignores_window and 0 < window < config.size("positions") and config.block.sliding_layers:
        notes.append(
            f"llama.cpp reads {config.family.title} without its window of {grouped(window)} tokens: "
            "longer texts are answered otherwise."
        )
    elif traits.window_period and window:
        _period(config, traits)
    return Parameters(config, traits, rope.read(config), tuple(notes))


def _refuse_other_scores(config: Config, traits: GgufTraits) -> None:
    """Gemma 2 and 3 divide scores by a number of their own, which llama.cpp derives from the shape."""
    said = _float(config, "query_pre_attn_scalar")
    if not said or traits.architecture not in ("gemma2", "gemma3"):
        return
    is_largest = config.size("layers") == {"gemma2": 46, "gemma3": 62}[traits.architecture]
    taken = config.size("hidden size") // config.size("attention heads") if is_largest else config.head_size
    if not math.isclose(said, taken):
        raise UserError(
            f"llama.cpp divides the scores of {config.family.title} by the root of {taken}, and this model by that "
            f"of {said:g}.",
            why="A GGUF file cannot say otherwise.",
            remedy="Export the merged model instead.",
        )


def _period(config: Config, traits: GgufTraits) -> int:
    """Each which layer sees all before it. Raises UserError where they come in no such order."""
    kinds = config.get("layer_types")
    if not isinstance(kinds, list) or not kinds:
        return config.number("sliding_window_pattern") or traits.window_period
    full = [place for place, kind in enumerate(kinds) if kind != rope.SLIDING]
    if not full:
        return traits.window_period if len(kinds) < traits.window_period else 0
    period = full[0] + 1
    if full != list(range(period - 1, len(kinds), period)):
        raise UserError(
            f"The layers of this {config.family.title} that see all before them come in no order that GGUF can say.",
            remedy="Export the merged model instead.",
        )
    return period


def _float(config: Config, name: str) -> float:
    value = config.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
