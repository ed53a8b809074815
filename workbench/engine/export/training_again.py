"""What the code of a run's training has to say, found out of its recipe, its journal, its model and its rows."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from workbench.core.export.again.reading import tokenizer_cell
from workbench.core.export.again.training import HELD_OUT, ROWS, TEMPLATE, Training
from workbench.core.job.events import Event, Healed, Planned, Started
from workbench.core.job.journal import JournalReader
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study_kinds import MODEL_PART, DataPrepared
from workbench.core.model import folder as model_folder
from workbench.core.model.adapter_folder import with_adapter
from workbench.core.model.already_quantized import as_stored
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.tokenizing import RowTokenizer
from workbench.core.units import grouped
from workbench.engine.export.training_rows import TokensOf, TrainingRows
from workbench.engine.export.work import Work
from workbench.engine.model import load, tokenizer_file
from workbench.engine.model.model_source import model_source
from workbench.engine.prepare.prepare import prepare_rows

_ADAPTER_NOTE = "ADAPTER is a folder of the machine that this was written on: the adapter that is trained further."
LIBRARIES = ("torch", "transformers", "trl", "peft", "bitsandbytes", "accelerate", "datasets")


class Again(NamedTuple):
    """What the code says, and how many rows lie beside it."""

    training: Training
    rows: int


def write_rows(work: Work, item: str, run: RunFolder, folder: Path) -> Again:
    """Writes the rows of a run, and what else its training reads, into a folder, and says what its code is to say.

    Raises UserError, where the rows are no longer those that it has learned above all, Ordered and OSError.
    """
    job = work.job
    events = JournalReader(run.journal).read()
    recipe = run.recipe()
    found, base = model_source(job, recipe.model)
    assert found.folder is not None, "what was not here has been fetched"
    recipe = with_adapter(recipe, found.adapter)
    facts = model_folder.inspect_for_text(found.folder)
    if facts.quantized is not None:
        recipe = as_stored(recipe, facts.quantized)
    tokenizer_folder = found.tokenizer_folder or found.folder
    prepared = prepare_rows(job, recipe, tokenizer_folder)
    _refuse_changed(prepared, events)
    own_base, revision, note = _base(found.folder, base)
    attention = load.attention_for(load.check_weights(found.folder, recipe), recipe)
    training = Training(
        run=run.name,
        recipe=recipe,
        base=own_base,
        revision=revision,
        steps=_steps(events, recipe),
        adapter=str(found.adapter.path.resolve()) if found.adapter is not None else "",
        tokenizer=str(tokenizer_folder.resolve()) if tokenizer_folder != found.folder else "",
        attention=attention,
        is_stored_quantized=facts.quantized is not None,
        held_out=prepared.held_out > 0,
        notes=(*filter(None, [note, _ADAPTER_NOTE if found.adapter is not None else ""]), *_notes(events, recipe)),
        versions=_versions(events),
    )
    work.phase("export", item, prepared.used + prepared.held_out, "rows")
    return _with_rows(work, training, prepared, found.folder, tokenizer_folder, folder)


def _with_rows(
    work: Work, training: Training, prepared: DataPrepared, model: Path, tokenizer_folder: Path, folder: Path
) -> Again:
    """Writes the rows, each once the code was found to make the same tokens of it."""
    recipe = training.recipe
    text_tokenizer = kept_tokenizer.make(tokenizer_folder)
    own = _tokenizer(tokenizer_folder)
    given = tokenizer_file.load_tokenizer(tokenizer_folder, model=model)
    tokens = {name: getattr(given, name) for name in _ENDS if getattr(given, name) != getattr(own, name)}
    is_wrapped = RowTokenizer(text_tokenizer, recipe).template is not None
    tokenizer_file.wear_template(given, text_tokenizer, recipe, is_wrapped=True)
    if given.chat_template != own.chat_template:
        (folder / TEMPLATE).write_text(given.chat_template, encoding="utf-8")
    training = replace(
        training,
        tokens=tokens,
        before=text_tokenizer.adds_before,
        has_template=given.chat_template != own.chat_template,
        is_plain=True,
        is_turns=True,
    )
    rows = TrainingRows(recipe, prepared, _reading(training, tokenizer_folder, folder), is_wrapped=is_wrapped)
    rows.write(folder / ROWS, folder / HELD_OUT, work.progress)
    written = rows.written
    if not written.turns:
        (folder / TEMPLATE).unlink(missing_ok=True)
    training = replace(
        training,
        has_template=training.has_template and written.turns > 0,
        is_turns=written.turns > 0,
        is_plain=written.plain > 0,
        as_tokens=(written.tokens, written.rows),
    )
    return Again(training, written.rows)


_ENDS = ("eos_token", "pad_token")


def _tokenizer(folder: Path) -> Any:
    """The tokenizer as a script without this program has it."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)


def _reading(training: Training, tokenizer_folder: Path, folder: Path) -> TokensOf:
    """The function `tokens_of` of the code, which makes rows into tokens, with what lies here."""
    here = replace(training, tokenizer=str(tokenizer_folder.resolve()))
    from transformers import AutoTokenizer

    names: dict[str, Any] = {
        "AutoTokenizer": AutoTokenizer,
        "HERE": folder,
        "MAX_LENGTH": training.recipe.training.max_length,
    }
    exec(tokenizer_cell(here).text, names)  # code of this program's own
    found: TokensOf = names["tokens_of"]
    return found


# -- what the run was --------------------------------------------------------------------------------------------------


def _refuse_changed(prepared: DataPrepared, events: Sequence[Event]) -> None:
    earlier = next((event for event in reversed(events) if isinstance(event, DataPrepared)), None)
    if earlier is None:
        return  # of an earlier version
    changed = [
        name for name, part in prepared.parts.items() if name != MODEL_PART and earlier.parts.get(name, part) != part
    ]
    if changed:
        raise UserError(
            f"What the run has learned is no longer there: {' and '.join(changed)} changed.",
            why="A script would train something else.",
            remedy="Put back what was there.",
        )


def _base(folder: Path, name: str) -> tuple[str, str, str]:
    """What the code calls the base, its commit on the Hub, and what is to be said of it."""
    if folder.parent.name == "snapshots":
        return name, folder.name, ""
    path = str(folder.resolve())
    if Path(name).is_absolute():
        return path, "", "The base model is a folder of the machine that this was written on: BASE says which."
    return (
        path,
        "",
        f"BASE is a folder of the machine that this was written on. Elsewhere put {name} there, the model of the Hub "
        "that it was made from: its weights may not be the same to the last bit, and so the losses.",
    )


def _steps(events: Sequence[Event], recipe: Recipe) -> int:
    """Optimizer steps of all attempts, where not the epochs decide."""
    planned = [event.steps for event in events if isinstance(event, Planned)]
    if planned and planned[-1] != planned[0]:
        return planned[-1]
    return recipe.training.max_steps


def _versions(events: Sequence[Event]) -> dict[str, str]:
    started = next((event for event in reversed(events) if isinstance(event, Started)), None)
    if started is None:
        return {}
    # Without what a build is for, such as +cpu, which no registry has.
    found = {name: started.versions.get(name, "").partition("+")[0] for name in LIBRARIES}
    return {name: version for name, version in found.items() if version}


def _notes(events: Sequence[Event], recipe: Recipe) -> list[str]:
    """What the code does not do as the run did."""
    planned = [event for event in events if isinstance(event, Planned)]
    healed = [event for event in events if isinstance(event, Healed)]
    notes = []
    if healed:
        notes.append(
            f"Memory ran out in the run, and from step {grouped(healed[-1].step)} on it took {healed[-1].micro_batch} "
            f"at once and {healed[-1].accumulation} times before a step. Here all steps are taken as they were asked."
        )
    if planned and planned[-1].steps != planned[0].steps:
        notes.append(
            f"The run was made longer as it went, from {grouped(planned[0].steps)} to {grouped(planned[-1].steps)} "
            "steps: until then its learning rate fell for the shorter way."
        )
    if len({event.key for event in events if isinstance(event, DataPrepared)}) > 1:
        notes.append("The rows changed while the run stood still; here are those that it had at last.")
    if recipe.model.device != "cuda" and recipe.model.compute_dtype == "bf16":
        notes.append(
            "On a processor without BF16 arithmetic the run multiplied in a faster way of its own: there the losses "
            "differ a little, and this takes far longer."
        )
    if recipe.samples.count or recipe.samples.prompts or recipe.evaluation.score_path:
        notes.append("No prompts are answered before, during and after the training.")
    notes.append("Memory that runs out ends it, where the run would have gone on in smaller batches.")
    return notes
