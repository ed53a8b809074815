"""How far what was made lies from the run as it was trained: perplexity, divergence and greedy agreement."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import torch
from transformers import AutoModelForCausalLM

from workbench.core.export import measured
from workbench.core.export.measured import REFERENCE
from workbench.core.job.export_kinds import Way, WaySuggested, WeightsMeasured
from workbench.core.model import folder as model_folder
from workbench.core.problems import UserError
from workbench.core.recipe.recipe import QUANTIZED, Recipe
from workbench.core.recipe.text import with_overrides
from workbench.core.units import counted, grouped
from workbench.engine.export.logits import read
from workbench.engine.export.step import Check
from workbench.engine.export.work import Work
from workbench.engine.job.devices import free_memory
from workbench.engine.job.out_of_memory import is_out_of_memory
from workbench.engine.model import load
from workbench.engine.model.adapter import put_on
from workbench.numerics.formats import FORMATS

# Nats a token. Weights that are rounded once more, or not at all, move a trained model by hundredths of one at most;
# a layer that is missing moves it by whole ones.
MOST_KL = 0.25
# What other items are compared with.
_COMPARED_WITH = (REFERENCE, *measured.ITEMS.values())
_WIDTHS = {"F64": "fp32", "F32": "fp32", "F16": "fp16", "BF16": "bf16"}
# Of the memory that is free, what weights may take: answers and the system want some.
MOST_OF_FREE_MEMORY = 0.8


def measure(work: Work, item: str, title: str, model: Any, against: str = REFERENCE) -> WeightsMeasured:
    """What a loaded model makes of the rows, compared with what another item's has made of them; kept and told.

    Raises Ordered.
    """
    rows = work.rows()
    work.phase("measure", item, len(rows.rows), "rows")
    began = time.monotonic()
    kept = work.logits_of(item) if item in _COMPARED_WITH else None
    other = work.logits_of(against) if item != REFERENCE else None
    reading = read(model, rows.rows, kept, other, work.progress)
    compared = reading.compared
    event = WeightsMeasured(
        item=item,
        title=title,
        against=against if compared is not None else "",
        perplexity=reading.perplexity,
        kl=compared.kl if compared is not None else None,
        same_tokens=compared.same_tokens if compared is not None else 0,
        positions=compared.positions if compared is not None else 0,
        largest_difference=compared.largest_difference if compared is not None else None,
        tokens=reading.tokens,
        rows=len(rows.rows),
        is_held_out=rows.is_held_out,
        seconds=time.monotonic() - began,
    )
    work.take_measured(event)
    return event


@contextmanager
def as_trained(work: Work) -> Iterator[Any]:
    """The run's model as it was trained, the adapter beside its base, measured as what others are compared with.

    Raises UserError where the memory is not enough for it, and Ordered.
    """
    with _room("the run's model"):
        recipe, base = work.recipe, work.base
        work.phase("quantize" if recipe.model.precision in QUANTIZED else "load", REFERENCE, 0, "tensors")
        model: Any = load.load_model(base, recipe, work.device, lambda _done, _total: work.job.obey())
        adapter = work.subject.adapter
        if adapter is not None:
            model = put_on(load.upcast(model, recipe), adapter.path, "run")
        model.eval()
        try:
            if not work.logits_of(REFERENCE).is_file():
                measure(work, REFERENCE, reference_title(work), model)
            yield model
        finally:
            del model
            free_memory()


def reference(work: Work) -> None:
    """Measures the run as it was trained, once. Raises as `as_trained`."""
    if not work.logits_of(REFERENCE).is_file():
        with as_trained(work):
            pass


def reference_title(work: Work) -> str:
    if work.subject.adapter is None:
        return "The model as it was trained"
    return f"Adapter on {FORMATS[work.recipe.model.precision].title}, as it was trained"


@contextmanager
def loaded(work: Work, folder: Path, item: str) -> Iterator[Any]:
    """A model folder in the type that its weights are stored in, from the disk as it is asked where memory lacks.

    Raises UserError and Ordered.
    """
    with _room(folder.name):
        facts = model_folder.inspect(folder)
        width = max(facts.stored_dtypes, key=lambda name: facts.stored_dtypes[name])
        precision = _WIDTHS.get(width, "bf16")
        recipe = with_overrides(Recipe(), [f"model.precision={precision}", f"model.compute_dtype={precision}"])
        chosen = recipe.model.model_copy(update={"attention": work.recipe.model.attention})
        recipe = recipe.model_copy(update={"model": chosen})
        work.phase("load", item, 0, "tensors")
        free = _free_bytes(work)
        model: Any
        if facts.stored_bytes <= free:
            model = load.load_model(folder, recipe, work.device, lambda _done, _total: work.job.obey())
        else:
            model = spread(folder, work.device.kind, free, work.scratch / "offloaded")
        model.eval()
        try:
            yield model
        finally:
            del model
            free_memory()


def spread(folder: Path, device: str, most_bytes: int, scratch: Path) -> Any:
    """The model with as many of its layers in memory as `most_bytes` hold; the others are read as they are needed."""
    memory: dict[int | str, int] = {0: most_bytes} if device == "cuda" else {}
    memory["cpu"] = min(most_bytes, int(MOST_OF_FREE_MEMORY * psutil.virtual_memory().available))
    return AutoModelForCausalLM.from_pretrained(
        folder,
        dtype="auto",
        device_map="auto",
        max_memory=memory,
        offload_folder=str(scratch),
        trust_remote_code=False,
        use_safetensors=True,
        local_files_only=True,
    )


def measure_folder(work: Work, item: str, title: str, folder: Path) -> WeightsMeasured:
    """A model folder against the run as it was trained. Raises as `as_trained`."""
    reference(work)
    with loaded(work, folder, item) as model:
        return measure(work, item, title, model)


def measured_checks(work: Work, item: str, title: str, folder: Path) -> Iterator[Check]:
    """The check of whole weights against the run as it was trained. Raises Ordered."""
    try:
        found = measure_folder(work, item, title, folder)
    except (UserError, OSError) as error:  # of memory or of the disk that logits are kept on: what was made is whole
        yield Check("measured", True, f"Not measured: {error}")
        return
    is_elsewhere = item == "merged" and len(work.subject.ways) > 1  # in other weights than it was trained on
    ok = found.perplexity < float("inf") and (is_elsewhere or (found.kl is not None and found.kl <= MOST_KL))
    yield Check("measured", ok, compared_in_words(found))


def compared_in_words(found: WeightsMeasured) -> str:
    """What a comparison has shown, as a sentence."""
    if found.kl is None or found.largest_difference is None:
        return f"Loaded back: perplexity {found.perplexity:.3f} over {counted(found.tokens, 'token')}."
    if found.largest_difference == 0:
        return f"Loaded back: logits are equal, bit for bit, at {counted(found.positions, 'token')}."
    return (
        f"Loaded back: logits agree to {found.largest_difference:.3g}, the first choice at "
        f"{grouped(found.same_tokens)} of {counted(found.positions, 'token')}; KL {found.kl:.4f} nats a token, "
        f"perplexity {found.perplexity:.3f}."
    )


def suggest(work: Work) -> WaySuggested | None:
    """Which way to merge lies closer, once all ways are measured; None where there is one alone."""
    ways = work.subject.ways
    found = [work.measured.get(measured.ITEMS[way]) for way in ways]
    if len(ways) < 2 or any(event is None or event.kl is None for event in found):
        return None
    by_kl: list[tuple[float, Way]] = sorted(
        (event.kl, way) for event, way in zip(found, ways, strict=True) if event is not None and event.kl is not None
    )
    (near, way), (far, _) = by_kl
    rounded = FORMATS[work.recipe.model.precision].title
    if near == far:
        return WaySuggested(
            way=ways[0], sentence=f"Both ways to merge lie as close to the run, by {near:.4f} nats a token."
        )
    words = {
        "nf4": f"Merge into {rounded}'s values: the adapter has learned to undo {rounded}'s rounding too, which in "
        "weights that were never rounded is a correction too many",
        "original": f"Merge into the original weights: they answer more like the run than {rounded}'s values do, held "
        "in 16 bits",
    }
    return WaySuggested(way=way, sentence=f"{words[way]} (KL {near:.4f} against {far:.4f} nats a token).")


def _free_bytes(work: Work) -> int:
    if work.device.kind == "cuda":
        free, _ = torch.cuda.mem_get_info(work.device.index)
        return int(MOST_OF_FREE_MEMORY * free)
    return int(MOST_OF_FREE_MEMORY * psutil.virtual_memory().available)


@contextmanager
def _room(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        free_memory()
        raise UserError(f"The memory was not enough to load {what}.", remedy="Close other programs.") from None
