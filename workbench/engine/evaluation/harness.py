"""One side of a run as lm-eval asks it: log-likelihoods are lm-eval's own, answers are generated as in a chat."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from lm_eval.api.instance import Instance
from lm_eval.models.huggingface import HFLM

from workbench.core.job.question import MOST_NEW_TOKENS, AnswerSettings
from workbench.core.problems import UserError
from workbench.engine.chat.generating import Growing, generate
from workbench.engine.chat.loading import Loaded, Side
from workbench.engine.job.devices import free_memory
from workbench.engine.job.job import Job
from workbench.engine.job.out_of_memory import is_out_of_memory
from workbench.engine.model.answers import SCORE_BATCH, Prompt

# Keys of a row of ours: what the model is given as ids, and what follows it, one entry a request.
PROMPT_IDS, PAIRS = "prompt_ids", "pairs"
# What the logits of a batch may take at once, in bytes; lm-eval holds them in FP32.
_MOST_LOGITS_BYTES = 400_000_000
_MOST_BATCH = 32
_LONGEST_OF_LM_EVAL = 256  # tokens, where a task does not say (HFLM.max_gen_toks)
_KNOWN = {"until", "do_sample", "temperature", "top_p", "top_k", "max_gen_toks", "max_new_tokens", "max_length"}


class _Asked(NamedTuple):
    """A request to generate: its place among all, what is given, and how it is answered."""

    place: int
    prompt: Prompt
    settings: AnswerSettings


class HarnessModel(HFLM):
    """Asks the loaded model as it speaks at the moment; the rows of our own tasks bring their tokens with them.

    Every batch obeys the job's orders, so its methods raise Ordered; they raise UserError for what cannot be asked.
    """

    def __init__(self, job: Job, loaded: Loaded, side: Side) -> None:
        super().__init__(
            pretrained=loaded.voices.model,
            backend="causal",
            tokenizer=side.tokenizer,
            batch_size=1,
            max_length=loaded.limits.positions or None,
            softmax_dtype=torch.float32,  # the log-probabilities of BF16 logits would be rounded to 3 digits
        )
        self._job = job
        self._side = side
        self._numbers_a_token = max(loaded.limits.words, len(side.tokenizer))
        self._done = self._total = 0

    # -- log-likelihoods -----------------------------------------------------------------------------------------------

    def loglikelihood(self, requests: list[Instance], disable_tqdm: bool = False) -> list[tuple[float, bool]]:
        """The sum of log-probabilities of what follows, and whether each token of it is the likeliest."""
        if not all(PAIRS in request.doc for request in requests):
            found: list[tuple[float, bool]] = super().loglikelihood(requests, disable_tqdm=True)
            return found
        pairs = [request.doc[PAIRS][request.idx] for request in requests]
        return self._loglikelihood_tokens(
            [(request.args, *pair) for request, pair in zip(requests, pairs, strict=True)]
        )

    def _loglikelihood_tokens(
        self, requests: Any, disable_tqdm: bool = True, override_bs: int | None = None
    ) -> list[tuple[float, bool]]:
        longest = max((len(given) + len(follows) for _, given, follows in requests), default=1)
        room = _MOST_LOGITS_BYTES // (4 * self._numbers_a_token * min(longest, self.max_length))
        self.batch_size_per_gpu = min(_MOST_BATCH, max(1, room))
        while True:
            self._begin(len(requests), "requests")
            try:
                found: list[tuple[float, bool]] = super()._loglikelihood_tokens(requests, disable_tqdm=True)
                return found
            except Exception as error:
                if not is_out_of_memory(error) or self.batch_size_per_gpu == 1:
                    raise
            free_memory()
            self.batch_size_per_gpu //= 2

    def _model_call(self, inps: torch.Tensor, attn_mask: Any = None, labels: Any = None) -> torch.Tensor:
        """Logits of shape (rows, tokens, vocabulary) of ids of shape (rows, tokens)."""
        self._advance(len(inps))
        logits: torch.Tensor = super()._model_call(inps, attn_mask=attn_mask, labels=labels)
        return logits

    # -- answers -------------------------------------------------------------------------------------------------------

    def generate_until(self, requests: list[Instance], disable_tqdm: bool = False) -> list[str]:
        """The answers, as a chat gives them."""
        asked = [self._asked(place, request) for place, request in enumerate(requests)]
        asked.sort(key=lambda entry: (entry.settings.model_dump_json(), len(entry.prompt.ids)))
        answers = [""] * len(requests)
        self._begin(len(requests), "answers")
        start = 0
        while start < len(asked):
            # What is drawn by chance depends on what else is in the batch.
            most = SCORE_BATCH if asked[start].settings.temperature == 0 else 1
            batch = [entry for entry in asked[start : start + most] if entry.settings == asked[start].settings]
            for entry, answer in zip(batch, self._answered(batch), strict=True):
                answers[entry.place] = answer.spelled.text
            start += len(batch)
            self._advance(len(batch))
        return answers

    def _asked(self, place: int, request: Instance) -> _Asked:
        context, wanted = request.args
        settings = _settings(wanted)
        ids = request.doc[PROMPT_IDS] if PROMPT_IDS in request.doc else self.tok_encode(context)
        room = self.max_length - settings.max_tokens
        if room < 1:
            raise UserError(
                f"Answers of {settings.max_tokens} tokens do not fit into the {self.max_length} that the model reads.",
                remedy="Take a shorter answer.",
            )
        return _Asked(place, Prompt(shown=context, ids=ids[-room:]), settings)

    def _answered(self, batch: Sequence[_Asked]) -> list[Growing]:
        try:
            return generate(
                self.model,
                self._side.tokenizer,
                [entry.prompt for entry in batch],
                [entry.settings.max_tokens for entry in batch],
                batch[0].settings,
                lambda *_: self._job.obey(),
                lambda: False,
            )
        except Exception as error:
            if not is_out_of_memory(error) or len(batch) == 1:
                raise
        free_memory()
        half = len(batch) // 2
        return self._answered(batch[:half]) + self._answered(batch[half:])

    # -- progress ------------------------------------------------------------------------------------------------------

    def _begin(self, total: int, unit: str) -> None:
        self._done, self._total = 0, total
        self._job.phase("evaluate", total, f"{unit} of {self._side.name}")

    def _advance(self, rows: int) -> None:
        self._done = min(self._total, self._done + rows)
        self._job.progress(self._done)


def _settings(wanted: dict[str, Any]) -> AnswerSettings:
    unknown = sorted(set(wanted) - _KNOWN)
    if unknown:
        raise UserError(
            f"The task wants answers made with {', '.join(unknown)}, which this program does not do.",
            remedy="Take another task.",
        )
    until = wanted.get("until") or ()
    is_drawn = bool(wanted.get("do_sample", bool(wanted.get("temperature"))))
    longest = wanted.get("max_gen_toks") or wanted.get("max_new_tokens") or _LONGEST_OF_LM_EVAL
    return AnswerSettings(
        temperature=float(wanted.get("temperature") or 1.0) if is_drawn else 0.0,
        top_p=float(wanted.get("top_p") or 1.0) if is_drawn else 1.0,
        top_k=int(wanted.get("top_k") or 0) if is_drawn else 0,
        max_tokens=min(int(longest), MOST_NEW_TOKENS),
        stop=(until,) if isinstance(until, str) else tuple(until),
    )
