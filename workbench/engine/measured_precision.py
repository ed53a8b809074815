"""One precision of a race, in a process of its own: `python -m workbench.engine.measured_precision STUDY PRECISION
MODEL [REFERENCE]`.

What it does and finds goes into a journal of its own, precisions/PRECISION/journal.jsonl in the study's folder: phases,
then one PrecisionMeasured, or an Ended where what is wrong is wrong for every precision. It ends when its standard
input does, so that it never outlives the process that started it.
"""

import faulthandler
import locale
import os
import statistics
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import torch
import transformers
from transformers import GenerationConfig
from transformers.generation.streamers import BaseStreamer

from workbench.core import model_folder, texts
from workbench.core.events import Ended, Phase, PhaseName, PrecisionMeasured, is_about_memory
from workbench.core.journal import JournalWriter
from workbench.core.precision_measures import title_of
from workbench.core.problems import UserError
from workbench.core.race import Race
from workbench.core.recipe import Recipe
from workbench.core.recipe_text import with_overrides
from workbench.core.run_folder import RunFolder
from workbench.core.study import MeasureRequest, read_request
from workbench.core.units import bytes_in_words, grouped
from workbench.engine import answers, cpu_bf16, devices, load, perplexity
from workbench.engine.devices import Device
from workbench.engine.job import PROGRESS_SECONDS
from workbench.engine.race_files import RaceFiles
from workbench.engine.race_recipe import settings_of
from workbench.engine.tokens import has_template, prompt_text
from workbench.engine.weights_size import size_bytes
from workbench.numerics.formats import bits_per_weight

# Of a longer text so many tokens are read: 2 minutes of the starter on two cores.
MOST_TOKENS = 16_384
PROMPT_TOKENS = 256
PROMPT_REPEATS = 3
ANSWER_TOKENS = 40


class Told:
    """Tells the parent how far this process has come."""

    def __init__(self, journal: JournalWriter, precision: str) -> None:
        self._journal = journal
        self._of = f"of {title_of(precision)}"
        self._phase: Phase | None = None
        self._at = 0.0

    def phase(self, name: PhaseName, unit: str, total: int = 0) -> None:
        self._phase = Phase(name=name, total=total, unit=f"{unit} {self._of}")
        self._at = time.monotonic()
        self._journal.write(self._phase)

    def progress(self, done: int, total: int) -> None:
        assert self._phase is not None
        if time.monotonic() - self._at >= PROGRESS_SECONDS or done == total:
            self._at = time.monotonic()
            self._journal.write(self._phase.model_copy(update={"done": done, "total": total}))


def main() -> int:
    study, precision, model, *reference = sys.argv[1:]
    faulthandler.enable()
    locale.setlocale(locale.LC_NUMERIC, "C")
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    transformers.utils.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
    run = RunFolder.open(Path(study))
    files = RaceFiles(run.path)
    journal = JournalWriter(files.journal(precision))
    try:
        request = read_request(run)
        assert isinstance(request, MeasureRequest)
        found = Measuring(request, precision, Path(model), files, Told(journal, precision)).run(*reference)
    except UserError as error:
        print(error, file=sys.stderr)
        journal.write(Ended(state="crashed", what=error.what, why=error.why, remedy=error.remedy, is_mendable=True))
        return 2
    except BaseException as error:
        traceback.print_exc()
        found = PrecisionMeasured(precision=precision, problem=in_words(error))
    journal.write(found)
    return 0


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def in_words(error: BaseException) -> str:
    """Why a precision could not be measured, as a sentence."""
    name = type(error).__name__
    first = (str(error).strip().splitlines() or [""])[0][:300]
    if "OutOfMemory" in name or isinstance(error, MemoryError) or is_about_memory(first):
        return f"The memory was not enough. {first}".strip()
    return f"It failed: {name}. {first}".strip()


class Refused(Exception):
    """This device cannot do this precision."""


class Measuring:
    """Loads a model in one precision and measures it."""

    def __init__(self, request: MeasureRequest, precision: str, folder: Path, files: RaceFiles, told: Told) -> None:
        self.request = request
        self.precision = precision
        self.folder = folder
        self.files = files
        self.told = told
        self.device = devices.choose("auto")
        side = "fp16" if self.device.kind == "cuda" and not self.device.supports_bf16 else "bf16"
        self.recipe = with_overrides(Recipe(), settings_of(precision, side))
        self.notes: list[str] = []

    def run(self, reference: str = "") -> PrecisionMeasured:
        """Raises UserError for what is wrong in every precision."""
        transformers.set_seed(self.request.seed)
        tokenizer = load.load_tokenizer(self.folder)
        ids = self._ids(tokenizer)
        facts = model_folder.inspect(self.folder)
        found = PrecisionMeasured(
            precision=self.precision,
            device=self.device.name,
            compute_dtype=self.recipe.model.compute_dtype,
            reference=reference,
            parameters=facts.parameters,
            text_tokens=len(ids),
        )
        try:
            self._check(facts)
            self.told.phase("load", "tensors")
            began = time.perf_counter()
            model: Any = load.load_model(self.folder, self.recipe, self.device, self.told.progress)
            self._synchronize()
        except Refused as error:
            return found.model_copy(update={"problem": str(error)})
        except UserError as error:
            return found.model_copy(update={"problem": f"{error.what} {error.why}".strip()})
        load_seconds = time.perf_counter() - began
        model.eval()
        size = size_bytes(model)
        prompt_rate = self._prompt_rate(model, ids)
        vocabulary, reading, witness, positions = self._read(model, ids, reference)
        texts_of_answers, answer_rate = self._answers(model, tokenizer)
        self._note(facts)
        compared = isinstance(witness, perplexity.Comparer)
        return found.model_copy(
            update={
                "load_seconds": load_seconds,
                "size_bytes": size,
                "peak_bytes": self.device.memory().peak_bytes,
                "prompt_tokens_per_second": prompt_rate,
                "answer_tokens_per_second": answer_rate,
                "perplexity": reading.perplexity,
                "kl_divergence": witness.mean_divergence if compared else 0.0,
                "same_top_token": witness.same_top_token if compared else 1.0,
                "context_tokens": reading.context,
                "kl_positions": positions,
                "answers": texts_of_answers,
                "notes": self.notes,
            }
        )
