"""A chat's weights and tokenizers loaded: the base once, the adapters of all sides on it."""

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import transformers

from workbench.core.chat.speakers import Speaker, further, refuse_changed_base
from workbench.core.job.chat_kinds import ChatLoaded, SideFacts, SideLoaded, SideRefused
from workbench.core.job.question import AnswerSettings
from workbench.core.model import fingerprint
from workbench.core.model import folder as model_folder
from workbench.core.model.already_quantized import as_stored
from workbench.core.model.folder import ModelFolder
from workbench.core.model.limits import ModelLimits, limits_of
from workbench.core.model.tokenizer_files import are_there
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import QUANTIZED, Recipe, stored_as
from workbench.core.recipe.text import with_overrides
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.tokenizer import TextTokenizer
from workbench.engine.chat.voices import Voices
from workbench.engine.job import devices
from workbench.engine.job.devices import Device
from workbench.engine.job.job import Job
from workbench.engine.model import load, tokenizer_file
from workbench.engine.model.answers import Asking
from workbench.engine.model.model_source import model_source
from workbench.engine.model.weights_size import quantized_numbers, size_bytes


@dataclass(frozen=True)
class Side:
    """What one side asks with.

    Attributes:
        recipe: What it was trained by.
        tokenizer: As transformers builds it, to give what is asked to the model and to spell what it says.
        text_tokenizer: The same, to make rows into tokens as a training does.
    """

    speaker: Speaker
    recipe: Recipe
    tokenizer: Any
    text_tokenizer: TextTokenizer

    @property
    def name(self) -> str:
        return self.speaker.side

    def told(self, system: str | None, template: str | None) -> Recipe:
        """What it was trained by, with another system prompt or template where one is given."""
        changed: dict[str, object] = {}
        if system is not None:
            changed |= {"system_prompt": system, "system_turns": "replace"}
        if template is not None:
            changed |= {"template": template, "chat_template": True}
        return self.recipe.model_copy(update={"data": self.recipe.data.model_copy(update=changed)})

    def asking(self, settings: AnswerSettings) -> Asking:
        """Makes prompts as the side was trained on them, but for what the settings change.

        Raises UserError where the template cannot be read.
        """
        return Asking(self.text_tokenizer, self.told(settings.system, settings.template))


@dataclass(frozen=True)
class Ground:
    """What questions are answered on, whatever runs it.

    Attributes:
        base_hash: Of the weights that all sides stand on.
    """

    device: Device
    base_hash: str
    limits: ModelLimits
    sides: dict[str, Side]

    def side(self, name: str) -> Side:
        """Raises UserError where nobody is called so."""
        if name not in self.sides:
            raise UserError(f'Nobody here is called "{name}".', remedy=f"The sides are {', '.join(self.sides)}.")
        return self.sides[name]


@dataclass(frozen=True)
class Loaded(Ground):
    """A base with the adapters on it; sides may be added."""

    folder: Path
    recipe: Recipe
    voices: Voices


def load_all(job: Job, speakers: Sequence[Speaker]) -> Loaded:
    """Loads what the first speaker decides, and puts every speaker's adapter on it.

    Says in the journal what is loaded. Raises UserError and Ordered.
    """
    began = time.monotonic()
    transformers.utils.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"transformers|peft")
    first = speakers[0]
    folder = _folder(job, first)
    facts = model_folder.inspect_for_text(folder)
    found = fingerprint.of_model(folder)
    for speaker in speakers:
        _refuse_other_base(speaker, speakers[0], folder, found)
    device = devices.choose((first.recipe or Recipe()).model.device)
    recipe = _recipe(first, facts, device)
    sides = {speaker.side: _side(job, speaker, recipe, folder) for speaker in speakers}
    config = load.check_weights(folder, recipe)
    job.phase("quantize" if recipe.model.precision in QUANTIZED else "load", unit="tensors")
    model = load.load_model(folder, recipe, device, job.progress, config)
    parameters = facts.parameters or sum(parameter.numel() for parameter in model.parameters())
    words = stored_as(recipe, quantized_numbers(model) / max(1, parameters))
    voices = Voices(load.upcast(model, recipe), speakers)
    for note in voices.notes:
        job.notice(note)
    limits = limits_of(folder)
    job.emit(
        ChatLoaded(
            folder=str(folder),
            base_hash=found,
            stored_as=words,
            device=device.name,
            sides=[_facts(speaker, voices) for speaker in speakers],
            positions=limits.positions,
            seconds=time.monotonic() - began,
            size_bytes=size_bytes(voices.model),
            peak_bytes=device.memory().peak_bytes,
        )
    )
    return Loaded(device, found, limits, sides, folder, recipe, voices)


def put_beside(job: Job, loaded: Loaded, name: str) -> None:
    """Adds a side to those that are loaded, or says in the journal why it cannot be one."""
    there = [side.speaker for side in loaded.sides.values()]
    try:
        speaker = further(name, there)
        _refuse_other_base(speaker, there[0], loaded.folder, loaded.base_hash)
        side = _side(job, speaker, loaded.recipe, loaded.folder)
        loaded.voices.add(speaker)
    except UserError as error:
        job.emit(SideRefused(name=name, what=error.what, why=error.why, remedy=error.remedy))
        return
    loaded.sides[speaker.side] = side
    job.emit(SideLoaded(name=name, facts=_facts(speaker, loaded.voices)))


def _facts(speaker: Speaker, voices: Voices) -> SideFacts:
    adapter = str(speaker.adapter.path) if speaker.adapter is not None else ""
    digest = voices.sha256.get(speaker.side, "")
    return SideFacts(side=speaker.side, title=speaker.title, adapter=adapter, adapter_sha256=digest)


def _folder(job: Job, first: Speaker) -> Path:
    """The folder of the model that all stand on, fetched where it is not here."""
    found, _ = model_source(job, first.model)
    assert found.folder is not None, "what was not here has been fetched"
    return found.folder


def _refuse_other_base(speaker: Speaker, first: Speaker, folder: Path, found: str) -> None:
    """Refuses an adapter that was made for other weights than those in the folder, whose hash is `found`."""
    if speaker.adapter is None:
        return
    if speaker is first:
        refuse_changed_base(speaker, folder, found)
        return
    known, own = speaker.base_hash, speaker.adapter.base_folder
    if not known and own is not None:
        known = fingerprint.of_model(own)
    if known != found:  # nothing is known of a base that is not on this machine, where the loaded one is
        raise UserError(
            f"The adapter of {speaker.title} was made for another base: {speaker.adapter.base}.",
            why=f"{first.title} stands on {folder}.",
            remedy="Talk to it by itself, or beside a run of the same base.",
        )


def _recipe(first: Speaker, facts: ModelFolder, device: Device) -> Recipe:
    """How the base is stored: as the run had it; without a run as its files have it, or in 16 bits."""
    recipe = first.recipe
    if recipe is None:
        # Where a card has no BF16 arithmetic; a CPU does without, by products of our own (cpu_bf16).
        width = "bf16" if device.supports_bf16 else "fp16"
        precision = facts.quantized.precision if facts.quantized is not None else width
        recipe = with_overrides(Recipe(), [f"model.precision={precision}", f"model.compute_dtype={width}"])
    return as_stored(recipe, facts.quantized) if facts.quantized is not None else recipe


def _side(job: Job, speaker: Speaker, recipe: Recipe, folder: Path) -> Side:
    own = speaker.adapter.path if speaker.adapter is not None else folder
    tokenizer_folder = own if are_there(own) else folder
    tokenizer = tokenizer_file.load_tokenizer(tokenizer_folder, job.notice, folder)
    return Side(speaker, speaker.recipe or recipe, tokenizer, kept_tokenizer.make(tokenizer_folder))
