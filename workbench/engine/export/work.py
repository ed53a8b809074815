"""What all steps of an export share: what is exported, where it goes, what was made so far, and what was measured."""

import time
from pathlib import Path
from typing import Any

from workbench.core.export.subject import Subject
from workbench.core.job.checkpoints import sha256
from workbench.core.job.events import Phase, PhaseName
from workbench.core.job.export_kinds import ExportRequest, WeightsMeasured
from workbench.core.model.adapter_folder import WEIGHTS
from workbench.core.model.tokenizer_files import are_there
from workbench.engine.job.devices import Device
from workbench.engine.job.job import PROGRESS_SECONDS, Job


class Work:
    """An export at work.

    Attributes:
        subject: What is exported; its base is on this machine.
        base: The folder of the model that the adapter stands on, or that a full training has made.
        base_hash: Of that folder, as engine/model/fingerprint.py makes it.
        made_of: A hash of the adapter and the base.
        folder: Where everything goes.
        made: Where each item lies that is made and checked.
        measured: What was found of the weights, by item.
    """

    def __init__(self, job: Job, subject: Subject, device: Device, base_hash: str, folder: Path) -> None:
        assert subject.base is not None, "what was not here has been fetched"
        self.job = job
        self.subject = subject
        self.device = device
        self.base = subject.base.path
        self.base_hash = base_hash
        adapter = subject.adapter
        self.adapter_sha256 = sha256(adapter.path / WEIGHTS) if adapter is not None else ""
        self.made_of = f"{self.adapter_sha256}/{base_hash}"
        self.folder = folder
        self.made: dict[str, Path] = {}
        self.measured: dict[str, WeightsMeasured] = {}
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

    def tokenizer(self) -> Any:
        """As transformers builds it, with the template that the run was trained by. Raises UserError."""
        from workbench.engine.model.tokenizer_file import load_tokenizer

        return load_tokenizer(self.tokenizer_folder, self.job.notice, self.base)
