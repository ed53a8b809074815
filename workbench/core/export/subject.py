"""What is exported: a run's adapter with its base, or the model that a full training has made."""

from dataclasses import dataclass
from pathlib import Path

from workbench.core.chat.speakers import Speaker, speaker
from workbench.core.export import measured
from workbench.core.job.export_kinds import ExportRequest, Way
from workbench.core.job.run_folder import RunFolder, slug
from workbench.core.model import folder as model_folder
from workbench.core.model.adapter_folder import AdapterFolder, find_model
from workbench.core.model.folder import ModelFolder
from workbench.core.model.kept import folder_of
from workbench.core.model.shape import ModelShape, from_folder
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import QUANTIZED, Recipe
from workbench.numerics.formats import FORMATS

# What a model has beside its weights, the tokenizer most of all.
BESIDE_BYTES = 12_000_000


@dataclass(frozen=True)
class Subject:
    """One run, checkpoint or adapter, and what was asked of its export.

    Attributes:
        base: Of the model that the adapter stands on, or of the one that a full training has made; None where it is
            not on this machine and has to be fetched first.
        name: What files and models are called.
    """

    request: ExportRequest
    speaker: Speaker
    base: ModelFolder | None
    name: str

    @property
    def title(self) -> str:
        return self.speaker.title

    @property
    def adapter(self) -> AdapterFolder | None:
        return self.speaker.adapter

    @property
    def hub_name(self) -> str:
        """Of the repository on the Hub, with its owner or without."""
        return self.request.hub_name or self.name

    @property
    def run(self) -> RunFolder | None:
        """The run that it was made by; None for an adapter that has come without one."""
        made = self.adapter.path if self.adapter is not None else Path(self.speaker.model.source)
        return next((RunFolder(each) for each in made.parents[:2] if (each / "job.toml").is_file()), None)

    @property
    def adapter_bytes(self) -> int:
        """Of the adapter's files; 0 where there is none."""
        if self.adapter is None:
            return 0
        return sum(path.stat().st_size for path in self.adapter.path.iterdir() if path.is_file())

    @property
    def precision(self) -> str:
        """What the base's weights were stored as while it was trained, such as "nf4" or "bf16"."""
        if self.base is not None and self.base.quantized is not None:
            return self.base.quantized.precision
        return self.speaker.recipe.model.precision if self.speaker.recipe is not None else "bf16"

    @property
    def ways(self) -> tuple[Way, ...]:
        """Into what the adapter can be merged: two where the weights that it was trained on were rounded."""
        if self.adapter is None or self.precision not in QUANTIZED:
            return ("original",)
        if self.base is not None and self.base.quantized is not None:
            return ("nf4",)  # the original weights are not there
        return ("nf4", "original")

    @property
    def way(self) -> Way:
        """Into what it is merged where an item needs a merged model and does not say which."""
        if self.request.into:
            return self.request.into
        return measured.closer_way(self.speaker, self.ways) or self.ways[0]

    @property
    def merged_item(self) -> str:
        """The item that others read as the merged model."""
        return "merged-nf4" if self.way == "nf4" else "merged"

    @property
    def merged_bytes(self) -> int:
        """Of a merged model's weights and what lies beside them; 0 where the base is not known yet."""
        if self.base is None:
            return 0
        weights = self.base.stored_bytes
        if self.base.quantized is not None:  # written in the type that products are done in
            recipe = self.speaker.recipe or Recipe()
            weights = self.base.parameters * FORMATS[recipe.model.compute_dtype].bits // 8
        return weights + BESIDE_BYTES

    def shape(self) -> ModelShape:
        """What the base is made of. Raises UserError where it is not here."""
        if self.base is None:
            raise UserError(
                f"The base of {self.title} is not on this machine: {self.speaker.model.source}.",
                remedy=f"`workbench fetch {self.speaker.model.source}` gets it.",
            )
        return from_folder(self.base.path)


def subject_of(request: ExportRequest) -> Subject:
    """What a request is about, read in milliseconds. Raises UserError."""
    found = speaker(request.run)
    if found.adapter is None and found.recipe is None:
        raise UserError(f"{found.title} is a model, not a run.", remedy="Name a run, a checkpoint or an adapter.")
    return Subject(request, found, _base_of(found), request.name or slug(found.title))


def _base_of(found: Speaker) -> ModelFolder | None:
    folder = folder_of(found.model.source, found.model.revision)
    if folder is not None:
        folder = find_model(folder).folder
    return model_folder.inspect(folder) if folder is not None else None
