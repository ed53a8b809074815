"""The outliers study: a model reads a text, and what goes into its linear layers is measured."""

import importlib
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from workbench.core.data.texts import read_text
from workbench.core.job.events import Ended
from workbench.core.job.study_kinds import ActivationsSeen, OutliersRequest, model_path
from workbench.core.model import folder as model_folder
from workbench.core.model.families import known as families
from workbench.core.model.families.family import Role
from workbench.core.model.limits import limits_of
from workbench.core.problems import UserError, shown
from workbench.core.quantized.outliers import FILE, About, Linear, Site, Writer, kept_tokens, writing
from workbench.core.recipe.recipe import Recipe

if TYPE_CHECKING:
    from workbench.engine.job.job import Job

# The first tokens of the text are enough to find features that stand out everywhere; a CPU reads them in seconds.
MOST_TOKENS = 512
# No token is as long as 200 characters on average.
MOST_CHARACTERS = 100_000
# Imported one by one, with a look at the orders in between: together they take seconds.
LIBRARIES = ("torch", "transformers", "bitsandbytes", "peft", "workbench.engine.model.load")

# The linear layers that share an input, by the last part of their names.
ATTENTION_INPUT, ATTENTION_OUTPUT, MLP_INPUT, MLP_MIDDLE = "attention", "heads", "mlp", "middle"
TITLES = {
    ATTENTION_INPUT: "Attention input",
    ATTENTION_OUTPUT: "Attention output",
    MLP_INPUT: "MLP input",
    MLP_MIDDLE: "MLP middle",
}
SITE_OF: dict[Role, str] = {
    "queries": ATTENTION_INPUT,
    "output": ATTENTION_OUTPUT,
    "up": MLP_INPUT,
    "down": MLP_MIDDLE,
}


def run(job: "Job") -> Ended:
    """Does the whole job and returns how it ended. Raises UserError and Ordered."""
    request = job.request
    assert isinstance(request, OutliersRequest)
    text = read_text(request.text)
    folder = model_path(request)
    facts = model_folder.inspect_for_text(folder)
    for name in LIBRARIES:
        importlib.import_module(name)
        job.obey()
    import torch
    import transformers

    from workbench.engine.job import devices
    from workbench.engine.model import load, reach, tokenizer_file

    transformers.utils.logging.disable_progress_bar()
    warnings.filterwarnings("ignore", category=FutureWarning, module="transformers")
    device = devices.choose("auto")
    job.phase("tokenize")
    tokenizer = tokenizer_file.load_tokenizer(folder, job.notice)
    most = min(MOST_TOKENS, facts.max_positions or MOST_TOKENS)
    ids = tokenizer(text.text[:MOST_CHARACTERS], truncation=True, max_length=most)["input_ids"]
    if len(ids) < 2:
        raise UserError(
            f"The text {shown(text.name)} is {len(ids)} token long: no feature could be seen to come again.",
            remedy="Take a text of a few sentences.",
        )
    reach.refuse_ids_beyond(ids, tokenizer, limits_of(folder), "The text")
    precision = "bf16" if device.supports_bf16 else "fp32"
    settings = Recipe().model.model_copy(update={"precision": precision, "compute_dtype": precision})
    job.phase("load", unit="tensors")
    model: Any = load.load_model(folder, Recipe(model=settings), device, job.progress)
    model.eval()
    layers = _layers(model)
    sites = _sites(layers, list(model_folder.stored_tensors(folder)))
    kept = kept_tokens(len(ids), len(layers), [site.features for site, _ in sites])
    job.phase("observe", len(layers), "layers")
    with writing(job.run.path / FILE) as writer:
        _watch(job, writer, sites, layers, len(ids), kept)
        with torch.inference_mode():
            # The head is left out: a word's score for every token would take more memory than all hidden states.
            model.base_model(input_ids=torch.tensor([ids], device=model.device), use_cache=False)
        seen = [tokenizer.decode([each]) for each in ids]
        about = About(
            model=folder.name,
            text=text.name,
            tokens=tuple(shown(each, 40) for each in seen),
            kept_tokens=kept,
            layers=len(layers),
            sites=tuple(site for site, _ in sites),
        )
        writer.finish(about)
    features = sites[0][0].features
    job.emit(ActivationsSeen(file=FILE, tokens=len(ids), layers=len(layers), features=features))
    return Ended(state="finished", peak_memory_bytes=device.memory().peak_bytes)


# -- the model ---------------------------------------------------------------------------------------------------------


def _layers(model: Any) -> list[tuple[str, Any]]:
    """The decoder's layers with their names: the longest list of modules that lies in no other."""
    import torch

    lists = [(name, each) for name, each in model.named_modules() if isinstance(each, torch.nn.ModuleList)]
    outer = [
        (name, each)
        for name, each in lists
        if not any(name != other and name.startswith(f"{other}.") for other, _ in lists)
    ]
    if not outer:
        raise UserError("This model has no layers that the program knows.", remedy="Choose another model.")
    name, longest = max(outer, key=lambda found: len(found[1]))
    return [(f"{name}.{number}", layer) for number, layer in enumerate(longest)]


def _sites(layers: list[tuple[str, Any]], stored: list[str]) -> list[tuple[Site, list[Any]]]:
    """The sites that every layer has, each with the module of each layer whose input is looked at."""
    found: dict[str, list[list[tuple[str, Any]]]] = {}
    for number, (prefix, layer) in enumerate(layers):
        for name, module in layer.named_modules():
            site = site_of(name)
            if site and _is_linear(module):
                found.setdefault(site, [[] for _ in layers])[number].append((f"{prefix}.{name}", module))
    sites = []
    for key, title in TITLES.items():
        linears = found.get(key, [])
        if not linears or not all(linears) or len({_width(each[0][1]) for each in linears}) > 1:
            continue
        described = tuple(tuple(_described(name, each, stored) for name, each in layer) for layer in linears)
        sites.append(
            (
                Site(key=key, title=title, features=_width(linears[0][0][1]), linears=described),
                [layer[0][1] for layer in linears],
            )
        )
    if not sites:
        raise UserError("This model's linear layers are none that the program knows.", remedy="Choose another model.")
    return sites


def site_of(name: str) -> str:
    """The key of the site whose hidden state a linear layer reads, by the layer's name in its block; "" where none is.

    Experts see a few tokens each and are left out.
    """
    *parents, last = name.split(".")
    if any("expert" in parent for parent in parents):
        return ""
    roles = families.unknown().roles_of(last)
    if len(roles) > 1:  # GPT-2's c_proj
        return MLP_MIDDLE if "mlp" in parents else ATTENTION_OUTPUT
    return SITE_OF[roles[0]] if roles else ""


def _is_linear(module: Any) -> bool:
    import torch
    from transformers.pytorch_utils import Conv1D

    return isinstance(module, torch.nn.Linear | Conv1D)


def _is_transposed(module: Any) -> bool:
    from transformers.pytorch_utils import Conv1D

    return isinstance(module, Conv1D)


def _width(module: Any) -> int:
    """The features of a linear layer's input."""
    return int(module.weight.shape[0 if _is_transposed(module) else 1])


def _described(name: str, module: Any, stored: list[str]) -> Linear:
    """Files name tensors with or without what stands before the layers: "h.0.attn" for "transformer.h.0.attn"."""
    weight = f"{name}.weight"
    tensor = next((each for each in stored if f".{weight}".endswith(f".{each}") or each.endswith(f".{weight}")), "")
    return Linear(
        name=name.rpartition(".")[2],
        tensor=tensor,
        rows=int(module.weight.shape[1 if _is_transposed(module) else 0]),
        is_transposed=_is_transposed(module),
    )


def _watch(
    job: "Job",
    writer: Writer,
    sites: list[tuple[Site, list[Any]]],
    layers: list[tuple[str, Any]],
    tokens: int,
    kept: int,
) -> None:
    """Writes what goes into each site as the model reads, and obeys orders there."""

    def write_of(key: str, layer: int) -> Callable[[Any, tuple[Any, ...]], None]:
        def write(_module: Any, given: tuple[Any, ...]) -> None:
            job.obey()
            values = given[0].detach().reshape(-1, given[0].shape[-1]).float().cpu().numpy()
            if not np.isfinite(values).all():
                raise UserError(
                    f"The hidden states of layer {layer} are infinite or no numbers.",
                    why="The weights may be damaged, or too large for this precision.",
                    remedy="Choose another model.",
                )
            assert len(values) == tokens
            writer.add(key, layer, values, kept)

        return write

    def done(layer: int) -> Callable[[Any, Any, Any], None]:
        return lambda _module, _given, _output: job.progress(layer + 1)

    for site, modules in sites:
        for layer, module in enumerate(modules):
            module.register_forward_pre_hook(write_of(site.key, layer))
    for layer, (_, module) in enumerate(layers):
        module.register_forward_hook(done(layer))
