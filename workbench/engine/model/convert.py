"""The convert job: a GGUF file's model as BF16 safetensors, which can be trained, whole or not at all."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gguf
import psutil

from workbench.core.job.events import Ended
from workbench.core.job.study_kinds import Converted, ConvertRequest
from workbench.core.model import folder as model_folder
from workbench.core.problems import UserError, shown
from workbench.core.units import bytes_in_words
from workbench.core.whole_folder import whole_folder
from workbench.engine.job.job import Job

if TYPE_CHECKING:
    from transformers import PreTrainedModel

# BF16, which the numbers are written in, and held in until they are.
NUMBER_BYTES = 2
# What a model has beside its weights, the tokenizer most of all.
BESIDE_BYTES = 100_000_000
_REMEDY = "Take the model's own safetensors, which the file was made from."


def run(job: Job) -> Ended:
    """Converts the file that is asked for. Raises UserError and Ordered."""
    request = job.request
    assert isinstance(request, ConvertRequest)
    source, target = Path(request.model), Path(request.out)
    numbers = numbers_in(source)
    _refuse_without_room(target, NUMBER_BYTES * numbers + BESIDE_BYTES)
    job.phase("load", unit="tensors")
    with whole_folder(target) as staging:
        convert(job, source, staging)
        job.obey()
    facts = model_folder.inspect(target)
    job.emit(Converted(folder=str(target), parameters=facts.parameters, size_bytes=facts.stored_bytes))
    return Ended(state="finished")


def convert(job: Job, source: Path, folder: Path, name: str = "") -> None:
    """Writes a GGUF file's model as BF16 safetensors with its tokenizer; `name` is what others know it by.

    Raises UserError for an architecture that transformers cannot read of such files, and for a file that lacks weights.
    """
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    from workbench.engine.model import whole

    try:
        tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name)
        model: PreTrainedModel
        model, report = AutoModelForCausalLM.from_pretrained(
            source.parent,
            gguf_file=source.name,
            quantization_config=GgufConfig(dequantize=True),
            dtype=torch.bfloat16,
            output_loading_info=True,
        )
    except (ValueError, KeyError, TypeError, ImportError, RuntimeError, NotImplementedError, AttributeError) as error:
        raise UserError(
            f"transformers cannot convert {source.name}, whose architecture is {architecture_of(source)}.",
            why=shown((str(error).strip().splitlines() or [type(error).__name__])[0], 300),
            remedy=_REMEDY,
        ) from None
    whole.refuse(source, model.config, whole.differences(report, {}, model.config))
    model.config.name_or_path = name or source.stem
    job.phase("save")
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def numbers_in(source: Path) -> int:
    """How many numbers a GGUF file's weights are. Raises UserError for what is not such a file, or is cut short."""
    try:
        return sum(int(tensor.n_elements) for tensor in _reader(source).tensors)
    except (ValueError, OSError, KeyError, IndexError, OverflowError) as error:
        raise UserError(
            f"{source} is not a GGUF file that can be read, or is cut short.",
            why=shown((str(error).strip().splitlines() or [""])[0], 200),
            remedy="Download it again.",
        ) from None


def architecture_of(source: Path) -> str:
    """Such as "llama"; "unknown" where the file does not say it."""
    field = _reader(source).get_field("general.architecture")
    return shown(str(field.contents()), 40) if field is not None else "unknown"


def _reader(source: Path) -> Any:
    return gguf.GGUFReader(source)  # type: ignore[no-untyped-call,unused-ignore]


def _refuse_without_room(target: Path, wanted: int) -> None:
    place = target
    while not place.is_dir() and place != place.parent:
        place = place.parent
    free, memory = shutil.disk_usage(place).free, psutil.virtual_memory().available
    if free < wanted:
        raise UserError(
            f"The converted model takes {bytes_in_words(wanted)}, and {bytes_in_words(free)} are free in {place}.",
            remedy="Make room, or name a folder on a larger disk with --out.",
        )
    if memory < wanted:
        raise UserError(
            f"Converting takes {bytes_in_words(wanted)} of memory, and {bytes_in_words(memory)} are free.",
            why="The whole model is held while it is written.",
            remedy=f"Close other programs. {_REMEDY}",
        )
