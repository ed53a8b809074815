"""Races made by hand: what a study of seven precisions may have found."""

from typing import Any

from workbench.core.job.study_kinds import MeasureRequest, PrecisionMeasured
from workbench.core.race.race import Race

PROMPTS = ("What is 2 and 2?", "Name a colour.")
FIGURES: dict[str, tuple[int, float, float, float]] = {  # size, perplexity, divergence, tokens a second
    "fp32": (538_000_000, 20.0, 0.0, 10.0),
    "bf16": (269_000_000, 20.1, 0.001, 18.0),
    "int8": (163_000_000, 20.2, 0.01, 12.0),
    "nf4": (117_000_000, 22.0, 0.1, 12.5),
    "nf4-dq": (112_000_000, 22.1, 0.11, 12.0),
    "fp4": (117_000_000, 25.0, 0.2, 12.5),
}


def row(precision: str, **changes: Any) -> PrecisionMeasured:
    size, perplexity, divergence, rate = FIGURES[precision]
    figures: dict[str, Any] = {
        "precision": precision,
        "device": "CPU",
        "compute_dtype": "bf16",
        "reference": "" if precision == "fp32" else "fp32",
        "parameters": 134_515_008,
        "load_seconds": 2.5,
        "size_bytes": size,
        "peak_bytes": 2 * size,
        "prompt_tokens_per_second": 500.0,
        "answer_tokens_per_second": rate,
        "perplexity": perplexity,
        "kl_divergence": divergence,
        "same_top_token": 1 - divergence,
        "text_tokens": 2700,
        "context_tokens": 512,
        "kl_positions": 1300,
        "answers": ["It is 4.", "Red, like a rose." if precision == "fp4" else "Blue, like the sky."],
    }
    return PrecisionMeasured(**{**figures, **changes})


def race(*rows: PrecisionMeasured, **asked: Any) -> Race:
    request = MeasureRequest(**{"model": "/models/a model", "prompts": PROMPTS, **asked})
    return Race.of(request, rows or [row(name) for name in FIGURES], {"torch": "2.13.0"})
