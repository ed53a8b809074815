"""What all steps of an export share: what is exported, where it goes, what was made so far, and what was measured."""

import time
from contextlib import suppress
from pathlib import Path

from workbench.core.export import measured
from workbench.core.export.measured import run_of
from workbench.core.export.subject import Subject
from workbench.core.job.checkpoints import sha256
from workbench.core.job.events import Phase, PhaseName
from workbench.core.job.export_kinds import ExportRequest, WeightsMeasured
from workbench.core.model.adapter_folder import WEIGHTS
from workbench.core.model.already_quantized import as_stored
from workbench.core.model.folder import ModelFolder
from workbench.core.model.tokenizer_files import are_there
from workbench.core.recipe.recipe import Recipe
from workbench.core.recipe.text import with_overrides
from workbench.engine.export.rows import Rows, rows_for
from workbench.engine.job.devices import Device
from workbench.engine.job.job import PROGRESS_SECONDS, Job

SCRATCH = "scratch"


class Work:
    """An export at work.

    Attributes:
        subject: What is exported; its base is on this machine.
        base: The folder of the model that the adapter stands on, or that a full training has made.
        base_hash: Of that folder, as engine/model/fingerprint.py makes it.
        made_of: A hash of the adapter and the base.
        folder: Where everything goes.
        recipe: How the base is stored and computed with, as the run had it.
        run: Whose adapter it is; None where it is of none.
        made: Where each item lies that is made and checked.
        measured: What is known of weights, by item.
        scratch: A folder of the job's own, for what only the work needs.
    """

    def __init__(self, job: Job, subject: Subject, device: Device, base_hash: str, folder: Path) -> None:
        assert subject.base is not None, "what was not here has been fetched"
        self.job = job
        self.subject = subject
        self.device = device
        self.recipe = _recipe_of(subject.speaker.recipe, subject.base, supports_bf16=device.supports_bf16)
        self.run = run_of(subject.speaker)
        self.scratch = job.run.path / SCRATCH
        self.scratch.mkdir(exist_ok=True)
        self.base = subject.base.path
        self.base_hash = base_hash
        adapter = subject.adapter
        self.adapter_sha256 = sha256(adapter.path / WEIGHTS) if adapter is not None else ""
        self.made_of = f"{self.adapter_sha256}/{base_hash}"
        self.folder = folder
        self.made: dict[str, Path] = {}
        self.measured: dict[str, WeightsMeasured] = measured.read(subject.speaker)
        self._rows: Rows | None = None
        self._phase: Phase | None = None
        self._began_at = self._told_at = 0.0

    @property
    def request(self) -> ExportRequest:
        return self.subject.request

    @property
    def tokenizer_folder(self) -> Path:
        """Where the tokenizer lies that the run was trained with, and asks by."""
        adapter = self.subject.adapter
        return adapter.path if adapter is not None and are_there(adapter.path) else self.base

    def path_of(self, item: str) -> Path:
        """The file or folder that a step needs, made and checked."""
        return self.made[item]

    # -- how far it is -------------------------------------------------------------------------------------------------

    def phase(self, name: PhaseName, item: str, total: int = 0, unit: str = "bytes") -> None:
        """Begins a stretch of a step's work. Raises Ordered."""
        self.job.obey()
        self._phase = Phase(name=name, total=total, unit=unit, file=item)
        self._began_at = self._told_at = time.monotonic()
        self.job.emit(self._phase)

    def progress(self, done: int) -> None:
        """Says how far the stretch has come, with how much of it a second. Raises Ordered."""
        self.job.obey()
        assert self._phase is not None
        now = time.monotonic()
        if now - self._told_at >= PROGRESS_SECONDS or done == self._phase.total:
            self._told_at = now
            rate = done / (now - self._began_at) if now > self._began_at else 0.0
            self.job.emit(self._phase.model_copy(update={"done": done, "rate": rate}))

    # -- what is measured ----------------------------------------------------------------------------------------------

    def rows(self) -> Rows:
        """What everything is measured on. Raises UserError and Ordered."""
        if self._rows is None:
            self._rows = rows_for(self.job, self.run, self.recipe, self.tokenizer_folder, self.base)
        return self._rows

    def logits_of(self, item: str) -> Path:
        """Where the logits are that an item's weights have given for the rows; there once it was measured."""
        return self.scratch / f"{item.replace(':', '-')}.logits"

    def take_measured(self, event: WeightsMeasured) -> None:
        """Tells what was measured, and keeps it with the run."""
        self.measured[event.item] = event
        self.job.emit(event)
        with suppress(OSError):  # it stands in the journal and in README.md
            measured.keep(self.subject.speaker, [event])


def _recipe_of(recipe: Recipe | None, facts: ModelFolder, *, supports_bf16: bool) -> Recipe:
    """As the run had it; without a run as the base's files have it, or in 16 bits."""
    if recipe is None:
        width = "bf16" if supports_bf16 else "fp16"
        precision = facts.quantized.precision if facts.quantized is not None else width
        recipe = with_overrides(Recipe(), [f"model.precision={precision}", f"model.compute_dtype={width}"])
    return as_stored(recipe, facts.quantized)
