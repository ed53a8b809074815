"""How positions turn queries and keys: what config.json says of it, as llama.cpp is told it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from gguf import RopeScalingType
from numpy.typing import NDArray

from workbench.core.model.families.family import Config
from workbench.core.problems import UserError, shown

_BASE = 10_000.0
FULL, SLIDING = "full_attention", "sliding_attention"


@dataclass(frozen=True)
class Rope:
    """Positions as llama.cpp is told of them.

    Attributes:
        base: Of the angles.
        sliding_base: Of those of layers with a window; 0 where it is the same.
        scaling: How angles are stretched beyond the length that they were trained for.
        factor: By how much.
        trained: Positions before that; 0 where nothing is said of them.
        attention: What scores are multiplied by for it; 0 where llama.cpp works it out.
        beta_fast, beta_slow: Where YaRN begins and ends to stretch; 0 for its usual ones.
        share: Of a head's numbers that are turned.
        factors: Divisors of each angle, by the name of the tensor that holds them, each of shape (turned / 2,).
    """

    base: float = _BASE
    sliding_base: float = 0.0
    scaling: RopeScalingType | None = None
    factor: float = 0.0
    trained: int = 0
    attention: float = 0.0
    beta_fast: float = 0.0
    beta_slow: float = 0.0
    share: float = 1.0
    factors: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)


def read(config: Config) -> Rope:
    """What a config.json says, in the old words and the new. Raises UserError for what llama.cpp does not know."""
    said = _said(config, FULL)
    base = _number(said, "rope_theta") or _number_of(config, "rope_theta") or _BASE
    sliding = _number(_said(config, SLIDING), "rope_theta") or _number_of(config, "rope_local_base_freq")
    share = _number(said, "partial_rotary_factor") or _number_of(config, "partial_rotary_factor") or 1.0
    usual = Rope(base=base, sliding_base=sliding if sliding != base else 0.0, share=share)
    kind = str(said.get("rope_type") or said.get("type") or "default").lower()
    limit = config.size("positions")
    trained = int(
        _number(said, "original_max_position_embeddings")
        or _number_of(config, "original_max_position_embeddings")
        or limit
    )
    factor = _number(said, "factor")
    fields = {**usual.__dict__}
    if kind == "default":
        return usual
    if kind == "linear":
        return Rope(**{**fields, "scaling": RopeScalingType.LINEAR, "factor": factor or 1.0})
    if kind == "llama3":
        return Rope(**{**fields, "factors": {"rope_freqs.weight": _of_llama3(config, said, base, trained, share)}})
    if kind == "yarn":
        fields |= {"scaling": RopeScalingType.YARN, "factor": factor or limit / trained, "trained": trained}
        fields |= {"beta_fast": _number(said, "beta_fast"), "beta_slow": _number(said, "beta_slow")}
        usual_attention = 0.1 * math.log(max(fields["factor"], 1.0)) + 1.0
        asked = _number(said, "attention_factor")
        if asked and not math.isclose(asked, usual_attention, rel_tol=1e-3):
            fields["attention"] = asked / usual_attention  # llama.cpp multiplies what it works out by this
        return Rope(**fields)
    if kind in ("longrope", "su"):
        stretched = max(limit / trained, 1.0)
        attention = math.sqrt(1 + math.log(stretched) / math.log(trained)) if stretched > 1 else 1.0
        attention = _number(said, "attention_factor") or attention
        names = {"long": "rope_factors_long.weight", "short": "rope_factors_short.weight"}
        factors = {name: np.asarray(said.get(f"{length}_factor") or (), np.float32) for length, name in names.items()}
        wanted = int(config.head_size * share) // 2
        if any(each.shape != (wanted,) for each in factors.values()):
            raise UserError(
                f"The factors of its positions are not {wanted} numbers each, one for a pair of a head's numbers.",
                remedy="Take the model's own config.json.",
            )
        return Rope(**{**fields, "trained": trained, "attention": attention, "factors": factors})
    raise UserError(
        f'Its positions are stretched in a way that llama.cpp does not know: "{shown(kind)}".',
        remedy="Export the adapter or the merged model instead.",
    )


def _said(config: Config, layers: str) -> Mapping[str, Any]:
    """What is said of layers of a kind, in rope_parameters or in the older rope_scaling."""
    said = config.get("rope_parameters") or config.get("rope_scaling")
    if not isinstance(said, dict):
        return {}
    if isinstance(nested := said.get(layers), dict):
        return nested
    return {} if layers == SLIDING or FULL in said else said


def _of_llama3(config: Config, said: Mapping[str, Any], base: float, trained: int, share: float) -> NDArray[np.float32]:
    """Llama 3.1 leaves quick angles as they are, stretches slow ones, and passes smoothly from one to the other."""
    turned = int(config.head_size * share)
    waves = 2 * np.pi * base ** (np.arange(0, turned, 2, dtype=np.float64) / turned)
    factor, low, high = (_number(said, name) for name in ("factor", "low_freq_factor", "high_freq_factor"))
    if not (factor and low and high) or low == high:
        raise UserError(
            "Its config.json says of its positions that they are stretched as Llama 3.1's, and not by how much.",
            remedy="Take the model's own config.json.",
        )
    part = np.clip((trained / waves - low) / (high - low), 0, 1)
    return np.asarray(1 / ((1 - part) / factor + part), np.float32)


def _number(said: Mapping[str, Any], name: str) -> float:
    value = said.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _number_of(config: Config, name: str) -> float:
    return _number({name: config.get(name)}, name)
