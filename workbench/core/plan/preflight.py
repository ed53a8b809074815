"""What can be found wrong before a process is started: in a second, with nothing made."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from workbench.core import places, sources
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.model import folder as model_folder
from workbench.core.model.adapter_folder import find_model, refuse_without_lora
from workbench.core.model.already_quantized import refuse_other_precision
from workbench.core.problems import UserError
from workbench.core.recipe import rules
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.recipe import Recipe

if TYPE_CHECKING:
    from workbench.core.job.outline import Outline

# Enough to meet most mistakes in a data file; the engine reads all of it.
ROWS_READ = 2000


def check(recipe: Recipe) -> None:
    """Raises UserError for the first thing that would stop this recipe's run at its start."""
    # What reads files is not part of the window's first paint.
    from workbench.core.data import rows as data_rows
    from workbench.core.data.hub_dataset import NotFetched
    from workbench.core.tokens.templates import named

    rules.refuse(rules.check(recipe))
    if recipe.applies("data.template") and recipe.data.template:
        named.read_template(recipe.data.template)
    with suppress(NotFetched):  # the engine does it
        data_rows.read(recipe.data, limit=ROWS_READ)
    for text in filter(None, (recipe.evaluation.path, recipe.evaluation.score_path)):
        with suppress(NotFetched):
            data_rows.read(data_rows.settings_at(recipe.data, text), limit=ROWS_READ)
    folder = sources.model_path(recipe.model.source)
    if folder is not None:
        found = find_model(folder)
        refuse_without_lora(recipe, found.adapter)
        if found.folder is not None:
            facts = model_folder.inspect_for_text(found.folder)
            refuse_other_precision(facts.quantized, recipe.model.precision, found.folder.name)


def check_resume(run: RunFolder, extra_steps: int, *, if_alive: str, if_finished: str) -> "Outline":
    """Where a run stands that can go on, for `extra_steps` more where it has finished.

    Raises UserError for one that cannot, with what is to be done of one that lives and of one that has finished.
    """
    outline = run.outline()
    state = run.state(outline)
    if state.is_alive:
        raise UserError(f"Run {run.name} is {state}.", remedy=if_alive)
    if state is RunState.FINISHED and not extra_steps:
        raise UserError(f"Run {run.name} has finished its {outline.step} steps.", remedy=if_finished)
    return outline


def with_absolute_paths(chosen: Recipe) -> Recipe:
    """The recipe with its files found from anywhere: a run outlives the folder it was started in."""
    from workbench.core.data.hub_dataset import is_hub_dataset

    known = places.built_in_datasets()
    tables: dict[str, dict[str, Any]] = chosen.model_dump()
    for section, name in (("data", "path"), ("evaluation", "path"), ("evaluation", "score_path")):
        value = tables[section][name]
        if value and value not in known and not is_hub_dataset(value):
            tables[section][name] = str(sources.expanded(value).resolve())
    template = chosen.data.template
    if template.endswith(".jinja"):
        tables["data"]["template"] = str(sources.expanded(template).resolve())
    source = sources.expanded(chosen.model.source)
    if sources.is_there(source) and source.is_dir():
        tables["model"]["source"] = str(source.resolve())
    return recipe_text.from_tables(tables, name="recipe")
