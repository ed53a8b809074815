"""An adapter from a folder, put on its base to be trained further or to answer through."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from peft import LoraConfig, PeftModel, get_peft_model_state_dict
from transformers import PreTrainedModel

from workbench.core.model.adapter_folder import WEIGHTS
from workbench.core.model.safetensors_header import read_header
from workbench.core.problems import UserError, shown
from workbench.core.units import counted
from workbench.engine.job.out_of_memory import is_out_of_memory


def going_on(model: PreTrainedModel, folder: Path, dropout: float) -> PeftModel:
    """The model with the folder's adapter, which can be trained, on it.

    Raises UserError where the adapter does not fit the model, or its file does not hold exactly its weights: what is
    missing would be new.
    """
    config = LoraConfig.from_pretrained(str(folder))
    config.inference_mode = False
    config.lora_dropout = dropout  # of training alone, so the recipe decides it
    with _fitting(folder):
        found = PeftModel.from_pretrained(model, str(folder), is_trainable=True, config=config)
    _refuse_partial(found, folder, "default")
    return found


def put_on(model: PreTrainedModel | PeftModel, folder: Path, name: str, *, is_assigned: bool = False) -> PeftModel:
    """The model with the folder's adapter under a name, to answer through it; one may be put beside another.

    `is_assigned` takes the adapter's tensors as they are where the model's own cannot be written to. Raises UserError
    as `going_on` does.
    """
    given = {"adapter_name": name, "torch_device": str(model.device), "low_cpu_mem_usage": is_assigned}
    with _fitting(folder):
        if isinstance(model, PeftModel):
            found = model
            found.load_adapter(str(folder), **given)
        else:
            found = PeftModel.from_pretrained(model, str(folder), **given)
    _refuse_partial(found, folder, name)
    return found


@contextmanager
def _fitting(folder: Path) -> Iterator[None]:
    try:
        yield
    except (ValueError, RuntimeError, TypeError, KeyError, NotImplementedError) as error:
        if is_out_of_memory(error):
            raise
        raise UserError(
            f"The adapter in {folder} does not fit its base.",
            why=shown((str(error).strip().splitlines() or [type(error).__name__])[-1].strip(), 300),
            remedy="Write the model that it was trained on into base_model_name_or_path of its adapter_config.json.",
        ) from None


def _refuse_partial(model: PeftModel, folder: Path, name: str) -> None:
    held = set(read_header(folder / WEIGHTS))
    wanted = set(get_peft_model_state_dict(model, adapter_name=name, save_embedding_layers=False))
    if held != wanted:
        lost, more = sorted(wanted - held), sorted(held - wanted)
        said = [f"it lacks {_some(lost)}"] if lost else []
        said += [f"it holds {_some(more)}, which its layers have no place for"] if more else []
        raise UserError(
            f"The adapter in {folder} is not whole: {'; '.join(said)}.",
            why="What is missing would be new, and what is left over would not be used.",
            remedy="Get the adapter again, with the adapter_config.json that belongs to it.",
        )


def _some(names: list[str]) -> str:
    more = f" and {counted(len(names) - 1, 'tensor')} more" if len(names) > 1 else ""
    return shown(names[0].removeprefix("base_model.model."), 100) + more
