"""The ledger's terms beside real tensors on the CPU, to the byte: activations, weights, adapters, gradients, states."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from torch.autograd.graph import saved_tensors_hooks

from tests.fakes import VOCABULARY, save_tiny_model
from workbench.core.memory.block_memory import Types, kept_by_block
from workbench.core.memory.step_memory import StepMemory
from workbench.core.memory.stored_weights import weights_bytes
from workbench.core.model.shape import ModelShape, from_folder
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import QUANTIZED, Recipe
from workbench.engine.job.devices import Device
from workbench.engine.model import cpu_bf16, load

BATCH, LENGTH = 2, 40
TOKENS = BATCH * LENGTH
FEW, MANY = 2, 4  # layers
CPU = Device("cpu", "CPU", True)
Folder = Callable[..., Path]

_WIDE = {"hidden_size": 64, "intermediate_size": 176, "num_attention_heads": 4, "num_key_value_heads": 2}
_OLD = {"hidden_size": 64, "num_attention_heads": 4}
_MOE = {"num_experts_per_tok": 2, "head_dim": 32}
CONFIGS: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("LlamaConfig", _WIDE),
    "mistral": ("MistralConfig", {**_WIDE, "sliding_window": 4096}),
    "sliding mistral": ("MistralConfig", {**_WIDE, "sliding_window": 16}),
    "mixtral": ("MixtralConfig", {**_WIDE, **_MOE, "num_local_experts": 4, "sliding_window": None}),
    "qwen2": ("Qwen2Config", _WIDE),
    "qwen3": ("Qwen3Config", {**_WIDE, "head_dim": 32}),
    "qwen3_moe": ("Qwen3MoeConfig", {**_WIDE, **_MOE, "num_experts": 4, "moe_intermediate_size": 48}),
    "gemma": ("GemmaConfig", {**_WIDE, "head_dim": 32}),
    "gemma2": ("Gemma2Config", {**_WIDE, "head_dim": 32}),
    "gemma3": ("Gemma3TextConfig", {**_WIDE, "head_dim": 32}),
    "phi3": ("Phi3Config", _WIDE),
    "gpt2": ("GPT2Config", {"n_embd": 64, "n_head": 4, "resid_pdrop": 0, "embd_pdrop": 0, "attn_pdrop": 0}),
    "gpt2 with dropout": ("GPT2Config", {"n_embd": 64, "n_head": 4, "embd_pdrop": 0, "attn_pdrop": 0}),
    "gpt_neox": ("GPTNeoXConfig", {**_OLD, "intermediate_size": 176}),
    "sequential gpt_neox": ("GPTNeoXConfig", {**_OLD, "intermediate_size": 176, "use_parallel_residual": False}),
    "opt": ("OPTConfig", {**_OLD, "ffn_dim": 176, "word_embed_proj_dim": 64, "dropout": 0}),
    "falcon": ("FalconConfig", _OLD),
    "new falcon": ("FalconConfig", {**_OLD, "new_decoder_architecture": True, "num_kv_heads": 2}),
    "old falcon": ("FalconConfig", {**_OLD, "multi_query": False, "parallel_attn": False, "alibi": True, "bias": True}),
    "bloom": ("BloomConfig", {"hidden_size": 64, "n_head": 4}),
}
_DEPTHS = {"gpt2": "n_layer", "bloom": "n_layer"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Folders of models by their number of layers, in BF16 or FP32, each made once."""
    root, made = tmp_path_factory.mktemp("depths"), {}

    def make(family: str, layers: int) -> Path:
        if (family, layers) not in made:
            name, sizes = CONFIGS[family]
            depth = _DEPTHS.get(
                family.split()[-1] if family.endswith("bloom") else family.split()[0], "num_hidden_layers"
            )
            config = getattr(transformers, name)(
                vocab_size=VOCABULARY, bos_token_id=1, eos_token_id=2, pad_token_id=0, **{**sizes, depth: layers}
            )
            made[family, layers] = save_tiny_model(config, root / f"{family}-{layers}")
        return made[family, layers]

    return make


def recipe(*changes: str) -> Recipe:
    base = [
        "model.device=cpu",
        "model.precision=bf16",
        "lora.rank=8",
        "lora.adapter_dtype=bf16",
        f"training.batch_size={BATCH}",
        f"training.max_length={LENGTH}",
        "training.packing=false",
        "training.gradient_checkpointing=false",
    ]
    return recipe_text.with_overrides(Recipe(), [*base, *changes])


def built(folder: Path, asked: Recipe) -> Any:
    """The model as the engine makes it ready to be trained."""
    torch.manual_seed(0)
    model: Any = load.load_model(folder, asked, CPU)
    if asked.lora.enabled:
        model = load.add_adapter(model, asked)
        load.set_adapter_dtype(model, asked)
    if asked.training.gradient_checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
        model.enable_input_require_grads()
    return model.train()


def kept_bytes(model: Any, asked: Recipe, types: Types) -> int:
    """Bytes of every storage that a forward pass keeps for the backward pass, parameters and buffers left out."""
    held = [entry.untyped_storage() for entry in [*model.parameters(), *model.buffers()]]  # as `found` below
    own = {storage.data_ptr() for storage in held}
    found: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        address = tensor.untyped_storage().data_ptr()
        if address not in own:
            found.setdefault(address, tensor)  # held, so that no other tensor gets its address
        return tensor

    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(3, VOCABULARY, (BATCH, LENGTH), generator=generator)
    more: dict[str, Any] = {}
    if asked.training.packing:  # as TRL lays a batch out
        ids = ids.reshape(1, TOKENS)
        more["position_ids"] = torch.cat([torch.arange(LENGTH // 2)] * 2 * BATCH)[None]
    with saved_tensors_hooks(keep, lambda tensor: tensor), torch.autocast("cpu", torch.bfloat16, types.has_autocast):
        loss = model(input_ids=ids, labels=ids, use_cache=False, **more).loss
    for node in nodes(loss.grad_fn):  # what bitsandbytes keeps beside, where hooks do not see it
        beside = [getattr(node, "A", None), *(getattr(node, "tensors", None) or ())]
        for tensor in beside:
            if isinstance(tensor, torch.Tensor):
                keep(tensor)
    return sum(tensor.untyped_storage().nbytes() for tensor in found.values())


def nodes(start: Any) -> Iterator[Any]:
    seen, waiting = set(), [start]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in seen:
            seen.add(node)
            yield node
            waiting += [entry[0] for entry in node.next_functions]


def types_here(asked: Recipe) -> Types:
    """The types of a CPU run; a CPU that has BF16 does attention in it."""
    types = Types.of(asked, "cpu")
    is_widened = asked.model.compute_dtype == "bf16" and not cpu_bf16.is_native()
    return types if is_widened else replace(types, attention_size=types.size)


def computed_bytes(shape: ModelShape, asked: Recipe) -> int:
    """What one block keeps by the ledger, autocast's copies of weights with it."""
    types = types_here(asked)
    is_masked = asked.training.packing or shape.block.is_always_masked or 0 < shape.block.window < LENGTH
    kept = kept_by_block(shape, asked, types, is_masked=is_masked)
    copies = 0
    if types.has_autocast:
        copies = 2 * shape.linear_parameters // shape.layers
        copies += sum(8 * sum(linear) * 2 for linear in shape.linears) if asked.lora.enabled else 0
    return TOKENS * kept.per_token + kept.per_block + copies


def check_block(folder: Folder, family: str, *changes: str) -> None:
    asked = recipe(*changes)
    types = types_here(asked)
    few, many = (kept_bytes(built(folder(family, layers), asked), asked, types) for layers in (FEW, MANY))
    computed = computed_bytes(from_folder(folder(family, MANY)), asked)
    assert (many - few) / (MANY - FEW) == computed, (
        f"{(many - few) / (MANY - FEW) / TOKENS} {computed / TOKENS} a token"
    )


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("family", CONFIGS)
def test_that_a_block_of_every_family_keeps_what_is_computed(folder: Folder, family: str, attention: str) -> None:
    check_block(folder, family, f"model.attention={attention}")


WAYS = {
    "fp32 adapters": ["lora.adapter_dtype=fp32"],
    "dropout": ["lora.dropout=0.1"],
    "dropout on fp32 adapters": ["lora.dropout=0.1", "lora.adapter_dtype=fp32"],
    "two layers": ["lora.targets=q_proj,v_proj,c_attn,query_key_value,qkv_proj"],
    "packed": ["training.packing=true"],
    "packed, eager": ["training.packing=true", "model.attention=eager"],
    "full": ["lora.enabled=false"],
    "full in fp32": ["lora.enabled=false", "model.precision=fp32", "model.compute_dtype=fp32"],
    "full, mixed": ["lora.enabled=false", "model.precision=fp32"],
    "fp32": ["model.precision=fp32", "model.compute_dtype=fp32", "lora.adapter_dtype=fp32"],
    "fp32, eager": [
        "model.precision=fp32",
        "model.compute_dtype=fp32",
        "lora.adapter_dtype=fp32",
        "model.attention=eager",
    ],
    "fp32, bf16 adapters": ["model.precision=fp32", "model.compute_dtype=fp32"],
    "mixed": ["model.precision=fp32", "lora.adapter_dtype=fp32"],
    "mixed with dropout": ["model.precision=fp32", "lora.adapter_dtype=fp32", "lora.dropout=0.1"],
    "nf4": ["model.precision=nf4"],
    "nf4, fp32 adapters": ["model.precision=nf4", "lora.adapter_dtype=fp32"],
    "nf4, eager": ["model.precision=nf4", "model.attention=eager"],
    "nf4, up-cast": ["model.precision=nf4", "lora.upcast=true", "lora.adapter_dtype=fp32"],
    "int8": ["model.precision=int8"],
    "int8 with dropout": ["model.precision=int8", "lora.dropout=0.1"],
    "int8, two layers": ["model.precision=int8", "lora.targets=q_proj,v_proj,c_attn,query_key_value,qkv_proj"],
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("family", ["llama", "qwen3", "gemma3", "phi3", "gpt2", "gpt_neox"])
def test_that_a_block_keeps_what_is_computed_in_every_way_to_train(folder: Folder, family: str, way: str) -> None:
    if "packed" in way and family == "gpt2":
        pytest.skip("positions of GPT-2 are looked up before its mask is made")
    check_block(folder, family, *WAYS[way])


@pytest.mark.parametrize("precision", ["bf16", "nf4", "int8"])
@pytest.mark.parametrize("family", ["llama", "gemma3", "gpt2", "mixtral"])
def test_that_between_two_blocks_checkpointing_keeps_one_stream(folder: Folder, family: str, precision: str) -> None:
    asked = recipe("training.gradient_checkpointing=true", f"model.precision={precision}")
    types = types_here(asked)
    few, many = (kept_bytes(built(folder(family, layers), asked), asked, types) for layers in (FEW, MANY))
    shape = from_folder(folder(family, MANY))
    step = StepMemory(shape, asked, "cpu", fused_head=False, trained_share=1.0)
    held = kept_by_block(shape, asked, types, is_masked=False).held_inputs
    assert (held > 0) == (precision == "int8"), "INT8 layers hold their inputs all the same"
    assert (many - few) / (MANY - FEW) == TOKENS * (2 * shape.hidden_size + held)
    assert step.kept == TOKENS * (2 * shape.hidden_size + held) * MANY


# -- what is there after a real step -----------------------------------------------------------------------------------


def stored_bytes(model: Any) -> tuple[int, int]:
    """Bytes of the quantized layers with their constants, and of all other frozen weights; each storage once."""
    quantized: dict[int, int] = {}
    rest: dict[int, int] = {}
    for name, parameter in model.named_parameters():
        if "lora_" in name:
            continue
        state = getattr(parameter, "quant_state", None)
        tensors = [parameter.data]
        if state is not None:
            tensors += [state.absmax, state.code]
            if state.nested:
                tensors += [state.offset, state.state2.absmax, state.state2.code]
        if getattr(parameter, "SCB", None) is not None:
            tensors.append(parameter.SCB)
        into = quantized if len(tensors) > 1 else rest
        into.update({tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in tensors})
    return sum(quantized.values()), sum(rest.values())


@pytest.mark.parametrize(
    "family", ["llama", "qwen3", "gemma3", "phi3", "gpt2", "gpt_neox", "opt", "falcon", "bloom", "mixtral"]
)
@pytest.mark.parametrize("precision", ["fp32", "fp16", "bf16", "int8", "nf4", "fp4"])
def test_that_weights_take_what_is_computed(folder: Folder, family: str, precision: str) -> None:
    compute = "bf16" if precision in QUANTIZED else precision
    for double_quant in (True, False) if precision in ("nf4", "fp4") else (True,):
        asked = recipe(
            f"model.precision={precision}", f"model.compute_dtype={compute}", f"model.double_quant={double_quant}"
        )
        model = load.load_model(folder(family, FEW), asked, CPU)
        shape = from_folder(folder(family, FEW))
        quantized, rest = weights_bytes(shape, precision, double_quant, compute)
        if precision in QUANTIZED:
            assert stored_bytes(model) == (quantized, rest)
        else:
            assert sum(stored_bytes(model)) == quantized + rest


def after_a_step(model: Any, asked: Recipe) -> tuple[int, int, int]:
    """Bytes of the trained weights, of their gradients, and of the optimizer's states after one step."""
    from bitsandbytes.optim import GlobalOptimManager
    from transformers import Trainer, TrainingArguments

    GlobalOptimManager.get_instance().initialize()  # forgets which tensors another test's optimizer keeps in 32 bits
    settings = TrainingArguments(output_dir="unused", optim=asked.training.optimizer, use_cpu=True, report_to=[])
    optimizer = Trainer(model=model, args=settings, train_dataset=[]).create_optimizer()
    ids = torch.randint(3, VOCABULARY, (BATCH, LENGTH), generator=torch.Generator().manual_seed(0))
    model(input_ids=ids, labels=ids, use_cache=False).loss.backward()
    optimizer.step()
    trained = {entry.data_ptr(): entry for entry in model.parameters() if entry.requires_grad}.values()
    gradients = sum(entry.grad.nbytes for entry in trained if entry.grad is not None)
    kept: dict[int, int] = {}
    for state in optimizer.state.values():
        for value in state.values():
            if isinstance(value, torch.Tensor):
                kept[value.untyped_storage().data_ptr()] = value.untyped_storage().nbytes()
    return sum(entry.nbytes for entry in trained), gradients, sum(kept.values())


OPTIMIZERS = [
    "adamw_torch_fused", "adamw_torch", "adafactor", "adagrad", "rmsprop", "sgd", "adamw_8bit", "paged_adamw_8bit",
    "paged_adamw_32bit", "adamw_bnb_8bit", "lion_8bit", "lion_32bit", "paged_lion_8bit", "rmsprop_bnb",
    "rmsprop_bnb_8bit", "rmsprop_bnb_32bit", "ademamix", "ademamix_8bit", "paged_ademamix_8bit",
]  # fmt: skip


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(
    "how",
    [
        ["lora.rank=80"],  # of 64 features: matrices above 4096 numbers
        ["lora.rank=4", "lora.adapter_dtype=fp32", "model.precision=nf4"],
        ["lora.enabled=false"],
        ["lora.enabled=false", "model.precision=fp32", "model.compute_dtype=fp32"],
    ],
    ids=["wide adapter", "thin adapter", "full", "full in fp32"],
)
def test_that_adapters_gradients_and_states_take_what_is_computed(
    folder: Folder, how: list[str], optimizer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked = recipe(*how, f"training.optimizer={optimizer}")
    step = StepMemory(from_folder(folder("llama", FEW)), asked, "cpu", fused_head=False, trained_share=1.0)
    trained, gradients, states = after_a_step(built(folder("llama", FEW), asked), asked)
    assert (trained, gradients, states) == (step.trained_bytes, step.trained_bytes, step.states.total)


@pytest.mark.parametrize("family", ["gemma3", "phi3", "gpt2", "mixtral"])
def test_that_adapters_of_other_families_take_what_is_computed(
    folder: Folder, family: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for changes in (
        ["lora.rank=80"],
        ["lora.enabled=false"],
        ["lora.rank=3", "lora.dora=true", "lora.targets=q_proj,c_attn,qkv_proj"],
    ):
        for optimizer in ("adamw_torch_fused", "adamw_8bit"):
            asked = recipe(*changes, f"training.optimizer={optimizer}")
            step = StepMemory(from_folder(folder(family, FEW)), asked, "cpu", fused_head=False, trained_share=1.0)
            found = after_a_step(built(folder(family, FEW), asked), asked)
            assert found == (step.trained_bytes, step.trained_bytes, step.states.total), (changes, optimizer)
