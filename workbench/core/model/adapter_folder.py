"""A folder that holds a PEFT adapter: what it is, and where the model lies that it belongs to."""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.core import places, sources
from workbench.core.hub import cache as hub_cache
from workbench.core.model import tokenizer_files
from workbench.core.model.json_file import read_json
from workbench.core.model.safetensors_header import read_header
from workbench.core.problems import UserError, shown
from workbench.core.recipe.recipe import Recipe

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
_LAYER = re.compile(r"([^.]+)\.lora_[AB]\.")
_REMEDY = "Get the adapter again, with its adapter_config.json and adapter_model.safetensors."
# Settings of [lora] that an adapter brings with it.
_BROUGHT = ("rank", "alpha", "targets", "rslora", "dora")


@dataclass(frozen=True)
class AdapterFolder:
    """A LoRA adapter on the disk; `base` is the model it was trained on, as its adapter_config.json names it."""

    path: Path
    base: str
    rank: int
    alpha: int
    targets: tuple[str, ...]  # names of layers, or "all-linear"
    rslora: bool
    dora: bool

    @property
    def in_words(self) -> str:
        """Such as "rank 8, alpha 16, on q_proj, v_proj"."""
        more = [word for word, is_so in (("rsLoRA", self.rslora), ("DoRA", self.dora)) if is_so]
        return ", ".join([f"rank {self.rank}", f"alpha {self.alpha}", *more, f"on {', '.join(self.targets)}"])

    @property
    def base_folder(self) -> Path | None:
        """Where the base lies on this machine; None where it would have to be fetched, or is not to be found."""
        named = sources.expanded(self.base)
        places_of_it = [named if named.is_absolute() else self.path / named, named]
        name = self.base.rpartition("/")[2]
        places_of_it += [places.models() / name, places.models() / self.base]
        for folder in places_of_it:
            if sources.is_there(folder / "config.json"):
                return folder
        kept = hub_cache.snapshot(self.base) if self.is_of_hub else None
        return kept if kept is not None and (kept / "config.json").is_file() else None

    @property
    def is_of_hub(self) -> bool:
        """Whether the base can be an id of the Hub, org/name."""
        return "/" in self.base and sources.model_path(self.base) is None


@dataclass(frozen=True)
class FoundModel:
    """What a path means: a model's folder, None where its adapter's base is not on this machine, and the adapter."""

    folder: Path | None
    adapter: AdapterFolder | None = None

    @property
    def tokenizer_folder(self) -> Path | None:
        """Where its tokenizer lies: with an adapter where that has one of its own, for it was trained with it."""
        if self.adapter is not None and tokenizer_files.are_there(self.adapter.path):
            return self.adapter.path
        return self.folder


def find_model(path: Path) -> FoundModel:
    """A model folder, an adapter's with its base, or what a run has made: its adapter, or its model.

    Raises UserError for an adapter that cannot be trained further, and for one whose base cannot be found or fetched.
    """
    try:
        if not (path / "config.json").exists() and (path / "job.toml").is_file():
            path = _made_by(path)
        if (path / "config.json").exists() or not (path / CONFIG).is_file():
            return FoundModel(path)
        adapter = read_adapter(path)
        folder = adapter.base_folder
        if folder is None and not adapter.is_of_hub:
            raise UserError(
                f"The base of the adapter in {path} is not on this machine: {shown(adapter.base, 200)}.",
                remedy=f"Put it there, or write where it lies into base_model_name_or_path of {path / CONFIG}.",
            )
    except OSError as error:
        raise UserError(
            f"The model folder {path} cannot be read: {error.strerror or error}.", remedy="Check its permissions."
        ) from None
    return FoundModel(folder, adapter)


def _made_by(run: Path) -> Path:
    made = {run / "adapter": CONFIG, run / "model": "config.json"}
    found = next((folder for folder, config in made.items() if (folder / config).is_file()), None)
    if found is None:
        raise UserError(
            f"{run} is a run that has made nothing yet.", remedy="Let it finish, or name the model folder itself."
        )
    return found


def read_adapter(path: Path) -> AdapterFolder:
    """What the adapter_config.json of a folder says. Raises UserError for what is not a LoRA adapter, and OSError."""
    try:
        said: Any = read_json(path / CONFIG)
    except ValueError as error:
        raise UserError(
            f"{path / CONFIG} is not valid JSON.", why=f"{shown(str(error), 200)}.", remedy=_REMEDY
        ) from None
    if not isinstance(said, dict) or said.get("peft_type") != "LORA":
        kind = shown(json.dumps(said.get("peft_type")) if isinstance(said, dict) else "nothing", 40)
        raise UserError(
            f"The adapter in {path} is not of the kind LORA: its peft_type is {kind}.",
            remedy="Take a LoRA adapter, or a model folder.",
        )
    base, rank, alpha = said.get("base_model_name_or_path"), said.get("r"), said.get("lora_alpha")
    if not isinstance(base, str) or not base:
        raise UserError(
            f"The adapter in {path} does not say which model it belongs to.",
            remedy=f"Write the model's folder or its id on the Hub into base_model_name_or_path of {path / CONFIG}.",
        )
    if type(rank) is not int or rank < 1 or not isinstance(alpha, int | float):
        raise UserError(f"{path / CONFIG} has no rank (r) and alpha (lora_alpha) that are numbers.", remedy=_REMEDY)
    if not (path / WEIGHTS).is_file():
        pickle = " It has a pickle, and only safetensors are loaded." if (path / "adapter_model.bin").is_file() else ""
        raise UserError(f"The adapter in {path} has no {WEIGHTS}.", why=pickle.strip(), remedy=_REMEDY)
    return AdapterFolder(
        path=path,
        base=base,
        rank=rank,
        alpha=round(alpha),
        targets=_targets(said, path / WEIGHTS),
        rslora=bool(said.get("use_rslora")),
        dora=bool(said.get("use_dora")),
    )


def _targets(said: dict[str, Any], weights: Path) -> tuple[str, ...]:
    """The layers by the last part of their names, as its tensors show them; what was asked may be an expression."""
    if said.get("target_parameters"):  # peft 0.21 names experts there where all linear layers were asked for
        return ("all-linear",)
    return tuple(sorted({found[1] for name in read_header(weights) if (found := _LAYER.search(name))}))


# -- beside a recipe ---------------------------------------------------------------------------------------------------


def with_adapter(recipe: Recipe, adapter: AdapterFolder | None) -> Recipe:
    """The recipe with the adapter's own rank, alpha and layers, where there is one to go on from."""
    if adapter is None or not recipe.lora.enabled:
        return recipe
    brought = {name: getattr(adapter, name) for name in _BROUGHT}
    return recipe.model_copy(update={"lora": recipe.lora.model_copy(update=brought)})


def refuse_without_lora(recipe: Recipe, adapter: AdapterFolder | None) -> None:
    """Refuses to train all weights of a model that an adapter belongs to. Raises UserError."""
    if adapter is not None and not recipe.lora.enabled:
        raise UserError(
            "lora.enabled is false, and model.source is an adapter.",
            why="Without it, the adapter's weights would be left out.",
            remedy="Set lora.enabled = true, or take the adapter's base as model.source.",
        )


def differing(recipe: Recipe, adapter: AdapterFolder, layers: Collection[str]) -> str:
    """A sentence for the settings of [lora] that the adapter decides otherwise; nothing where it does not.

    `layers` are the base's linear ones, by the last part of their names.
    """
    is_same_to_all = recipe.lora.targets == ("all-linear",) and set(layers) <= set(adapter.targets)
    ours = [
        f"lora.{name} = {_written(getattr(recipe.lora, name))}"
        for name in _BROUGHT
        if getattr(recipe.lora, name) != getattr(adapter, name) and not (name == "targets" and is_same_to_all)
    ]
    if not ours:
        return ""
    return f"The adapter keeps what it has, {adapter.in_words}; the recipe's {', '.join(ours)} has no effect."


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
