"""How many rows are taken at once, and how many of those micro-batches make a step: the numbers of a healed run."""

from workbench.core.job.events import Healed
from workbench.core.recipe.recipe import TrainingSettings
from workbench.engine.job.job import Job


def smaller(micro_batch: int, accumulation: int) -> tuple[int, int] | None:
    """Half the micro-batch and twice the accumulation, or the next that keeps their product; None below one row."""
    if micro_batch < 2:
        return None
    least = next(divisor for divisor in range(2, micro_batch + 1) if micro_batch % divisor == 0)
    return micro_batch // least, accumulation * least


def batch_of(job: Job, training: TrainingSettings) -> tuple[int, int]:
    """Micro-batch and accumulation: those that an earlier attempt of the run was healed to, else the recipe's."""
    healed = [event for event in job.history if isinstance(event, Healed)]
    if healed and training.heal:
        return healed[-1].micro_batch, healed[-1].accumulation
    return training.batch_size, training.accumulation
