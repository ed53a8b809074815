"""What the ledger says of a run once its rows are prepared, as an event to lay the measured beside."""

from pathlib import Path

from workbench.core.job.events import Memory, Predicted
from workbench.core.job.study_kinds import DataPrepared
from workbench.core.machine.memory import machine_memory
from workbench.core.memory import ledger
from workbench.core.memory.corrections import CPU, FORMULA
from workbench.core.memory.line_names import by_line
from workbench.core.model import shape as model_shape
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import Recipe
from workbench.engine.job.devices import Device


def free_bytes(device: Device, memory: Memory) -> int:
    """What a run may take, asked before it has loaded anything."""
    if device.kind == "cuda":
        return max(0, memory.card_total_bytes - memory.card_used_bytes)
    return machine_memory().available_bytes


def predicted(
    recipe: Recipe, folder: Path, device: Device, rows: DataPrepared, micro_batch: int, free: int
) -> Predicted | None:
    """The prediction for the longest of the prepared sequences; None where the model's shape cannot be read."""
    try:
        shape = model_shape.from_folder(folder)
    except UserError:
        return None
    longest = rows.longest_sequence_tokens
    training = recipe.training.model_copy(update={"max_length": longest, "batch_size": micro_batch})
    found = ledger.predict(
        shape,
        recipe.model_copy(update={"training": training}),
        device=device.kind,
        trained_share=rows.trained_tokens / max(1, rows.tokens),
        free_bytes=free,
    )
    return Predicted(
        formula=FORMULA,
        device="cuda" if device.kind == "cuda" else "cpu",
        card=device.name if device.kind == "cuda" else CPU,
        family=shape.family,
        lines=by_line(found.parts),
        after_load_bytes=found.after_load_bytes,
        peak_bytes=found.peak_bytes,
        moment=found.moment,
        sequence_tokens=longest,
        micro_batch=micro_batch,
        free_bytes=free,
    )
