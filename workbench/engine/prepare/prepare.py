"""The prepare job: from a recipe's files to the tokens that its training would learn from; needs no PyTorch."""

from pathlib import Path

from workbench.core.job.events import Ended
from workbench.core.job.study_kinds import DataPrepared, PrepareRequest
from workbench.core.model import folder as model_folder
from workbench.core.recipe import rules
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.prepared import report
from workbench.core.tokens.prepared.preparing import Preparation
from workbench.engine.fetch.datasets import fetch_datasets
from workbench.engine.job.job import Job
from workbench.engine.model.model_source import model_source


def run(job: Job) -> Ended:
    """Prepares the rows and says what was found in them. Raises UserError and Ordered."""
    assert isinstance(job.request, PrepareRequest)
    recipe = job.request.recipe
    rules.refuse(rules.check(recipe))
    found, _ = model_source(job, recipe.model)
    assert found.folder is not None, "what was not here has been fetched"
    model_folder.inspect_for_text(found.folder)
    prepared = prepare_rows(job, recipe, found.tokenizer_folder or found.folder)
    job.emit(prepared)
    report.refuse(prepared, recipe)
    return Ended(state="finished")


def prepare_rows(job: Job, recipe: Recipe, folder: Path) -> DataPrepared:
    """The recipe's rows as tokens of the tokenizer in the folder, from the cache where they are there already.

    A dataset of the Hub is fetched first. Says in the journal how far it is. Raises UserError and Ordered.
    """
    fetch_datasets(job, recipe)
    job.phase("tokenize", unit="bytes")
    preparation = Preparation(recipe, kept_tokenizer.make(folder), lambda _bytes, _rows: job.obey())
    total = preparation.total_bytes
    prepared = preparation.find() or preparation.make(
        lambda done_bytes, rows: job.progress(min(done_bytes, total - 1), total, rows=rows)
    )
    job.show_progress(total, total, rows=prepared.rows + prepared.held_out_rows)
    return prepared.model_copy(update={"model": str(folder)})
