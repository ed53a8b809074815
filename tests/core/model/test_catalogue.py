"""The catalogue's shapes beside the published counts and beside transformers' own models."""

from typing import Any

import pytest

from workbench.core.model import catalogue
from workbench.core.model.catalogue import CatalogueModel
from workbench.core.problems import UserError

MODELS = catalogue.catalogue()


def test_that_many_widely_used_models_are_known_offline() -> None:
    assert len(MODELS) >= 30
    assert len({model.id for model in MODELS}) == len({model.title for model in MODELS}) == len(MODELS)
    families = {model.family for model in MODELS}
    assert families >= {"Llama", "Mistral", "Mixtral", "Qwen2", "Qwen3", "Gemma 2", "Gemma 3", "Phi-3"}
    assert families >= {"Falcon", "GPT-2", "GPT-NeoX", "OPT", "BLOOM"}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.title)
def test_that_a_shape_has_the_parameters_that_are_published(model: CatalogueModel) -> None:
    shape = model.shape()
    assert shape.parameters == model.parameters == shape.linear_parameters + shape.other_parameters
    assert (shape.name, shape.family, shape.licence) == (model.title, model.family, model.licence)
    assert shape.block.is_known
    assert shape.linears


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.title)
def test_that_transformers_counts_as_many(model: CatalogueModel) -> None:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    settings = dict(model.config)
    config: Any = AutoConfig.for_model(settings.pop("model_type"), **settings)
    with torch.device("meta"):
        built = AutoModelForCausalLM.from_config(config)
    assert sum(entry.numel() for entry in built.parameters()) == model.parameters
    linear = sum(
        entry.in_features * entry.out_features
        for name, entry in built.named_modules()
        if type(entry) is torch.nn.Linear and "lm_head" not in name and "embed_out" not in name
    )
    if model.family != "GPT-2":  # its layers are Conv1D, which bitsandbytes replaces too
        assert linear == model.shape().linear_parameters


def test_that_a_model_is_found_by_any_of_its_names() -> None:
    for name in ("meta-llama/Meta-Llama-3-8B", "Meta-Llama-3-8B", "llama-3-8b", " Llama-3-8B "):
        assert catalogue.find(name).title == "Llama-3-8B"
    with pytest.raises(UserError, match=r'no model "Llama-3-9B".*nearest one is "Llama-3-8B"'):
        catalogue.find("Llama-3-9B")
