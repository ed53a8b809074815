"""An adapter merged into its base tensor by tensor, each by PEFT's own layer: one matrix is held at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from peft.tuners.lora import LoraLayer
from peft.tuners.lora.layer import Embedding, Linear, ParamWrapper
from peft.utils.other import AuxiliaryTrainingWrapper, ModulesToSaveWrapper
from safetensors import safe_open

from workbench.core.model.adapter_folder import WEIGHTS
from workbench.core.problems import UserError, shown
from workbench.core.recipe.recipe import Recipe
from workbench.engine.export.merge.rounding import Rounding
from workbench.engine.export.merge.shards import Entry
from workbench.engine.export.merge.stand_in import loaded_names, stand_in, turned_layers
from workbench.engine.export.merge.stored import NAMES, TYPES, StoredModel
from workbench.engine.job.devices import Device
from workbench.engine.model.adapter import put_on
from workbench.engine.model.load import DTYPES, check_weights

ADAPTER = "default"
# Numbers of a matrix that are merged at once where its rows do not depend on each other: 128 MB of FP32.
MOST_NUMBERS = 32_000_000
_PREFIX = "base_model.model."


@dataclass(frozen=True)
class Made:
    """A tensor of the merged model.

    Attributes:
        entry: As it is written.
        source: The stored tensor that it comes from.
        loaded: What the model calls it.
        is_changed: Whether its numbers are others than the stored ones.
    """

    entry: Entry
    source: str
    loaded: str
    is_changed: bool


class Merging:
    """Of a base and an adapter each tensor of the merged model, by the names of the base's files.

    Attributes:
        made: The tensors, in the order of the files.
        compute: The type that products are done in; what was quantized on the disk is written in it.
        is_untied: Whether an embedding and a head that were one tensor are two now, since the adapter changes one.
    """

    def __init__(self, base: Path, adapter: Path | None, recipe: Recipe, device: Device, *, is_rounded: bool) -> None:
        """Raises UserError for a base that is not whole, an adapter that does not fit, and what cannot be merged."""
        check_weights(base, recipe)
        self.stored = StoredModel(base)
        model: Any = stand_in(base)
        self.tied: dict[str, str] = dict(getattr(model, "all_tied_weights_keys", None) or {})
        self._turned = turned_layers(model)
        self.compute = DTYPES[recipe.model.compute_dtype]
        names = loaded_names(model, self.stored.sizes)
        self._rounding = (
            Rounding(base, recipe, device, self._turned) if is_rounded and not self.stored.quantized else None
        )
        self._own: dict[str, torch.Tensor] = {}
        if adapter is not None:
            self._own = _own_tensors(adapter)
            model = put_on(model, adapter, ADAPTER, is_assigned=True)
            self._model = model.base_model.model
        else:
            self._model = model
        self._refuse_unmergeable(names)
        self.made = [self._made(name, loaded) for name, (loaded, _) in names.items()]
        apart = self._apart({loaded for loaded, _ in names.values()})
        pairs = [(name, source) for name, source in self.tied.items() if name != source]
        self.is_untied = any(self._is_touched(name) or self._is_touched(source) for name, source in pairs)
        for loaded, source in apart.items():
            stored = next(name for name, (known, _) in names.items() if known == source)
            self.made.append(self._made(stored, loaded, name=loaded))
        left = self._changed_names() - {made.loaded for made in self.made}
        if left:
            raise _cannot(sorted(left)[0], "the base's files have no tensor of that name")

    # -- what there is -------------------------------------------------------------------------------------------------

    def _made(self, stored: str, loaded: str, *, name: str = "") -> Made:
        is_changed = self._is_touched(loaded) or self._is_rounded(loaded) or stored in self.stored.quantized
        dtype = NAMES[self.compute] if stored in self.stored.quantized else self.stored.dtype(stored)
        shape = tuple(self.stored.sizes[stored])
        shape = shape[::-1] if self._lies_turned(stored, loaded) else shape
        return Made(Entry(name or stored, dtype, shape), stored, loaded, is_changed)

    def _lies_turned(self, stored: str, loaded: str) -> bool:
        """Whether a weight of GPT-2's kin lies as (out, in): bitsandbytes stores what it has quantized so."""
        return stored in self.stored.quantized and loaded.rpartition(".")[0] in self._turned

    def _is_rounded(self, loaded: str) -> bool:
        return self._rounding is not None and self._rounding.rounds(loaded)

    def _is_touched(self, loaded: str) -> bool:
        """Whether the adapter changes the parameter."""
        if loaded in self._own:
            return True
        owner, leaf = self._owner(loaded)
        if isinstance(owner, ModulesToSaveWrapper):
            return True
        if isinstance(owner, LoraLayer):
            layer = _layer_of(owner, leaf)
            return layer is not None and (leaf != "bias" or bool(layer.lora_bias.get(ADAPTER)))
        return False

    def _owner(self, loaded: str) -> tuple[Any, str]:
        """What PEFT has put around the parameter or a module that it lies in, and its name there."""
        path = loaded.split(".")
        module = self._model
        for place, part in enumerate(path[:-1]):
            module = module._modules.get(part)
            if module is None:
                return None, ""
            if isinstance(module, AuxiliaryTrainingWrapper | LoraLayer):
                return module, ".".join(path[place + 1 :])
        return module, path[-1]

    def _changed_names(self) -> set[str]:
        """What the model calls the parameters that the adapter changes."""
        found = set(self._own)
        for path, module in self._model.named_modules():
            if isinstance(module, ModulesToSaveWrapper):
                found |= {f"{path}.{name}" for name in module.modules_to_save[ADAPTER].state_dict()}
            elif isinstance(module, LoraLayer):
                plain = path.replace(".base_layer", "")
                found.add(f"{plain}.{module.parameter_name if isinstance(module, ParamWrapper) else 'weight'}")
        return found - {name for name in found if self.tied.get(name) in found}

    def _apart(self, stored: set[str]) -> dict[str, str]:
        """The parameters that have no tensor of their own in the files and need one, with the one they were tied to."""
        return {
            name: source
            for name, source in self.tied.items()
            if name not in stored and (self._is_touched(name) or self._is_touched(source))
        }

    def _refuse_unmergeable(self, names: Any) -> None:
        for path, module in self._model.named_modules():
            plain = path.replace(".base_layer", "")
            if isinstance(module, LoraLayer):
                if not isinstance(module, Linear | Embedding | ParamWrapper):
                    raise _cannot(plain, f"it is a {type(module).__name__}")
            elif isinstance(module, AuxiliaryTrainingWrapper) and not isinstance(module, ModulesToSaveWrapper):
                raise _cannot(plain, "single tokens of it were trained")
        for name, (loaded, is_joined) in names.items():
            if is_joined and self._is_touched(loaded):
                raise _cannot(loaded, f"its files hold it in pieces, such as {shown(name)}")

    # -- what it becomes -----------------------------------------------------------------------------------------------

    def value(self, made: Made) -> torch.Tensor:
        """The numbers of a merged tensor, in its type, shape as its entry. Raises UserError and OSError."""
        base = self.base_value(made)
        found = self._merged(made.loaded, base) if self._is_touched(made.loaded) else base
        found = found.to(TYPES[made.entry.dtype]).contiguous()
        if not torch.isfinite(found).all():
            raise UserError(
                f"{shown(made.entry.name)} has numbers that are none once it is merged.",
                why="The adapter holds some that are not finite, or too large.",
                remedy="Train it with a lower rate, or export another checkpoint.",
            )
        return found

    def base_value(self, made: Made) -> torch.Tensor:
        """What the adapter is added to: the stored numbers, or what they are rounded to; shape as its entry."""
        weight = self.stored.numbers(made.source)
        weight = weight.T if self._lies_turned(made.source, made.loaded) else weight
        if self._is_rounded(made.loaded):
            assert self._rounding is not None
            weight = self._rounding.rounded(made.loaded, weight)
        return weight

    def _merged(self, loaded: str, weight: torch.Tensor) -> torch.Tensor:
        if loaded in self._own:
            weight = self._own[loaded]
        owner, leaf = self._owner(loaded)
        if isinstance(owner, ModulesToSaveWrapper):
            saved: torch.Tensor = owner.modules_to_save[ADAPTER].state_dict()[leaf]
            return saved
        layer = _layer_of(owner, leaf) if isinstance(owner, LoraLayer) else None
        if layer is None or (leaf == "bias" and not layer.lora_bias.get(ADAPTER)):
            return weight
        try:
            return _by_layer(layer, leaf, weight.float())
        except (NotImplementedError, ValueError, RuntimeError) as error:
            first = (str(error).strip().splitlines() or [""])[0]
            raise _cannot(loaded.rpartition(".")[0], shown(first, 200)) from None

    # -- whether it is right -------------------------------------------------------------------------------------------

    def layer(self, made: Made) -> Any:
        """The adapter's layer whose weight it is; None where it is another's."""
        owner, leaf = self._owner(made.loaded)
        is_one = isinstance(owner, Linear | Embedding) and leaf == "weight" and not isinstance(owner, ParamWrapper)
        return owner if is_one else None


def difference(layer: Any, base: torch.Tensor, merged: torch.Tensor) -> float:
    """How far a merged layer's output lies from that of PEFT's layer with the adapter beside its base.

    The norm of the difference over the norm of the output, of random inputs; `base` and `merged` have the layer's size.
    """
    own = layer.get_base_layer()
    generator = torch.Generator().manual_seed(0)
    if isinstance(layer, Embedding):
        given = torch.randint(own.weight.shape[0], (1, 64), generator=generator)
    else:
        given = torch.randn(8, layer.in_features, generator=generator)
    with torch.inference_mode():
        with _holding(own, weight=base.float()):
            beside = layer(given)
        with _holding(own, weight=merged.float()):
            alone = own(given)
    norm = float(torch.linalg.norm(beside.float()))
    return float(torch.linalg.norm((alone - beside).float())) / norm if norm else 0.0


def _by_layer(layer: Any, leaf: str, weight: torch.Tensor) -> torch.Tensor:
    """What PEFT's layer makes of a parameter of its base layer, FP32, shape as given."""
    if _has_free_rows(layer) and leaf == "weight" and weight.numel() > MOST_NUMBERS:
        step = max(1, MOST_NUMBERS // weight.shape[1])
        second = layer.lora_B[ADAPTER]
        whole = second.weight
        try:
            for start in range(0, len(weight), step):
                second.weight = torch.nn.Parameter(whole.data[start : start + step], requires_grad=False)
                weight[start : start + step] = _merged_by(layer, leaf, weight[start : start + step].clone())
        finally:
            second.weight = whole
        return weight
    return _merged_by(layer, leaf, weight)


def _has_free_rows(layer: Any) -> bool:
    """Whether each row of its matrix is merged by itself: DoRA's are too, but by a norm that is worked out of all."""
    is_plain = isinstance(layer, Linear) and not layer.lora_variant and not layer.lora_bias.get(ADAPTER)
    return is_plain and not layer.fan_in_fan_out


def _merged_by(layer: Any, leaf: str, given: torch.Tensor) -> torch.Tensor:
    own = layer.get_base_layer()
    held = {leaf: given}
    if leaf == "bias":
        held["weight"] = torch.zeros(own.weight.shape)
    elif layer.lora_bias.get(ADAPTER):
        held["bias"] = torch.zeros(own.bias.shape)
    with torch.no_grad(), _holding(own, **held):
        try:
            layer.merge(adapter_names=[ADAPTER])
            found: torch.Tensor = getattr(own, leaf).data
        finally:
            layer.merged_adapters.clear()
    return found


@contextmanager
def _holding(module: Any, **tensors: torch.Tensor) -> Iterator[None]:
    """Lets a module have these numbers for the block."""
    before = {name: module._parameters[name] for name in tensors}
    try:
        for name, tensor in tensors.items():
            module._parameters[name] = torch.nn.Parameter(tensor, requires_grad=False)
        yield
    finally:
        module._parameters.update(before)


def _layer_of(layer: Any, leaf: str) -> Any:
    """Of layers that PEFT has put around each other the one for this parameter; None where there is none."""
    while isinstance(layer, LoraLayer):
        names = (layer.parameter_name,) if isinstance(layer, ParamWrapper) else ("weight", "bias")
        if leaf in names:
            return layer
        layer = layer.base_layer
    return None


def _own_tensors(adapter: Path) -> dict[str, torch.Tensor]:
    """The base's own parameters that an adapter file holds others for: biases that were trained with it."""
    found: dict[str, torch.Tensor] = {}
    with safe_open(adapter / WEIGHTS, framework="pt") as file:
        for key in file.keys():  # noqa: SIM118  which is not a mapping
            if key.endswith(".bias") and ".lora_" not in key:
                found[key.removeprefix(_PREFIX).replace(".base_layer", "")] = file.get_tensor(key)
    return found


def _cannot(layer: str, why: str) -> UserError:
    return UserError(
        f"The adapter's {shown(layer)} cannot be merged: {why}.",
        remedy="Export the adapter, which is used beside its base.",
    )
