"""What is measured of a model in one precision: its size, its speed, how it predicts a text, and what it answers."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import torch
import transformers
from transformers import GenerationConfig
from transformers.generation.streamers import BaseStreamer

from workbench.core.data import texts
from workbench.core.job.events import Event, Phase, PhaseName
from workbench.core.job.study_kinds import MeasureRequest, PrecisionMeasured
from workbench.core.model import folder as model_folder
from workbench.core.model.folder import ModelFolder
from workbench.core.model.limits import limits_of
from workbench.core.problems import UserError
from workbench.core.race.measures import title_of
from workbench.core.recipe.recipe import QUANTIZED
from workbench.core.tokens import kept_tokenizer
from workbench.core.units import bytes_in_words, grouped
from workbench.engine.job import devices
from workbench.engine.job.job import PROGRESS_SECONDS
from workbench.engine.model import answers, cpu_bf16, load, reach, tokenizer_file
from workbench.engine.model.weights_size import size_bytes
from workbench.engine.study import perplexity
from workbench.engine.study.race_files import RaceFiles
from workbench.engine.study.race_recipe import recipe_of
from workbench.numerics.formats import bits_per_weight

# Of a longer text this many tokens are read: half a minute to a minute of the starter on two cores.
MOST_TOKENS = 16_384
PROMPT_TOKENS, PROMPT_REPEATS = 256, 3
ANSWER_TOKENS = 40


class Refused(Exception):
    """This device cannot do this precision."""


class Measuring:
    """Loads a model in one precision and measures it; `emit` is given phases as they come."""

    def __init__(
        self, request: MeasureRequest, precision: str, folder: Path, files: RaceFiles, emit: Callable[[Event], object]
    ) -> None:
        self.request = request
        self.precision = precision
        self.folder = folder
        self._files = files
        self._emit = emit
        self._phase = Phase(name="start")
        self._emitted_at = 0.0
        self.device = devices.choose("auto")
        # Where there is no BF16 arithmetic on a CPU, our own products do it (cpu_bf16).
        has_bf16 = self.device.kind == "cpu" or self.device.supports_bf16
        self.recipe = recipe_of(precision, "bf16" if has_bf16 else "fp16")
        self.notes: list[str] = []

    def run(self, reference: str) -> PrecisionMeasured:
        """Compares with the reference that is kept, or becomes it. Raises UserError for what is wrong in all."""
        transformers.set_seed(self.request.seed)
        facts = model_folder.inspect(self.folder)
        tokenizer = tokenizer_file.load_tokenizer(self.folder, self.notes.append)
        ids = self._ids(tokenizer)
        found: dict[str, Any] = {
            "precision": self.precision,
            "device": self.device.name,
            "compute_dtype": self.recipe.model.compute_dtype,
            "reference": reference,
            "parameters": facts.parameters,
            "text_tokens": len(ids),
        }
        try:
            self._check(facts)
            began = time.perf_counter()
            model = self._load()
            found["load_seconds"] = time.perf_counter() - began
        except Refused as error:
            return PrecisionMeasured(**found, problem=str(error))
        except UserError as error:
            return PrecisionMeasured(**found, problem=f"{error.what} {error.why}".strip())
        found["size_bytes"] = size_bytes(model)
        found["prompt_tokens_per_second"] = self._prompt_rate(model, ids)
        found |= self._read(model, ids, reference)
        found |= self._answer(model, tokenizer)
        found["peak_bytes"] = self.device.memory().peak_bytes
        self._note(facts)
        return PrecisionMeasured(**found, notes=self.notes)

    # -- before it is loaded ------------------------------------------------------------------------------------------

    def _ids(self, tokenizer: Any) -> torch.Tensor:
        """The text's tokens, with what the tokenizer puts before a text."""
        text = texts.read_text(self.request.text)
        found = tokenizer(text.text, verbose=False)["input_ids"]
        if len(found) < 2:
            raise UserError(
                f"The text {text.name} has {len(found)} token{'s' * (len(found) != 1)}: there is nothing to predict.",
                remedy="Choose a text of some sentences.",
            )
        if len(found) > MOST_TOKENS or text.is_cut:
            self.notes.append(f"Of the text the first {grouped(min(len(found), MOST_TOKENS))} tokens were read.")
        reach.refuse_ids_beyond(found[:MOST_TOKENS], tokenizer, limits_of(self.folder), f"The text {text.name}")
        return torch.tensor(found[:MOST_TOKENS])

    def _check(self, facts: ModelFolder) -> None:
        settings = self.recipe.model
        if settings.precision == "bf16" and self.device.kind == "cuda" and not self.device.supports_bf16:
            raise Refused(f"{self.device.name} has no BF16 arithmetic (it came with compute capability 8.0).")
        if self.device.kind == "cpu":
            wanted = facts.parameters * bits_per_weight(settings.precision, double_quant=settings.double_quant) / 8
            free = psutil.virtual_memory().available
            if wanted > free:
                raise Refused(
                    f"The memory is not enough: the weights take {bytes_in_words(wanted)}, "
                    f"and {bytes_in_words(free)} are free."
                )

    def _load(self) -> Any:
        self._begin("quantize" if self.recipe.model.precision in QUANTIZED else "load", "tensors")
        model = load.load_model(self.folder, self.recipe, self.device, self._progress)
        model.eval()
        self._synchronize()
        return model

    # -- what is measured ---------------------------------------------------------------------------------------------

    def _prompt_rate(self, model: Any, ids: torch.Tensor) -> float:
        """Tokens a second of one prompt read at once, as before an answer: only its last place goes to the head."""
        given = ids[:PROMPT_TOKENS].unsqueeze(0).to(self.device.torch)
        seconds = []
        with torch.inference_mode():
            for _ in range(1 + PROMPT_REPEATS):
                began = time.perf_counter()
                model.generate(input_ids=given, attention_mask=torch.ones_like(given), generation_config=_one_token())
                self._synchronize()
                seconds.append(time.perf_counter() - began)
        return given.shape[1] / statistics.median(seconds[1:])  # the first one prepares what the others find ready

    def _read(self, model: Any, ids: torch.Tensor, reference: str) -> dict[str, Any]:
        self._begin("measure", "windows")
        vocabulary = model.get_output_embeddings().weight.shape[0]
        chosen = perplexity.chosen_positions(len(ids), vocabulary)
        if reference:
            comparer = perplexity.Comparer(self._files.reference, vocabulary)
            reading = perplexity.read(model, ids, chosen, comparer, self._progress)
            comparer.close()
            compared = {"kl_divergence": comparer.mean_divergence, "same_top_token": comparer.same_top_token}
        else:
            keeper = perplexity.Keeper(self._files.reference)
            reading = perplexity.read(model, ids, chosen, keeper, self._progress)
            keeper.finish()
            compared = {"kl_divergence": 0.0, "same_top_token": 1.0}
        return {
            **compared,
            "perplexity": reading.perplexity,
            "context_tokens": reading.context,
            "kl_positions": int(chosen.sum()),
        }

    def _answer(self, model: Any, tokenizer: Any) -> dict[str, Any]:
        """Greedy answers, each prompt by itself: how fast a single person is answered."""
        prompts = self.request.prompts or texts.our_prompts()
        self._begin("sample", "prompts", len(prompts))
        said, clock = [], _Clock()
        config = GenerationConfig(
            do_sample=False,
            use_cache=True,
            max_new_tokens=ANSWER_TOKENS,
            pad_token_id=tokenizer.pad_token_id,
            eos_token_id=answers.ends_of(model, tokenizer),
        )
        asking = answers.Asking(kept_tokenizer.make(self.folder), self.recipe)
        for done, prompt in enumerate(prompts, start=1):
            asked = asking.plain([prompt])
            if asked:
                inputs = answers.inputs_of(tokenizer, asked).to(self.device.torch)
                given = inputs["input_ids"].shape[1]
                with torch.inference_mode():
                    output = model.generate(**inputs, generation_config=config, streamer=clock)
                said.append(tokenizer.decode(output[0, given:], skip_special_tokens=True).strip())
            else:
                said.append("")  # a base model has nothing to go on from an empty prompt
            self._progress(done, len(prompts))
        return {"answers": said, "answer_tokens_per_second": clock.rate}

    def _note(self, facts: ModelFolder) -> None:
        """What a reader of the figures has to know."""
        settings = self.recipe.model
        if settings.precision in QUANTIZED:
            side = title_of(settings.compute_dtype)
            self.notes.append(
                f"In the quantized precisions, embeddings, norms and head are stored in {side}, "
                f"and products are done in {side}."
            )
        if settings.precision == "fp32" and facts.stored_dtypes and set(facts.stored_dtypes) <= {"BF16", "F16"}:
            self.notes.append(
                "The model's files hold 16-bit numbers: FP32 stores the same ones, and only calculates finer."
            )
        if self.device.kind != "cpu":
            return
        self.notes.append(
            "On a CPU the peak is that of the whole process: its libraries, the model's file as it is read, and what "
            "quantizing and multiplying hold for a moment."
        )
        if settings.compute_dtype == "bf16" and not cpu_bf16.is_native():
            self.notes.append(
                "This processor has no BF16 arithmetic: factors are widened to FP32, and products rounded to BF16."
            )
        if settings.compute_dtype == "fp16" and not torch.ops.mkldnn._is_mkldnn_fp16_supported():
            self.notes.append(
                "This processor has no FP16 arithmetic: its products are done in software, which is slow where many "
                "tokens are read at once."
            )

    # -- how far it has come ------------------------------------------------------------------------------------------

    def _begin(self, name: PhaseName, unit: str, total: int = 0) -> None:
        self._phase = Phase(name=name, total=total, unit=f"{unit} of {title_of(self.precision)}")
        self._emitted_at = time.monotonic()
        self._emit(self._phase)

    def _progress(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self._emitted_at >= PROGRESS_SECONDS or done == total:
            self._emitted_at = now
            self._emit(self._phase.model_copy(update={"done": done, "total": total}))

    def _synchronize(self) -> None:
        if self.device.kind == "cuda":
            torch.cuda.synchronize(self.device.index)


def _one_token() -> GenerationConfig:
    return GenerationConfig(do_sample=False, max_new_tokens=1, use_cache=True, pad_token_id=0, eos_token_id=None)


class _Clock(BaseStreamer):
    """Times the tokens of answers from the first of each on: what comes before it is the reading of the prompt."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._tokens = 0
        self._last: float | None = None
        self._is_prompt = True

    def put(self, value: torch.Tensor) -> None:
        now = time.perf_counter()
        if self._is_prompt:
            self._is_prompt = False
            return
        if self._last is not None:
            self._seconds += now - self._last
            self._tokens += value.numel()
        self._last = now

    def end(self) -> None:
        self._last, self._is_prompt = None, True

    @property
    def rate(self) -> float | None:
        """Tokens a second; None where no answer had a second token."""
        return self._tokens / self._seconds if self._tokens else None
