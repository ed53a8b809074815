"""What is said of stored weights is true by share: bitsandbytes quantizes no experts that are held as one tensor."""

from collections.abc import Callable
from pathlib import Path

from tests.fakes import save_tiny_model, tiny_recipe
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder
from workbench.core.model import shape as model_shape
from workbench.core.recipe.recipe import Recipe


def test_that_a_mixture_of_experts_in_nf4_says_how_little_is_quantized(
    tmp_path: Path, rows: Path, train_here: Callable[[Recipe], tuple[RunFolder, History]]
) -> None:
    from transformers import Qwen3MoeConfig

    config = Qwen3MoeConfig(
        vocab_size=384,
        hidden_size=64,
        intermediate_size=128,
        moe_intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        num_experts=8,
        num_experts_per_tok=2,
        max_position_embeddings=512,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
    )
    folder = save_tiny_model(config, tmp_path / "experts")
    shape = model_shape.from_folder(folder)
    assert 0.08 < shape.linear_parameters / shape.parameters < 0.1
    run, history = train_here(tiny_recipe(folder, rows, "training.max_steps=1", "samples.count=0"))
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    assert history.planned is not None
    said = "NF4 with double quantization, 4.127 bits per weight, for 9\u2009% of them; the others as BF16"
    assert history.planned.stored_as == said
    assert said in (run.adapter / "README.md").read_text(encoding="utf-8")
