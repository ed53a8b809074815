"""What a model card says of a training: how it was made and of how many rows, never what stands in them."""

from pathlib import Path

from workbench.core.job.history import History
from workbench.core.job.study_kinds import DataPrepared
from workbench.core.recipe.recipe import Recipe


def facts(recipe: Recipe, history: History, step: int) -> list[str]:
    """Lines of a list in Markdown; `step` is the one that was reached."""
    planned = history.planned
    if planned is None:
        return []
    lines = [
        f"- Base weights while training: {planned.stored_as}, computed in {recipe.model.compute_dtype.upper()}",
        f"- Trained parameters: {planned.trainable_parameters:,} of {planned.parameters:,}",
        f"- Data: {Path(recipe.data.path).name}, {planned.rows:,} rows, sha256 `{planned.data_sha256}`",
        *_left_out(history),
        f"- Steps: {step:,} of {planned.steps:,} on {planned.device}",
    ]
    if history.steps:
        lines.append(f"- Loss: {history.steps[0].loss:.4f} at first, {history.steps[-1].loss:.4f} at last")
    lines += [f"- Evaluation loss at step {entry.step}: {entry.loss:.4f}" for entry in history.evaluations[-1:]]
    for score in history.scores:
        groups = "".join(f"; {name}: {right} of {rows}" for name, (right, rows) in score.groups.items())
        lines.append(f"- Exact match {score.when} training: {score.right} of {score.rows}{groups}")
    if history.started:
        used = ", ".join(f"{name} {version}" for name, version in history.started.versions.items() if version)
        lines.append(f"- Made with {used}")
    return lines


def _left_out(history: History) -> list[str]:
    """What was not learned as it stood in the files, by kind; nothing for a run of an earlier version."""
    prepared = next((found for found in reversed(history.findings) if isinstance(found, DataPrepared)), None)
    if prepared is None:
        return []
    told = [
        f"  - {found.title}{' (held out)' * (found.part == 'held out')}: {found.count:,}, {found.done}"
        for found in prepared.found
    ]
    held_out = f", {prepared.held_out:,} held out" if prepared.held_out else ""
    counts = f"{prepared.rows:,} in the files, {prepared.used:,} learned from{held_out}"
    return [f"- Rows: {counts}; {prepared.mapping}", f"- Template: {prepared.template}", *told]
