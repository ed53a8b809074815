"""Task after task measured by lm-eval with every side that is loaded, and kept with the run."""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

import lm_eval
import torch
from lm_eval.tasks import TaskManager

from workbench.core.evaluation import kept
from workbench.core.evaluation.rows import LeftOut
from workbench.core.installed import version_of
from workbench.core.job.evaluation_kinds import EvaluateRequest, EvaluationKept, TaskMeasured, TaskRefused
from workbench.core.problems import UserError
from workbench.engine.chat.loading import Loaded, Side
from workbench.engine.evaluation.figures import SideRows, figures_of
from workbench.engine.evaluation.harness import PAIRS, PROMPT_IDS, HarnessModel
from workbench.engine.evaluation.known_tasks import KnownTasks
from workbench.engine.evaluation.own_tasks import Built, OwnTasks
from workbench.engine.job.job import Job

VERSIONS = ("lm-eval", "torch", "transformers", "peft", "bitsandbytes")


class Measuring:
    """What is measured, and what came of it.

    Attributes:
        found: The figures so far.
        refused: The tasks that could not be measured.
    """

    def __init__(self, job: Job, request: EvaluateRequest, loaded: Loaded) -> None:
        self.found: list[TaskMeasured] = []
        self.refused: list[TaskRefused] = []
        self._answers: list[dict[str, Any]] = []
        self._job = job
        self._request = request
        self._loaded = loaded
        self._first = next(iter(loaded.sides.values()))
        # The base comes first: what is between them is what the adapter adds.
        self._sides: list[Side] = [side for side in reversed(loaded.sides.values())]

    def tasks(self) -> Iterator[Callable[[], None]]:
        """One call a task; what is refused is said, and the others go on."""
        request = self._request
        own = OwnTasks(self._loaded, self._first, limit=request.limit, max_tokens=request.max_tokens)
        for kind, name in request.own:
            yield self._told(name, lambda kind=kind, name=name: self._measure_own(own.build(kind, name)))  # type: ignore[misc]
        if not request.tasks:
            return
        known = KnownTasks(self._job.run.path)
        for name in request.tasks:
            yield self._told(name, lambda name=name: self._measure_known(known, name))  # type: ignore[misc]

    def keep(self) -> None:
        """Puts the figures into the run's folder; those of a model without a run stay in the study's."""
        first = self._first.speaker
        evaluation = kept.Evaluation(
            title=first.title,
            made_at=datetime.now().astimezone(),
            base_hash=self._loaded.base_hash,
            adapter_sha256=self._loaded.voices.sha256.get(first.side, ""),
            limit=self._request.limit,
            versions={name: version for name in VERSIONS if (version := version_of(name))},
            tasks=self.found,
        )
        folder = kept.keep(first.run or self._job.run, self._job.run.name, evaluation, self._answers)
        self._job.emit(EvaluationKept(folder=str(folder)))

    # -- one task ------------------------------------------------------------------------------------------------------

    def _told(self, name: str, measure: Callable[[], None]) -> Callable[[], None]:
        def measured() -> None:
            try:
                measure()
            except UserError as error:
                refused = TaskRefused(task=name, what=error.what, why=error.why, remedy=error.remedy)
                self.refused.append(refused)
                self._job.emit(refused)

        return measured

    def _measure_own(self, built: Built) -> None:
        manager = TaskManager(include_defaults=False)
        rows = [self._asked(side, built.config, manager) for side in self._sides]
        self._tell(built.name, rows, built.settings, built.left_out, built.docs)

    def _measure_known(self, known: KnownTasks, name: str) -> None:
        for task in known.find(name):
            rows = [self._asked(side, str(task.file), TaskManager(include_defaults=False)) for side in self._sides]
            words = "as lm-eval asks it, without a chat template"
            self._tell(task.name, rows, words, LeftOut(), None)

    def _asked(self, side: Side, task: dict[str, Any] | str, manager: TaskManager) -> SideRows:
        """What lm-eval finds of one side; which weights spoke is read from the model's layers."""
        state = random.getstate(), torch.random.get_rng_state()
        with self._loaded.voices.speaking(side.name, 1.0) as witness:
            found = lm_eval.simple_evaluate(
                model=HarnessModel(self._job, self._loaded, side),
                tasks=[task],
                task_manager=manager,
                limit=self._request.limit or None,
                bootstrap_iters=0,
                log_samples=True,
            )
            adapter = self._loaded.voices.adapter_sha256(witness)
        random.setstate(state[0])
        torch.random.set_rng_state(state[1])
        assert found is not None, "there is one process"
        ((name, samples),) = found["samples"].items()
        return SideRows(
            side=side.name,
            title=side.speaker.title,
            base_hash=self._loaded.base_hash,
            adapter_sha256=adapter,
            strength=witness.strength,
            samples=samples,
            figures=found["results"][name],
            higher_is_better=found["higher_is_better"].get(name, {}),
        )

    def _tell(
        self, name: str, rows: list[SideRows], settings: str, left_out: LeftOut, docs: Sequence[dict[str, Any]] | None
    ) -> None:
        for measured in figures_of(name, rows, settings, left_out, docs):
            self.found.append(measured)
            self._job.emit(measured)
        self._answers += _answers_of(name, rows)


def _answers_of(name: str, rows: Sequence[SideRows]) -> Iterator[dict[str, Any]]:
    """Each row of a task with what each side made of it."""
    for samples in zip(*(side.samples for side in rows), strict=True):
        doc = {key: value for key, value in samples[0]["doc"].items() if key not in (PAIRS, PROMPT_IDS)}
        yield {
            "task": name,
            "row": samples[0]["doc_id"],
            "asked": doc,
            "sides": {
                side.side: {
                    "found": sample["filtered_resps"],
                    **{metric: sample[metric] for metric in sample["metrics"]},
                }
                for side, sample in zip(rows, samples, strict=True)
            },
        }
