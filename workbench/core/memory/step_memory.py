"""What each moment of a training step holds, part by part: forward pass, loss, backward pass, optimizer step."""

from dataclasses import replace
from math import prod

from workbench.core.memory import block_memory
from workbench.core.memory.adapter_shape import adapter_sizes, targets_of
from workbench.core.memory.block_memory import Types, kept_by_block, masked_layers
from workbench.core.memory.optimizer_states import StateBytes, has_states_of_its_weights, state_bytes, update_bytes
from workbench.core.model.shape import ModelShape
from workbench.core.recipe.recipe import FOUR_BIT, QUANTIZED, Recipe

# What CUDA keeps for itself on a card (0.3 to 0.6 GB by driver and card), and what the allocator loses between blocks.
CUDA_CONTEXT_BYTES = 450_000_000
FRAGMENTATION = 0.05
# Resident size of the engine with its libraries (Linux, torch 2.13 CPU):
# python -c "import workbench.engine.train.train, psutil; print(psutil.Process().memory_info().rss)"
LIBRARIES_BYTES = 503_000_000
# Tokenizer and rows of the starter, measured as the growth from there to the tokenized rows.
TOKENIZER_BYTES = 62_000_000
# What the heap of a CPU run holds beside what is in use, measured as the starter's resident peak less what is counted:
# 0.52 GB with checkpointing and no answers, 0.47 GB in BF16, 0.56 to 0.72 GB as it comes.
HEAP_BYTES = 500_000_000
# Of it, once the model is loaded, measured in the same way: 0.16 to 0.56 GB in NF4, 0.14 in INT8, 0.19 in FP32, none in
# BF16.
LOADED_HEAP_BYTES = 250_000_000
# engine/model/held.py
MOST_HELD_OF_FREE_MEMORY = 0.5
# trl 1.16, kernels/chunked_logprob.py: the head is multiplied in tiles of this many tokens and words.
TILE_TOKENS, TILE_WORDS = 4096, 32768

FORWARD, LOSS, BACKWARD, UPDATE = "forward", "loss", "backward", "update"
Parts = dict[str, int]


class StepMemory:
    """A recipe's step on "cuda" or "cpu", worked out once."""

    def __init__(
        self, shape: ModelShape, recipe: Recipe, device: str, *, fused_head: bool, trained_share: float
    ) -> None:
        self.shape, self.recipe, self.device = shape, recipe, device
        self.types = Types.of(recipe, device)
        self.is_quantized = recipe.model.precision in QUANTIZED
        self.has_tiles = fused_head and device == "cuda"
        training, lora = recipe.training, recipe.lora
        self.is_recomputed = training.gradient_checkpointing
        self.tokens = training.batch_size * training.max_length
        self.loss_tokens = round(self.tokens * trained_share)
        self.trained_size = (
            self.types.adapter_size if lora.enabled else block_memory.SIZES.get(recipe.model.precision, 2)
        )
        self.magnitudes = shape.layers * sum(shape.linears[index][0] for index in self._dora())
        self.trained_sizes = adapter_sizes(shape, recipe) if lora.enabled else [*shape.linear_sizes, *shape.other_sizes]
        self.trained = sum(count * prod(size) for size, count in self.trained_sizes)  # without magnitudes
        # DoRA's magnitudes stay FP32 (engine/model/load.py).
        self.trained_bytes = self.trained * self.trained_size + 4 * self.magnitudes
        self.states = self._states()
        self.largest = max((prod(size) for size, _ in shape.linear_sizes), default=0)
        self.head = shape.vocab_size * shape.hidden_size
        self._kept()

    def _dora(self) -> list[int]:
        lora = self.recipe.lora
        return targets_of(self.shape, self.recipe) if lora.enabled and lora.dora else []

    def _states(self) -> StateBytes:
        training = self.recipe.training
        sizes = list(self.trained_sizes)
        sizes += [((self.shape.linears[index][0],), self.shape.layers) for index in self._dora()]
        embeddings = () if self.recipe.lora.enabled else self.shape.embedding_sizes
        states = state_bytes(training.optimizer, sizes, self.trained_size, embeddings)
        if self.magnitudes and has_states_of_its_weights(training.optimizer):
            # DoRA's magnitudes are FP32 (engine/model/load.py), so their states are.
            more = states.states * (4 - self.trained_size) * self.magnitudes
            return replace(states, total=states.total + more)
        return states

    def _kept(self) -> None:
        """What all blocks keep until the backward pass, and what the block at work holds beside it."""
        shape, recipe, types = self.shape, self.recipe, self.types
        masked = masked_layers(shape, recipe)
        self.plain = kept_by_block(shape, recipe, types, is_masked=False)
        self.masked = kept_by_block(shape, recipe, types, is_masked=True) if masked else self.plain
        plain, with_mask = (kept.per_block + self.tokens * kept.per_token for kept in (self.plain, self.masked))
        self.masked_layers = masked
        self.largest_block = max(plain, with_mask)
        between = self.tokens * types.residual_size * shape.hidden_size * shape.layers
        # INT8 layers keep their inputs where no recomputation reaches them.
        held = self.tokens * self.plain.held_inputs * shape.layers
        self.kept = between + held if self.is_recomputed else masked * with_mask + (shape.layers - masked) * plain
        self.recomputed = self.largest_block if self.is_recomputed else 0

    # -- moments ------------------------------------------------------------------------------------------------------

    def moments(self) -> dict[str, Parts]:
        """What is held beside weights, adapters and optimizer states, by moment.

        The gradients of all weights appear in the backward pass and are gone after the step, unless batches are
        accumulated; those of an adapter are small, and counted all the time, so that accumulating costs nothing.
        """
        recipe, head = self.recipe, self.head
        gradients = self.trained_bytes
        is_full = not recipe.lora.enabled
        before = gradients if recipe.training.accumulation > 1 or not is_full else 0
        forward_copies, backward_copies = self._copies()
        # The head's gradient: added up in FP32 over tiles, else in its own type.
        head_gradient = head * (4 if self.has_tiles else self.trained_size) if is_full else 0
        live = self.live_bytes()
        dequantized = self.dequantized_bytes()
        first = {
            "gradients": max(before, head * self.trained_size if is_full else 0),
            "activations": self.kept + self.recomputed,
            "logits": 0,
            "workspace": backward_copies + dequantized + live,
        }
        last = {
            **first,
            "gradients": gradients,
            "activations": self.kept // max(1, self.shape.layers) + self.recomputed,
        }
        backward = last if is_full and sum(last.values()) > sum(first.values()) else {**first}
        return {
            FORWARD: {
                "gradients": before,
                "activations": self.kept,
                "logits": 0,
                "workspace": forward_copies + dequantized,
            },
            LOSS: {
                "gradients": before,
                "activations": self.kept,
                "logits": self.logits_bytes(),
                "workspace": forward_copies + head_gradient,
            },
            BACKWARD: backward,
            UPDATE: {"gradients": gradients, "activations": 0, "logits": 0, "workspace": self.update_bytes()},
        }

    def update_bytes(self) -> int:
        return update_bytes(self.recipe.training.optimizer, self.trained_sizes, self.trained_size, self.device)

    def logits_bytes(self) -> int:
        """Logits as they are, widened, their log-softmax and its gradient: 14 bytes a word in a 16-bit type.

        In tiles: one tile, and an FP32 gradient of the hidden states (trl 1.16).
        """
        if self.has_tiles:
            return self.tile_bytes() + 4 * self.loss_tokens * self.shape.hidden_size
        return self.whole_logits_bytes()

    def tile_bytes(self) -> int:
        return self.types.size * min(self.loss_tokens, TILE_TOKENS) * TILE_WORDS

    def whole_logits_bytes(self) -> int:
        return (self.types.size + 12) * self.loss_tokens * self.shape.vocab_size

    def dequantized_bytes(self) -> int:
        """A layer unpacked to be multiplied by; a CPU widens it to FP32 as well."""
        return self.largest * (self.types.size + (4 if self.device == "cpu" else 0)) if self.is_quantized else 0

    def live_bytes(self) -> int:
        """The gradients that live within a block."""
        block = self.shape.block
        inner = block.active_experts * block.expert_size if block.experts else self.shape.intermediate_size
        return 2 * self.types.size * (inner + self.shape.hidden_size) * self.tokens

    def _copies(self) -> tuple[int, int]:
        """The 16-bit copies that autocast makes of FP32 weights: until the loss, and in the backward pass.

        It holds those of trained weights to the end of the forward pass, and those of frozen ones as long as a product
        wants them (torch, autocast_mode.cpp).
        """
        if not self.types.has_autocast:
            return 0, 0
        shape, blocks = self.shape, max(1, self.shape.layers) if self.is_recomputed else 1
        adapters = 2 * self.trained if self.recipe.lora.enabled and self.types.adapter_size == 4 else 0
        if self.recipe.model.precision != "fp32":
            return adapters, adapters // blocks
        some = 2 * (shape.linear_parameters // blocks + self.head)
        whole = some if self.recipe.lora.enabled else 2 * (shape.linear_parameters + self.head)
        return whole + adapters, some + adapters // blocks

    # -- what a CPU run and a card take beside ------------------------------------------------------------------------

    def answering_bytes(self, free_bytes: int | None) -> int:
        """What engine/model/held.py widens while a CPU without BF16 answers: its larger case."""
        samples, model = self.recipe.samples, self.recipe.model
        answers = samples.count or samples.prompts or self.recipe.evaluation.score_path
        wanted = 4 * self.shape.linear_parameters
        is_held = free_bytes is None or wanted <= MOST_HELD_OF_FREE_MEMORY * free_bytes
        return wanted if answers and is_held and model.precision in (*FOUR_BIT, "bf16") else 0

    def overhead_bytes(self, allocated: int, rest: int) -> int:
        """What a card's context and fragments take; on a CPU the libraries, and what the heap loses.

        Unquantized weights of the stored type stay in the file, which is mapped; so its other pages stay resident too.
        """
        if self.device == "cuda":
            return round(CUDA_CONTEXT_BYTES + FRAGMENTATION * allocated)
        is_mapped = self.is_quantized and self.shape.stored_as.startswith(self.recipe.model.compute_dtype.upper())
        other_pages = max(0, self.shape.stored_bytes - rest) if is_mapped else 0
        return LIBRARIES_BYTES + TOKENIZER_BYTES + HEAP_BYTES + other_pages

    def loaded_overhead_bytes(self, allocated: int, rest: int) -> int:
        """The same once the model is loaded."""
        less = 0 if self.device == "cuda" else HEAP_BYTES - LOADED_HEAP_BYTES
        return self.overhead_bytes(allocated, rest) - less
