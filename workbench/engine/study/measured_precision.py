"""One precision of a race, in a process of its own.

`python -m workbench.engine.study.measured_precision STUDY PRECISION MODEL [REFERENCE]`: what it does and finds goes
into a journal of its own, precisions/PRECISION/journal.jsonl in the study's folder: phases, then one
PrecisionMeasured, or an Ended where what is wrong is wrong in every precision. It ends when its standard input does,
so that it never outlives the process that started it.
"""

import faulthandler
import locale
import os
import sys
import threading
import traceback
import warnings
from pathlib import Path

import transformers

from workbench.core.job.events import Ended, Event, is_about_memory
from workbench.core.job.journal import JournalWriter
from workbench.core.job.run_folder import RunFolder
from workbench.core.job.study import read_request
from workbench.core.job.study_kinds import MeasureRequest, PrecisionMeasured
from workbench.core.problems import UserError
from workbench.core.scrubbed import scrub_streams
from workbench.engine.study.measuring import Measuring
from workbench.engine.study.race_files import RaceFiles


def main() -> int:
    study, precision, model, *reference = sys.argv[1:]
    faulthandler.enable()
    scrub_streams()
    locale.setlocale(locale.LC_NUMERIC, "C")  # a decimal comma in C code breaks tokenizers
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    transformers.utils.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
    run = RunFolder.open(Path(study))
    request = read_request(run)
    assert isinstance(request, MeasureRequest)
    files = RaceFiles(run.path)
    journal = JournalWriter(files.journal(precision))
    measuring = Measuring(request, precision, Path(model), files, journal.write)
    journal.write(_result(measuring, "".join(reference)))
    journal.close()
    return 0


def _result(measuring: Measuring, reference: str) -> Event:
    try:
        return measuring.run(reference)
    except UserError as error:
        print(error, file=sys.stderr)
        return Ended(state="crashed", what=error.what, why=error.why, remedy=error.remedy, is_mendable=True)
    except BaseException as error:
        traceback.print_exc()
        return PrecisionMeasured(precision=measuring.precision, problem=in_words(error))


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


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of libraries have been seen to abort while the interpreter winds down; everything of ours is on disk.
    os._exit(code)
