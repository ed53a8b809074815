"""The evaluate job: a run's weights, and those of its base on the same rows, measured by lm-eval."""

import logging

from workbench.core.chat.speakers import BASE, Speaker, further, speakers_of
from workbench.core.evaluation.needs import refuse_without_harness
from workbench.core.job.evaluation_kinds import EvaluateRequest
from workbench.core.job.events import Ended
from workbench.core.problems import UserError
from workbench.engine.chat.loading import load_all
from workbench.engine.job.job import Job
from workbench.engine.model.held import held


def run(job: Job) -> Ended:
    """Measures task after task, each with every side. Raises UserError and Ordered."""
    request = job.request
    assert isinstance(request, EvaluateRequest)
    refuse_without_harness()
    from workbench.engine.evaluation.measuring import Measuring  # which imports lm-eval, where it is installed

    logging.getLogger("lm_eval").setLevel(logging.WARNING)
    loaded = load_all(job, _speakers(request.model))
    measuring = Measuring(job, request, loaded)
    with held(loaded.voices.model):
        for measure in measuring.tasks():
            measure()
    if not measuring.found:
        first = measuring.refused[0]
        raise UserError(first.what, why=first.why, remedy=first.remedy)
    measuring.keep()
    return Ended(state="finished", peak_memory_bytes=loaded.device.memory().peak_bytes)


def _speakers(model: str) -> list[Speaker]:
    first = speakers_of(model, [])
    return [*first, further(BASE, first)] if first[0].adapter is not None else first
