"""What lies on this machine of a model or a dataset, for where the Hub cannot be asked."""

from pathlib import Path

from workbench.core.data.hub_dataset import hub_dataset_files
from workbench.core.hub import cache as hub_cache
from workbench.core.hub.repo import Repo
from workbench.core.model import folder as model_folder
from workbench.core.model.adapter_folder import find_model
from workbench.core.problems import UserError


def whole_here(name: str, revision: str = "", config: str = "", split: str = "") -> Path | None:
    """The snapshot of a model that could be loaded, of an adapter, or of a dataset's part; None where there is none."""
    kept = hub_cache.snapshot(name, revision)
    try:
        if Repo.of(name).kind == "dataset":
            files = hub_dataset_files(name, config, split)
            return next(folder for folder in files[0].parents if folder.parent.name == "snapshots")
        if kept is not None and find_model(kept).adapter is None:  # an adapter's own files are looked at with it
            model_folder.inspect_for_text(kept)
    except UserError:
        return None
    return kept
