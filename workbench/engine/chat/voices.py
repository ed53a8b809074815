"""One base with its adapters beside it: each side speaks through its own, at a strength; the base through none."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model_state_dict
from peft.tuners.lora import LoraLayer
from peft.utils.integrations import dequantize_module_weight
from peft.utils.other import AuxiliaryTrainingWrapper
from safetensors.torch import load_file

from workbench.core.chat.speakers import Speaker
from workbench.core.job.checkpoints import sha256
from workbench.core.model.adapter_folder import WEIGHTS
from workbench.core.problems import UserError
from workbench.engine.model.adapter import put_on


@dataclass(frozen=True)
class Witness:
    """What the model's layers themselves say of who speaks.

    Attributes:
        adapter: The name of the adapter that is at work in all of them; empty where none is.
        strength: What its scale is multiplied by; 0 where none is at work.
    """

    adapter: str
    strength: float


class Voices:
    """The sides of a chat, on one copy of the base's weights.

    Attributes:
        model: The base, with the adapters on it where there are any.
        sha256: Of each adapter's weights, by its side.
        notes: Sentences that have to stand by the answers.
    """

    def __init__(self, base: Any, speakers: Sequence[Speaker]) -> None:
        """Raises UserError where an adapter does not fit the base, is not whole, or cannot be turned off again."""
        self.model = self._base = base
        self.sha256: dict[str, str] = {}
        self.notes: list[str] = []
        self._names: dict[str, str] = {}
        self._layers: list[Any] = []
        self._scales: list[dict[str, float]] = []
        for speaker in speakers:
            self.add(speaker)
        self.model.eval()

    def add(self, speaker: Speaker) -> None:
        """Puts one more on the base. Raises UserError as above; the others speak on then."""
        if speaker.adapter is None:
            return
        name = f"side-{len(self._names)}"  # which has no dot: peft's modules are called by it
        try:
            self._put_on(speaker, name)
        except UserError:
            self._take_off(name)
            raise
        self._names[speaker.side] = name
        self.model.eval()
        self._layers = [layer for layer in self.model.modules() if isinstance(layer, LoraLayer)]
        self._scales = [dict(layer.scaling) for layer in self._layers]

    @contextmanager
    def speaking(self, side: str, strength: float) -> Iterator[Witness]:
        """Lets a side speak for the block; at a strength of 0 its adapter is turned off, as the base's is."""
        name = self._names.get(side, "")
        if not name or strength == 0:
            with self._silent():
                yield self._witness()
            return
        self.model.set_adapter(name, inference_mode=True)
        with self._scaled(name, strength):
            yield self._witness()

    def adapter_sha256(self, witness: Witness) -> str:
        """Of the adapter that was found at work; empty where none was."""
        return next((self.sha256[side] for side, name in self._names.items() if name == witness.adapter), "")

    def _put_on(self, speaker: Speaker, name: str) -> None:
        assert speaker.adapter is not None
        folder = speaker.adapter.path
        config = LoraConfig.from_pretrained(str(folder))
        if config.bias != "none":
            raise UserError(
                f"The adapter in {folder} changes the base's own biases (bias = {config.bias}).",
                why="It cannot be turned off again, so the base could not be shown beside it.",
                remedy="Merge it into its base, and talk to that model.",
            )
        self.model = put_on(self.model, folder, name)
        held = get_peft_model_state_dict(self.model, adapter_name=name, save_embedding_layers=False)
        kept = load_file(folder / WEIGHTS)
        for tensor, value in kept.items():
            if not torch.equal(held[tensor].cpu(), value.to(held[tensor].dtype)):
                raise UserError(
                    f"The adapter in {folder} is not what was loaded of it: {tensor} differs.",
                    remedy="Its files were changed meanwhile: begin again.",
                )
        if config.modules_to_save:
            layers = ", ".join(config.modules_to_save)
            self.notes.append(f"{speaker.title} has whole layers of its own, {layers}: no strength but 0 changes them.")
        self.sha256[speaker.side] = sha256(folder / WEIGHTS)

    def _take_off(self, name: str) -> None:
        """Leaves nothing of an adapter that could not be put on, or only half of it."""
        if self._names:
            if name in self.model.peft_config:
                self.model.delete_adapter(name)
            return
        self.model = self._base
        vars(self._base).pop("peft_config", None)  # peft would take the one that was refused for another's companion
        for place, layer in list(self._base.named_modules()):
            if isinstance(layer, LoraLayer):
                self._base.set_submodule(place, layer.get_base_layer())
            elif isinstance(layer, AuxiliaryTrainingWrapper):
                self._base.set_submodule(place, layer.original_module)

    @contextmanager
    def _silent(self) -> Iterator[None]:
        if isinstance(self.model, PeftModel):
            with self.model.disable_adapter():
                yield
        else:
            yield

    @contextmanager
    def _scaled(self, name: str, strength: float) -> Iterator[None]:
        if strength == 1:
            yield
            return
        lengths = [_lengths(layer, name, strength) for layer in self._layers]
        own = [
            None if length is None else layer.lora_magnitude_vector[name].weight.data
            for layer, length in zip(self._layers, lengths, strict=True)
        ]
        try:
            for layer, scales, length in zip(self._layers, self._scales, lengths, strict=True):
                if name in scales:
                    layer.scaling[name] = scales[name] * strength
                if length is not None:
                    layer.lora_magnitude_vector[name].weight.data = length
            yield
        finally:
            for layer, scales, length in zip(self._layers, self._scales, own, strict=True):
                if name in scales:
                    layer.scaling[name] = scales[name]
                if length is not None:
                    layer.lora_magnitude_vector[name].weight.data = length

    def _witness(self) -> Witness:
        """Raises RuntimeError where the layers do not agree: an answer of both would be taken for that of one."""
        found = {self._heard(layer, scales) for layer, scales in zip(self._layers, self._scales, strict=True)}
        at_work = found - {Witness("", 0.0)}
        if len(at_work) > 1:
            raise RuntimeError(f"several adapters are at work: {found}")
        return next(iter(at_work), Witness("", 0.0))

    @staticmethod
    def _heard(layer: Any, scales: dict[str, float]) -> Witness:
        if layer.merged:
            raise RuntimeError("an adapter was merged into the base")
        names = [] if layer.disable_adapters else [name for name in layer.active_adapters if name in scales]
        if not names:
            return Witness("", 0.0)
        name = names[0]
        return Witness("+".join(names), round(layer.scaling[name] / scales[name], 9) if scales[name] else 0.0)


def _lengths(layer: Any, name: str, strength: float) -> torch.Tensor | None:
    """DoRA's magnitudes as far from the base's own as the strength says, shape as they have; None without DoRA."""
    if name not in layer.lora_magnitude_vector:
        return None
    dora = layer.lora_magnitude_vector[name]
    weight = dequantize_module_weight(layer.get_base_layer()).float()
    base = dora.get_weight_norm(weight, torch.zeros((), device=weight.device), 0.0)
    trained = dora.weight.data
    return (base + strength * (trained - base)).to(trained.dtype)
