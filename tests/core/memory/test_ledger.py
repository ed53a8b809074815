"""Predicted memory against published and measured figures."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from workbench.core import places
from workbench.core.memory import ledger, optimizer_states
from workbench.core.memory.ledger import BACKWARD, FORWARD, PARTS, Ledger, predict, weights_bytes
from workbench.core.model import catalogue
from workbench.core.model import shape as model_shape
from workbench.core.model.already_quantized import AlreadyQuantized
from workbench.core.model.block_traits import UNKNOWN
from workbench.core.model.shape import ModelShape, from_config
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import OPTIMIZERS, Recipe
from workbench.numerics.formats import bits_per_weight


def llama(hidden: int, inner: int, layers: int, heads: int, keys: int, words: int, *, tied: bool = False) -> ModelShape:
    config: dict[str, Any] = {
        "model_type": "llama",
        "hidden_size": hidden,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": keys,
        "vocab_size": words,
        "tie_word_embeddings": tied,
        "torch_dtype": "bfloat16",
    }
    return from_config(config, "x")


LLAMA_2_7B = llama(4096, 11008, 32, 32, 32, 32000)
LLAMA_3_8B = llama(4096, 14336, 32, 32, 8, 128256)
QWEN_05B = llama(896, 4864, 24, 14, 2, 151936, tied=True)
TINY_LLAMA = llama(2048, 5632, 22, 32, 4, 32000)


def recipe(*changes: str) -> Recipe:
    return recipe_text.with_overrides(Recipe(), list(changes))


def starter_recipe(*changes: str) -> Recipe:
    return recipe_text.with_overrides(recipe_text.read(places.built_in_recipes()["starter"]), list(changes))


@pytest.mark.parametrize(
    ("shape", "precision", "double_quant", "quantized", "rest"),
    [
        (LLAMA_2_7B, "nf4", True, 3.34e9, 0.52e9),
        (LLAMA_3_8B, "nf4", True, 3.60e9, 2.10e9),
        (LLAMA_3_8B, "fp4", False, 3.93e9, 2.10e9),
        (LLAMA_3_8B, "int8", False, 6.98e9, 2.10e9),
        (LLAMA_3_8B, "bf16", False, 13.96e9, 2.10e9),
        (LLAMA_3_8B, "fp32", False, 27.92e9, 4.20e9),
    ],
)
def test_that_weights_take_what_is_known_of_them(
    shape: ModelShape, precision: str, double_quant: bool, quantized: float, rest: float
) -> None:
    got = weights_bytes(shape, precision, double_quant)
    assert got == (pytest.approx(quantized, abs=0.01e9), pytest.approx(rest, abs=0.01e9))


def test_that_double_quantization_saves_what_was_measured() -> None:
    # LitGPT's resource tables: NF4 with and without, inference, 7B 4.57 and 4.26 GB.
    once, twice = (sum(weights_bytes(LLAMA_2_7B, "nf4", double)) for double in (False, True))
    assert once - twice == pytest.approx(0.31e9, abs=0.02e9)


# The formula worked by hand for rank 16 on all layers, FP32 adapters, AdamW in FP32, one row that fills its sequence,
# whole logits: the allocator's peak with gradient checkpointing, with the overhead, and without checkpointing, in GB.
# It leaves out the 16-bit copies that autocast makes of FP32 adapters: 80 MB of a 7B model.
WORKED = [
    (LLAMA_2_7B, 512, 4.87, 5.6, 7.5),
    (LLAMA_2_7B, 2048, 5.96, 6.7, 16.6),
    (LLAMA_3_8B, 512, 7.43, 8.2, 10.3),
    (LLAMA_3_8B, 2048, 10.6, 11.6, 22.2),
    (QWEN_05B, 2048, 5.04, 5.7, 7.6),
    (TINY_LLAMA, 2048, 2.07, 2.6, 5.5),
]


@pytest.mark.parametrize(("shape", "length", "allocated", "total", "uncheckpointed"), WORKED)
def test_that_the_worked_table_comes_out(
    shape: ModelShape, length: int, allocated: float, total: float, uncheckpointed: float
) -> None:
    asked = recipe(f"training.max_length={length}", "training.packing=false")
    told = predict(shape, asked, device="cuda", fused_head=False)
    assert told.allocated_bytes / 1e9 == pytest.approx(allocated, rel=0.02)
    assert told.peak_bytes / 1e9 == pytest.approx(total, rel=0.02)
    without = recipe(f"training.max_length={length}", "training.packing=false", "training.gradient_checkpointing=false")
    assert predict(shape, without, device="cuda", fused_head=False).allocated_bytes / 1e9 == pytest.approx(
        uncheckpointed, rel=0.02
    )


def test_that_a_block_keeps_what_saved_tensors_hooks_counted() -> None:
    # Bytes a token and layer (torch 2.13, peft 0.21): hidden 256, MLP 688, 4 heads, 2 for keys, rank 8.
    shape = llama(256, 688, 4, 4, 2, 1000)
    plain = [
        "lora.rank=8",
        "training.max_length=128",
        "training.packing=false",
        "training.gradient_checkpointing=false",
    ]

    def kept(*changes: str) -> float:
        asked = recipe(*plain, *changes)
        return predict(shape, asked, device="cuda", fused_head=False).parts["activations"] / (128 * 4)

    assert kept("lora.adapter_dtype=bf16") == 10_248
    assert kept("lora.adapter_dtype=bf16", "model.precision=bf16") == 10_248, "quantizing saves no activations"
    assert kept("lora.adapter_dtype=bf16", "model.attention=eager") == 13_816
    # 512 bytes between two blocks, and one block that is computed again.
    assert kept("lora.adapter_dtype=bf16", "training.gradient_checkpointing=true") == 512 + 10_248 / 4


@pytest.mark.parametrize(
    ("changes", "measured"),
    [
        # Resident peaks in the journals of runs on two cores without BF16 arithmetic (torch 2.13, Linux).
        ([], 2.38e9),
        ([], 2.53e9),
        (["training.gradient_checkpointing=true", "samples.count=0", "evaluation.score_path="], 1.65e9),
        (["model.precision=bf16", "samples.count=0", "evaluation.score_path="], 2.24e9),
        (
            ["model.precision=fp32", "training.max_length=1024", "samples.count=0", "evaluation.score_path="],
            3.78e9,
        ),
    ],
    ids=["as it comes", "as it comes, elsewhere", "checkpointing", "bf16", "fp32"],
)
def test_that_the_starter_on_a_cpu_is_told_within_a_fifth(changes: list[str], measured: float) -> None:
    # 17 096 of its 40 044 tokens are trained on.
    told = predict(model_shape.starter(), starter_recipe(*changes), device="cpu", trained_share=0.427)
    assert told.peak_bytes == pytest.approx(measured, rel=0.2)


def test_that_the_starter_after_loading_is_told_within_a_fifth() -> None:
    told = predict(model_shape.starter(), starter_recipe(), device="cpu")
    assert told.after_load_bytes == pytest.approx(1.28e9, rel=0.2)


@pytest.mark.parametrize("device", ["cuda", "cpu"])
@pytest.mark.parametrize("precision", ["fp32", "fp16", "bf16", "int8", "nf4", "fp4"])
def test_that_parts_are_whole_and_add_up(precision: str, device: str) -> None:
    for changes in (
        [],
        ["training.gradient_checkpointing=false"],
        ["lora.dropout=0.1"],
        ["model.attention=eager"],
        ["model.compute_dtype=fp32"],
        ["lora.targets=q_proj,v_proj"],
    ):
        told = predict(TINY_LLAMA, recipe(f"model.precision={precision}", *changes), device=device)
        assert tuple(told.parts) == PARTS
        assert all(type(part) is int and part >= 0 for part in told.parts.values())
        assert sum(told.parts.values()) == told.peak_bytes
        assert told.moment in (FORWARD, BACKWARD)
        assert told.after_load_bytes < told.peak_bytes


def peak(*changes: str, shape: ModelShape = LLAMA_3_8B, **more: Any) -> Ledger:
    return predict(shape, recipe(*changes), device="cuda", **more)


def test_that_logits_in_tiles_do_not_grow_with_the_vocabulary() -> None:
    whole = peak("training.max_length=2048", fused_head=False)
    tiled = peak("training.max_length=2048")
    assert whole.moment == FORWARD
    assert whole.parts["logits"] == 14 * 2048 * 128256
    assert tiled.peak_bytes < whole.peak_bytes - 2.5e9


def test_that_what_makes_a_run_lighter_lowers_the_peak() -> None:
    before = peak("training.max_length=2048", "training.batch_size=4", "lora.rank=64").allocated_bytes
    for change in (
        "training.batch_size=2",
        "training.max_length=1024",
        "lora.rank=8",
        "lora.adapter_dtype=bf16",
        "training.optimizer=adamw_8bit",
        "training.optimizer=sgd",
        "lora.targets=q_proj",
    ):
        changed = peak("training.max_length=2048", "training.batch_size=4", "lora.rank=64", change)
        assert changed.allocated_bytes < before, change
    for change in ("model.precision=bf16", "training.gradient_checkpointing=false", "lora.upcast=true"):
        changed = peak("training.max_length=2048", "training.batch_size=4", "lora.rank=64", change)
        assert changed.allocated_bytes > before, change


def test_that_accumulation_costs_nothing_beside_an_adapter_and_the_gradients_of_all_weights() -> None:
    # ms-swift measured 27.73 to 27.74 GiB for 1 to 64.
    assert peak("training.accumulation=64") == peak()
    full = ["lora.enabled=false", "model.precision=bf16", "training.optimizer=sgd"]
    once, often = (peak(*full, f"training.accumulation={count}", fused_head=False) for count in (1, 64))
    assert once.moments[1].parts["gradients"] == 0, "a loss is computed before there is a gradient"
    assert often.moments[1].parts["gradients"] == 2 * LLAMA_3_8B.parameters


def test_that_full_training_holds_weights_gradients_and_two_states() -> None:
    told = peak("lora.enabled=false", "model.precision=fp32", "model.compute_dtype=fp32")
    held = sum(told.parts[name] for name in ("weights", "unquantized", "adapters", "gradients", "optimizer"))
    tensors = sum(count for _, count in (*LLAMA_3_8B.linear_sizes, *LLAMA_3_8B.other_sizes))
    assert held == 16 * LLAMA_3_8B.parameters + 4 * tensors, "and torch counts the steps of each tensor"
    assert ledger.trainable_parameters(LLAMA_3_8B, recipe("lora.enabled=false")) == LLAMA_3_8B.parameters


def test_that_adapters_are_counted_as_peft_counts_them(tmp_path: Path) -> None:
    from transformers import AutoModelForCausalLM

    from tests.fakes import FAMILIES
    from workbench.engine.model.load import add_adapter

    for family in ("llama", "phi3", "gpt2"):
        AutoModelForCausalLM.from_config(FAMILIES[family]()).save_pretrained(tmp_path / family)
        shape = model_shape.from_folder(tmp_path / family)
        for changes in (["lora.rank=4"], ["lora.rank=3", "lora.dora=true"]):
            model = add_adapter(AutoModelForCausalLM.from_pretrained(tmp_path / family), recipe(*changes))
            counted = sum(entry.numel() for entry in model.parameters() if entry.requires_grad)
            assert ledger.adapter_parameters(shape, recipe(*changes)) == counted, (family, changes)


MILLION = [((1000, 1000), 1)]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_that_every_optimizer_has_states_between_none_and_three(optimizer: str) -> None:
    assert 0 <= optimizer_states.state_bytes(optimizer, MILLION, 4).total <= 12_000_004


def test_that_known_optimizers_take_what_they_are_known_to_take() -> None:
    def states(name: str, size: int = 4) -> float:
        return optimizer_states.state_bytes(name, MILLION, size).total / 1e6

    assert states("adamw_torch_fused") == pytest.approx(8, abs=1e-5)
    assert states("adamw_torch_fused", size=2) == pytest.approx(4, abs=1e-5)
    # Two codes, an absmax per 256 of each, and two tables of 256 values.
    eight_bit = 2 + 2 * 4 * 3907 / 1e6 + 2 * 1024 / 1e6
    assert states("adamw_8bit") == states("paged_adamw_8bit") == states("adamw_bnb_8bit") == pytest.approx(eight_bit)
    assert states("paged_adamw_32bit", size=2) == 8
    assert states("lion_8bit") == pytest.approx(eight_bit / 2)
    assert states("rmsprop_bnb_32bit", size=2) == 4
    assert states("sgd") == 0
    assert states("adafactor") == pytest.approx(0.008, abs=1e-5)


def test_that_small_tensors_neither_page_nor_shrink() -> None:
    sizes = [((16, 4096), 10), ((32, 4096), 10), ((64,), 10), ((4096,), 10)]
    told = optimizer_states.state_bytes("paged_adamw_8bit", sizes, 4)
    assert told.paged == 10 * 2 * 32 * 4096, "of 100 000 numbers and more; their absmax stays"
    assert told.unpaged_tensors == 30
    assert told.wide_tensors == 10, "of less than 4096 numbers"
    # A matrix of an adapter on 4096 features pages from rank 25 on, on 11008 from rank 10 on.
    for features, rank in ((4096, 25), (11008, 10)):
        thin, wide = (
            optimizer_states.state_bytes("paged_adamw_32bit", [((width, features), 1)], 4).paged
            for width in (rank - 1, rank)
        )
        assert (thin, wide) == (0, 8 * rank * features)


def test_that_a_model_of_unknown_layers_is_all_overhead() -> None:
    unknown = from_config(json.loads('{"model_type": "nothing_known"}'), "x")
    told = predict(unknown, recipe(), device="cuda")
    assert sum(told.parts[name] for name in PARTS if name not in ("logits", "overhead")) == 0
    assert "are not known from config.json alone" in told.unknown[0]
    assert "config.json does not say hidden size, layers, vocabulary" in told.unknown[1]


def test_that_an_unknown_family_says_how_far_its_prediction_holds() -> None:
    known = predict(LLAMA_3_8B, recipe(), device="cuda")
    told = predict(replace(LLAMA_3_8B, family="newest", block=UNKNOWN), recipe(), device="cuda")
    assert known.unknown == ()
    assert told.parts == known.parts
    assert [sentence.partition(":")[0] for sentence in told.unknown] == [
        "How a block of the family newest is made is not known"
    ]


# -- lines and moments -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("device", ["cuda", "cpu"])
def test_that_lines_say_their_parts_in_words_and_numbers(device: str) -> None:
    for model in catalogue.catalogue():
        for changes in ([], ["lora.enabled=false", "model.precision=bf16"], ["model.precision=int8"]):
            told = predict(model.shape(), recipe(*changes), device=device)
            assert [line.part for line in told.lines] == list(PARTS)
            assert [line.name for line in told.lines] == list(ledger.NAMES.values())
            assert {line.part: line.size_bytes for line in told.lines} == told.parts
            assert all(line.formula for line in told.lines)
            assert [moment.name for moment in told.moments] == ["forward", "loss", "backward", "update"]
            assert all(tuple(moment.parts) == PARTS for moment in told.moments)
            sizes = {moment.name: moment.size_bytes for moment in told.moments}
            assert max(sizes.values()) == sizes[told.peak] == told.peak_bytes


def test_that_weights_stored_with_another_block_say_theirs() -> None:
    shape = replace(LLAMA_3_8B, quantized=AlreadyQuantized("nf4", True, 128))
    said = {line.part: line.formula for line in predict(shape, recipe(), device="cuda").lines}["weights"]
    assert said == "6.98 billion \u00d7 4.063 bits: 4, absmax of 128 in 8 bits, of 256 such in 32"
    said = {line.part: line.formula for line in predict(LLAMA_3_8B, recipe(), device="cuda").lines}["weights"]
    assert "absmax of 64 in 8 bits" in said


def test_that_formulas_can_be_worked_by_hand() -> None:
    asked = ("training.max_length=2048", "training.packing=false")
    words = {line.part: line.formula for line in peak(*asked, fused_head=False).lines}
    thin = "\u2009"
    assert words["weights"].startswith("6.98 billion \u00d7 4.127 bits")
    assert words["adapters"].startswith("41.9 million \u00d7 4 bytes")
    assert words["activations"] == f"2{thin}048 tokens \u00d7 32 layers \u00d7 8{thin}192 bytes"
    assert words["logits"] == f"2{thin}048 tokens \u00d7 128{thin}256 words \u00d7 14 bytes"
    tiled = {line.part: line.formula for line in peak(*asked).lines}
    assert tiled["logits"].endswith("= 3.68 GB"), "what they would be whole is said"
    paged = peak(*asked, "training.optimizer=paged_adamw_8bit", "lora.rank=16").lines[4].formula
    assert "never do" in paged


def test_that_logits_are_most_of_a_small_model_with_many_words() -> None:
    told = peak("training.max_length=2048", "training.packing=false", shape=QWEN_05B, fused_head=False)
    assert told.parts["logits"] / 1e9 == pytest.approx(4.36, abs=0.01)
    assert told.allocated_bytes / 1e9 == pytest.approx(5.04, rel=0.02)
    assert told.peak == "loss"


def test_that_packed_rows_and_windows_keep_a_mask_and_a_key_for_every_head() -> None:
    asked = ["training.max_length=2048", "training.gradient_checkpointing=false"]
    alone = peak(*asked, "training.packing=false").moments[0].parts["activations"]
    packed = peak(*asked).moments[0].parts["activations"]
    assert packed - alone == 32 * 2048 * (2 * 2048 + 2 * 2 * (4096 - 1024))
    # Packing lays a batch end to end, so its mask grows with the square of it.
    two = peak(*asked, "training.batch_size=2").moments[0].parts["activations"]
    assert two - 2 * packed == 2 * 32 * 2048 * 2 * 2048
    mistral = catalogue.find("Mistral-7B v0.1").shape()
    short, long = (
        predict(
            mistral,
            recipe(f"training.max_length={length}", "training.packing=false", "training.gradient_checkpointing=false"),
            device="cuda",
        )
        .moments[0]
        .parts["activations"]
        / length
        for length in (4096, 4097)
    )
    assert long - short > 32 * 2 * 4097, "a window shorter than the row needs a mask"


def test_that_experts_weigh_all_and_work_few() -> None:
    shape = catalogue.find("Mixtral-8x7B").shape()
    told = predict(shape, recipe("lora.targets=q_proj,v_proj", "training.packing=false"), device="cuda")
    assert told.parts["unquantized"] > 2 * 45e9
    assert "experts" in told.unknown[0]
    dense = replace(shape, block=replace(shape.block, active_experts=shape.block.experts))
    more = predict(dense, recipe("lora.targets=q_proj,v_proj", "training.packing=false"), device="cuda")
    assert more.parts["unquantized"] == told.parts["unquantized"]
    assert more.moments[2].parts["activations"] > 2 * told.moments[2].parts["activations"]


# -- published measurements --------------------------------------------------------------------------------------------

FALCON_7B, FALCON_40B = (catalogue.find(name).shape() for name in ("Falcon-7B", "Falcon-40B"))
LLAMA_2_13B = catalogue.find("Llama-2-13B").shape()
CODE_LLAMA_34B = llama(8192, 22016, 48, 64, 8, 32000)


@pytest.mark.parametrize(
    ("shape", "saved"),
    [
        # LitGPT's resource tables (A100 of 40 GB, torch 2.1, bitsandbytes 0.41.1): inference in NF4, in GB, without and
        # with double quantization. LitGPT quantizes the head too, and Falcon's layers, which transformers leaves.
        (LLAMA_2_7B, 0.31),
        (LLAMA_2_13B, 0.60),
        (CODE_LLAMA_34B, 1.57),
        (FALCON_40B, 1.92),
        (FALCON_7B, 0.34),
    ],
    ids=["7B", "13B", "34B", "Falcon 40B", "Falcon 7B"],
)
def test_that_double_quantization_saves_what_litgpt_measured(shape: ModelShape, saved: float) -> None:
    linears = sum(out * width for out, width in shape.linears) * shape.layers + shape.vocab_size * shape.hidden_size
    once, twice = (linears * bits_per_weight("nf4", double_quant=double) / 8e9 for double in (False, True))
    assert once - twice == pytest.approx(saved, abs=0.02)
    assert shape.linear_parameters in (0, linears - shape.vocab_size * shape.hidden_size)


def test_that_a_model_takes_what_litgpt_measured_beside_its_cache_and_context() -> None:
    # The same tables: 7B loaded in BF16 13.52 GB, NF4 4.57, 13B 26.21 and 8.32. LitGPT's NF4 head is 0.19 GB less than
    # ours of 7B; a cache of keys and values, and activations, come on top of either: up to 0.9 GB.
    for shape, bf16, nf4 in ((LLAMA_2_7B, 13.52, 4.57), (LLAMA_2_13B, 26.21, 8.32)):
        assert sum(weights_bytes(shape, "bf16", False)) / 1e9 == pytest.approx(bf16, rel=0.02)
        head = shape.vocab_size * shape.hidden_size
        ours = (sum(weights_bytes(shape, "nf4", False)) - head * (2 - 4.5 / 8)) / 1e9
        assert ours < nf4 < ours + 0.9


# ms-swift's benchmark of Qwen-7B (A100, GiB): one layer for queries, keys and values, rank 8 on it, 2048 tokens,
# checkpointing, flash attention.
QWEN_7B = from_config(
    {
        "model_type": "phi3",
        "hidden_size": 4096,
        "intermediate_size": 11008,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "vocab_size": 151936,
        "torch_dtype": "bfloat16",
    },
    "Qwen-7B",
)


def swift(*changes: str) -> float:
    base = ["lora.rank=8", "lora.targets=qkv_proj", "training.packing=false", "model.precision=bf16"]
    asked = recipe("training.max_length=2048", *base, *changes)
    return predict(QWEN_7B, asked, device="cuda", fused_head=False).peak_bytes / 2**30


def test_that_the_laws_hold_that_ms_swift_measured() -> None:
    # Rank hardly matters: 27.72, 27.74, 27.85 for 2, 8, 64, and 27.87 for all layers at rank 8. Ours counts 18 bytes a
    # number, an FP32 adapter with gradient, states and autocast's copy; theirs comes to four.
    thin, plain, wide = (swift(f"lora.rank={rank}") for rank in (2, 8, 64))
    assert thin < plain < wide < plain + 0.13 * 18 / 4
    assert plain < swift("lora.targets=all-linear") < plain + 0.13 * 18 / 4
    # Accumulation never does: 27.73 to 27.74.
    assert swift("training.accumulation=64") == plain
    # Checkpointing is worth 9.96.
    assert swift("training.gradient_checkpointing=false") - plain == pytest.approx(9.96, rel=0.06)
    # By length they measured 18.01, 21.73, 27.74, 35.31, 48.41 for 512 to 8192 tokens. transformers of that time
    # widened the logits and copied them once more to shift them: 22 bytes a word, where today's takes 14. Ours so
    # widened is 8 % above theirs (14.2 of 13.1 GB from 4096 to 8192): 20 bytes a word would agree, so not all copies
    # lived at once.
    ours = [swift(f"training.max_length={length}") for length in (4096, 8192)]
    widened = 8 * 4096 * QWEN_7B.vocab_size / 2**30
    assert ours[1] - ours[0] + widened == pytest.approx(48.41 - 35.31, rel=0.1)


def test_that_the_figures_of_qloras_text_come_out() -> None:
    # arXiv 2305.14314. 65B: more than 780 GB for 16-bit training with 32-bit Adam (12 bytes a parameter), less than 48
    # GB as QLoRA; double quantization saves about 3 GB of 65B.
    shape = llama(8192, 22016, 80, 64, 64, 32000)
    assert shape.parameters == pytest.approx(65e9, rel=0.01)
    assert 12 * shape.parameters == pytest.approx(780e9, rel=0.01)
    guanaco = recipe("lora.rank=64", "lora.adapter_dtype=bf16", "training.packing=false")
    assert peak_of(shape, guanaco) < 48e9
    once, twice = (weights_bytes(shape, "nf4", double)[0] for double in (False, True))
    assert once - twice == pytest.approx(3e9, rel=0.02)
    # 7B: adapters of 0.2 % take 26 MB; what a layer's checkpoint holds is 1/32 of what all layers would.
    thin = recipe("lora.rank=8", "lora.targets=q_proj,k_proj,v_proj,o_proj", "lora.adapter_dtype=bf16")
    assert ledger.adapter_parameters(LLAMA_2_7B, thin) / LLAMA_2_7B.parameters == pytest.approx(0.0012, rel=0.05)
    # Guanaco's memory figures by their table: 41, 21, 10 and 5 GB for 65B, 33B, 13B and 7B; ours of weights alone is
    # below each, and a step at 512 tokens stays within a quarter above.
    for sizes, printed in (((5120, 13824, 40, 40), 10), ((4096, 11008, 32, 32), 5)):
        hidden, inner, layers, heads = sizes
        model = llama(hidden, inner, layers, heads, heads, 32000)
        assert sum(weights_bytes(model, "nf4", True)) < printed * 1e9
        asked = recipe("lora.rank=64", "lora.adapter_dtype=bf16", "training.optimizer=paged_adamw_8bit")
        assert peak_of(model, asked) == pytest.approx(printed * 1e9, rel=0.25)


def peak_of(shape: ModelShape, asked: Recipe) -> int:
    return predict(shape, asked, device="cuda", fused_head=False).allocated_bytes


def test_that_lora_takes_what_pefts_readme_measured() -> None:
    # A100 of 80 GB: bloomz-7b1 full training runs out, LoRA 32 GB. The README does not say its length or batch; of one
    # row of 512 tokens in FP32, as the script of that time ran, ours is within a fifth.
    shape = catalogue.find("BLOOMZ-7B1").shape()
    full = recipe("lora.enabled=false", "model.precision=fp32", "model.compute_dtype=fp32")
    assert peak_of(shape, full) > 80e9
    asked = recipe("model.precision=fp32", "model.compute_dtype=fp32", "lora.rank=8", "lora.targets=query_key_value")
    assert peak_of(shape, asked) == pytest.approx(32e9, rel=0.2)


def test_that_up_casting_costs_more_than_quantization_saves() -> None:
    # bitsandbytes#1569: Ministral-8B at 4096 tokens, LoRA on BF16 72 840 MB, QLoRA 63 082, with
    # prepare_model_for_kbit_training 81 076. They say neither rank nor batch, which the distances hardly depend on.
    shape = from_config({**catalogue.find("Llama-3-8B").config, **MINISTRAL}, "Ministral-8B")
    asked = ["training.max_length=4096", "training.packing=false", "training.gradient_checkpointing=false"]
    asked += ["lora.adapter_dtype=bf16"]
    plain, quantized, up_cast = (
        peak_of(shape, recipe(*asked, *changes)) for changes in (["model.precision=bf16"], [], ["lora.upcast=true"])
    )
    assert quantized < plain < up_cast
    assert plain - quantized == pytest.approx(9.76e9, rel=0.1)
    assert up_cast - quantized == pytest.approx(17.99e9, rel=0.1)


MINISTRAL = {"intermediate_size": 12288, "num_hidden_layers": 36, "vocab_size": 131072, "head_dim": 128}
