"""The lines of Python load what the recipe says."""

from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.core.model import shape as model_shape
from workbench.core.model.python_lines import python_lines
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe

PRECISIONS = ("fp32", "fp16", "bf16", "int8", "nf4", "fp4")


def recipe(*changes: str) -> Recipe:
    return recipe_text.with_overrides(Recipe(), list(changes))


@pytest.mark.parametrize("compute", ["bf16", "fp32"])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_that_the_lines_load_the_model_as_the_recipe_says(
    precision: str, compute: str, tiny_model: Callable[[str], Path]
) -> None:
    import torch

    folder = tiny_model("llama")
    asked = recipe(f"model.source={folder}", f"model.precision={precision}", f"model.compute_dtype={compute}")
    names: dict[str, object] = {}
    exec(python_lines(asked, model_shape.from_folder(folder)), names)
    model = names["model"]
    types = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}
    rest = compute if precision in ("int8", "nf4", "fp4") else precision
    assert model.get_input_embeddings().weight.dtype == types[rest]  # type: ignore[attr-defined]
    told = getattr(model.config, "quantization_config", None)  # type: ignore[attr-defined]
    if precision in ("nf4", "fp4"):
        assert told.load_in_4bit
        assert (told.bnb_4bit_quant_type, told.bnb_4bit_use_double_quant) == (precision, True)
        assert told.bnb_4bit_compute_dtype == types[compute]
    elif precision == "int8":
        assert told.load_in_8bit
        assert told.llm_int8_threshold == 6.0
    else:
        assert told is None


@pytest.mark.parametrize("precision", PRECISIONS)
def test_that_the_lines_are_narrow(precision: str) -> None:
    lines = python_lines(recipe("model.source=meta-llama/Llama-3.1-8B", f"model.precision={precision}"), None)
    # The longest one names a setting of bitsandbytes.
    assert max(map(len, lines.splitlines())) <= 48
    compile(lines, "lines", "exec")


def test_that_a_model_is_called_by_what_transformers_finds_it_under(tmp_path: Path) -> None:
    assert '"HuggingFaceTB/SmolLM2-135M-Instruct"' in python_lines(recipe(), None)
    pinned = python_lines(recipe("model.source=org/name", "model.revision=v2"), None)
    assert '"org/name"' in pinned
    assert 'revision="v2"' in pinned
    home = python_lines(recipe("model.source=~/some-model"), None)
    assert f'"{Path("~/some-model").expanduser()}"' in home, "transformers knows no ~"


def test_that_a_name_with_quotes_stays_one_string() -> None:
    source = '/models/a "quoted" one\\n'
    names: dict[str, object] = {}
    lines = python_lines(recipe("model.precision=bf16").model_copy(), None)
    assert compile(lines, "lines", "exec")
    asked = Recipe(model=Recipe().model.model_copy(update={"source": source}))
    first = next(line for line in python_lines(asked, None).splitlines() if "quoted" in line)
    exec(f"said = ({first.strip()})[0]", names)
    assert names["said"] == source
