"""Who answers in a chat: what a person names, found as a base and the adapters that are put on it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.core import sources
from workbench.core.job import checkpoints
from workbench.core.job.events import RunEnd
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.job.study_kinds import MODEL_PART
from workbench.core.llamacpp import runtime
from workbench.core.model import gguf_file
from workbench.core.model.adapter_folder import CONFIG, AdapterFolder, read_adapter
from workbench.core.model.kept import STARTER, kept_models
from workbench.core.problems import UserError, nearest, shown
from workbench.core.recipe.recipe import ModelSettings, Recipe
from workbench.core.tokens.prepared.of_run import prepared_of

BASE, TUNED = "base", "tuned"
_ENDED: tuple[RunEnd, ...] = ("finished", "stopped")


@dataclass(frozen=True)
class Speaker:
    """One side.

    Attributes:
        side: What it is called: "base", "tuned", or a name of its own.
        title: In words: a run's name, with its checkpoint, or a folder.
        model: What holds the weights: the base's, or those that a full training has made.
        recipe: What it was trained by, which decides precision, template and system prompt; None without a run.
        adapter: What is put on the model; None where nothing is.
        run: What it came of; None without one.
        base_hash: Of the model that it was trained on, where the run has kept it.
        packed: A GGUF file, in the place of a model's folder.
    """

    side: str
    title: str
    model: ModelSettings
    recipe: Recipe | None = None
    adapter: AdapterFolder | None = None
    run: RunFolder | None = None
    base_hash: str = ""
    packed: Path | None = None


def speakers_of(model: str, beside: Sequence[str]) -> list[Speaker]:
    """The sides of a chat, the one that decides base and precision first.

    Raises UserError where a name means nothing that can be talked to, or no other side of the same weights.
    """
    found = [speaker(model)]
    for name in beside:
        found.append(further(name, found))
    return found


def further(name: str, found: Sequence[Speaker]) -> Speaker:
    """What a name means beside the sides that are there, under a name of its own. Raises UserError."""
    first = found[0]
    other = _base_of(first) if name == BASE else speaker(name)
    if name != BASE and other.adapter is None:
        raise UserError(
            f"{other.title} has no adapter: beside another it would be a second copy of the weights.",
            remedy="Name a run, a checkpoint or an adapter of the same base, or talk to it by itself.",
        )
    taken = {each.side for each in found}
    side = other.side if other.side not in taken else other.title
    if side in taken or any(other.title == each.title for each in found):
        raise UserError(f"{other.title} would stand beside itself.", remedy="Name each side once.")
    return replace(other, side=side)


def speaker(name: str) -> Speaker:
    """What a name means: a run, a checkpoint, an adapter, a model's folder or name, a Hub id. Raises UserError."""
    path = sources.model_path(name)
    if path is not None and sources.is_there(path):
        return _at(path.resolve())
    if name == STARTER:
        return Speaker(BASE, STARTER, ModelSettings(source=STARTER))
    kept = next((model for model in kept_models() if model.name.lower() == name.lower()), None)
    if kept is not None:
        return Speaker(BASE, kept.name, ModelSettings(source=str(kept.path)))
    try:
        run = RunFolder.find(name)
    except UserError as error:
        if any(run.name.startswith(name) for run in RunFolder.all()):
            raise  # the beginning of several
        if path is None and "/" in name:
            return Speaker(BASE, name, ModelSettings(source=name))
        known = [*(run.name for run in RunFolder.all()), *(model.name for model in kept_models()), STARTER]
        raise UserError(
            f'There is no run and no model "{shown(name)}".{nearest(name, known)}',
            remedy="`workbench runs` lists the runs, `workbench models` the models; a Hub id is written org/name.",
        ) from error
    return _of_run(run)


def anywhere(name: str) -> str:
    """A name as another process, whose folder is another one, understands it too."""
    path = sources.model_path(name)
    return str(path.resolve()) if name != BASE and path is not None and sources.is_there(path) else name


def refuse_changed_base(found: Speaker, folder: Path, base_hash: str) -> None:
    """Raises UserError where the folder's weights, by their hash, are not those that the adapter was trained on."""
    if found.base_hash not in ("", base_hash):
        raise UserError(
            f"The base of {found.title} has changed since it was trained: {folder}.",
            why="Its adapter says nothing on other weights.",
            remedy="Put back the model that was there.",
        )


def _at(path: Path) -> Speaker:
    if (path / "job.toml").is_file():
        return _of_run(RunFolder.open(path))
    if (path / CONFIG).is_file() and not (path / "config.json").is_file():
        run = next((RunFolder(each) for each in path.parents[:2] if (each / "job.toml").is_file()), None)
        if run is None:
            return _of_adapter(path, str(path))
        if path.parent == run.checkpoints and (reason := checkpoints.problem(path)):
            raise UserError(
                f"The checkpoint {path.name} of run {run.name} cannot be used: {reason}.",
                remedy="Name another checkpoint, or the run.",
            )
        title = f"{run.name}, {path.name}" if path.parent == run.checkpoints else run.name
        return _of_adapter(path, title, run)
    packed = None if (path / "config.json").is_file() else gguf_file.gguf_in(path)
    if packed is not None:
        if runtime.find() is None:
            raise UserError(
                f"{packed} is a GGUF file, and nothing that could run it is installed.",
                why=f"llama.cpp can: {runtime.HOW_TO}.",
                remedy=f"`workbench convert {packed}` writes it as a model folder, which can be talked to without.",
            )
        gguf_file.check(packed)
        return Speaker(BASE, packed.stem, ModelSettings(source=str(packed)), packed=packed)
    return Speaker(BASE, path.name, ModelSettings(source=str(path)))


def _of_run(run: RunFolder) -> Speaker:
    if run.kind() != "train":
        raise UserError(f"{run.path} is not a training.", remedy="Name a run of `workbench runs`.")
    if run.has_adapter:
        return _of_adapter(run.adapter, run.name, run)
    if run.has_model:
        settings = ModelSettings(source=str(run.model))
        return Speaker(TUNED, run.name, settings, run.recipe(), run=run)
    newest, _ = checkpoints.newest_whole(run.checkpoints)
    state = run.state()
    remedy = (
        f"Its newest checkpoint can be asked: name {newest}."
        if newest is not None and (newest / CONFIG).is_file()
        else "Let it come to its end."
        if state.is_alive
        else f"`workbench resume {run.name}` goes on with it."
    )
    raise UserError(f"Run {run.name} has no adapter yet: it {_standing(state)}.", remedy=remedy)


def _standing(state: RunState) -> str:
    return "is at work" if state.is_alive else f"is {state}" if state.value not in _ENDED else "has saved none"


def _of_adapter(path: Path, title: str, run: RunFolder | None = None) -> Speaker:
    try:
        adapter = read_adapter(path)
    except OSError as error:
        raise UserError(
            f"The adapter in {path} cannot be read: {error.strerror or error}.", remedy="Check its permissions."
        ) from None
    recipe = run.recipe() if run is not None else None
    return Speaker(TUNED, title, _base(adapter, recipe, title), recipe, adapter, run, _base_hash(run) if run else "")


def _base(adapter: AdapterFolder, recipe: Recipe | None, title: str) -> ModelSettings:
    """Where the adapter's base is to be had: as its run had it, else as the adapter names it."""
    if recipe is not None:
        named = sources.model_path(recipe.model.source)
        if named is None or sources.is_there(named / "config.json"):
            return recipe.model
    folder = adapter.base_folder
    if folder is None and adapter.is_of_hub:
        return ModelSettings(source=adapter.base)
    if folder is None:
        raise UserError(
            f"The base of {title} is gone: {shown(adapter.base, 200)}.",
            why="An adapter says nothing without the weights that it was trained on.",
            remedy=f"Put the model back there, or write where it lies into base_model_name_or_path of "
            f"{adapter.path / CONFIG}.",
        )
    return ModelSettings(source=str(folder))


def _base_hash(run: RunFolder) -> str:
    """The hash of the model that a run was trained on; empty where its journal does not say. Raises UserError."""
    prepared = prepared_of(run)
    return prepared.parts.get(MODEL_PART, "") if prepared is not None else ""


def _base_of(first: Speaker) -> Speaker:
    if first.adapter is None:
        raise UserError(
            f"{first.title} has no adapter that could be turned off"
            + (": its training has changed the weights themselves." if first.recipe else "."),
            remedy="Leave out --beside base.",
        )
    return Speaker(BASE, "base", first.model, first.recipe, None, first.run, first.base_hash)
