"""What an export stands on, before anything is made: the base here and the one it was trained on, the device."""

import warnings
from pathlib import Path

import transformers

from workbench.core.chat.speakers import refuse_changed_base
from workbench.core.export.item import item_of
from workbench.core.export.subject import Subject, subject_of
from workbench.core.hub.uploads import destination
from workbench.core.model import fingerprint
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.engine.export.work import Work
from workbench.engine.job import devices
from workbench.engine.job.job import Job
from workbench.engine.model.model_source import model_source


def begin(job: Job, subject: Subject, folder: Path) -> Work:
    """Fetches the base where it is not here, and refuses one that has changed. Raises UserError and Ordered."""
    transformers.utils.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"transformers|peft")
    recipe = subject.speaker.recipe or Recipe()
    if subject.base is None:
        model_source(job, subject.speaker.model)
        subject = subject_of(subject.request)
    if subject.base is None:
        raise UserError(f"The base of {subject.title} cannot be found.", remedy="Put it back where it was.")
    if any(item_of(item).to == "hub" for item in subject.request.items):
        # Whoever may not write there is told before hours of merging.
        destination(subject.hub_name, private=subject.request.hub_private)
    base_hash = fingerprint.of_model(subject.base.path)
    if subject.adapter is not None:
        refuse_changed_base(subject.speaker, subject.base.path, base_hash)
    # A run of a machine with a card is exported on one without, too.
    device = devices.choose("cpu" if recipe.model.device == "cpu" else "auto")
    return Work(job, subject, device, base_hash, folder)
