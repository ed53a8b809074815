"""What can be found wrong before a process is started: in a second, with nothing made."""

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any

from workbench.core import places, sources
from workbench.core.figures import percent
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.model import folder as model_folder
from workbench.core.model.adapter_folder import find_model, refuse_without_lora
from workbench.core.model.already_quantized import refuse_other_precision
from workbench.core.problems import UserError, shown
from workbench.core.recipe import rules
from workbench.core.recipe import text as recipe_text
from workbench.core.recipe.other_data import HELD_OUT, SCORED
from workbench.core.recipe.recipe import DataSettings, Recipe
from workbench.core.recipe.recipe import settings as declared
from workbench.core.units import counted

if TYPE_CHECKING:
    from workbench.core.data.source import Place
    from workbench.core.job.outline import Outline

# Enough to meet most mistakes in a data file; the engine reads all of it.
ROWS_READ = 2000


def check(recipe: Recipe) -> None:
    """Raises UserError for the first thing that would stop this recipe's run at its start."""
    # What reads files is not part of the window's first paint.
    from workbench.core.data.hub_dataset import NotFetched
    from workbench.core.data.rows import settings_at
    from workbench.core.tokens.templates import named

    rules.refuse(rules.check(recipe))
    if recipe.applies("data.template") and recipe.data.template:
        named.read_template(recipe.data.template)
    with suppress(NotFetched):  # the engine does it
        check_rows(recipe.data)
    for path in (HELD_OUT, SCORED):
        name, group = recipe.value(path), recipe.evaluation.score_group if path == SCORED else ""
        if not name:
            continue
        try:
            beside = settings_at(recipe.data, name, group=group)
            # Bad rows among those to learn ask first; of a file beside them they are left out and told.
            check_rows(beside.model_copy(update={"bad_rows": "leave_out", "most_bad_share": 1.0}))
        except NotFetched:  # the engine does it
            continue
        except UserError as error:
            title = declared()[path].title
            raise UserError(
                f"{title} {shown(name, 300)}: {error.what}",
                why=f"It is read as the rows to learn are. {error.why}".strip(),
                remedy=f"{error.remedy} Or set {path} to a file with the same columns, or to nothing.".strip(),
            ) from None
    folder = sources.model_path(recipe.model.source)
    if folder is not None:
        found = find_model(folder)
        refuse_without_lora(recipe, found.adapter)
        if found.folder is not None:
            facts = model_folder.inspect_for_text(found.folder)
            refuse_other_precision(facts.quantized, recipe.model.precision, found.folder.name)


def check_rows(settings: DataSettings) -> None:
    """Reads the first ROWS_READ rows as a preparation would. Raises UserError where that would refuse them for sure."""
    from workbench.core.data.rows import OpenRows, RowProblem, are_too_many

    opened = OpenRows(settings)
    read = 0
    bad: list[tuple[Place, RowProblem]] = []
    for place, row in islice(opened.each(), ROWS_READ):
        read += 1
        if isinstance(row, RowProblem):
            bad.append((place, row))
            if settings.bad_rows == "refuse":
                break
    is_known = read < ROWS_READ or settings.bad_rows == "refuse"
    if not (is_known and are_too_many(len(bad), read, settings)):
        return
    from workbench.core.tokens.prepared.report import OR_LEAVE_OUT, or_begin_with_the_others

    place, first = bad[0]
    where = f"{opened.source.place_in_words(place)}: {first.text}"
    if settings.bad_rows == "refuse":
        raise UserError(where, remedy=f"{first.remedy} {OR_LEAVE_OUT}")
    raise UserError(
        f"{counted(len(bad), 'row')} of {read} in {opened.source.name} would be left out ({percent(len(bad) / read)}).",
        why=where,
        remedy=f"{first.remedy} {or_begin_with_the_others(len(bad), read)}",
    )


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
    tables: dict[str, dict[str, Any]] = chosen.model_dump()
    for section, name in (("data", "path"), ("evaluation", "path"), ("evaluation", "score_path")):
        tables[section][name] = _absolute(tables[section][name])
    tables["data"]["also"] = [_absolute(path) for path in chosen.data.also]
    template = chosen.data.template
    if template.endswith(".jinja"):
        tables["data"]["template"] = str(sources.expanded(template).resolve())
    source = sources.expanded(chosen.model.source)
    if sources.is_there(source) and source.is_dir():
        tables["model"]["source"] = str(source.resolve())
    return recipe_text.from_tables(tables, name="recipe")


def _absolute(path: str) -> str:
    """A file's path found from anywhere; a built-in dataset and one of the Hub keep their names."""
    from workbench.core.data.hub_dataset import is_hub_dataset

    if not path or path in places.built_in_datasets() or is_hub_dataset(path):
        return path
    return str(sources.expanded(path).resolve())
