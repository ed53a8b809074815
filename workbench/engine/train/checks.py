"""What would stop a training late, asked early."""

import shutil
from importlib.util import find_spec
from typing import Any

from workbench.core.job import checkpoints
from workbench.core.problems import UserError
from workbench.core.units import bytes_in_words
from workbench.engine.job.job import Job

# What each of these optimizers wants beside the packages that come with the program.
OPTIMIZER_PACKAGES = {
    "galore_": "galore_torch",
    "apollo_": "apollo_torch",
    "lomo": "lomo_optim",
    "adalomo": "lomo_optim",
    "grokadamw": "grokadamw",
    "schedule_free_": "schedulefree",
    "stable_adamw": "optimi",
    "adamw_anyprecision": "torchdistx",
    "adamw_torch_4bit": "torchao",
    "adamw_torch_8bit": "torchao",
    "adamw_torch_xla": "torch_xla",
    "adamw_torch_npu_fused": "torch_npu",
}


def check_space(job: Job, model: Any) -> None:
    """Raises UserError where the checkpoints to come would not fit on the disk."""
    trained = sum(entry.numel() * entry.element_size() for entry in model.parameters() if entry.requires_grad)
    # Weights and Adam's two states in each; one more is written before the oldest is deleted, and the result is last.
    kept = len(checkpoints.steps(job.run.checkpoints))
    wanted = trained * (3 * max(1, job.recipe.training.keep_checkpoints + 1 - kept) + 1)
    free = shutil.disk_usage(job.run.path).free
    if free < wanted:
        raise UserError(
            f"The checkpoints of this run need {bytes_in_words(wanted)}, and {bytes_in_words(free)} are free.",
            why=f"They are kept in {job.run.path}.",
            remedy="Make room, lower training.keep_checkpoints, or set WORKBENCH_HOME to a larger disk.",
        )


def check_optimizer(name: str) -> None:
    for beginning, package in OPTIMIZER_PACKAGES.items():
        if name.startswith(beginning) and find_spec(package) is None:
            raise UserError(
                f"training.optimizer: {name} needs the package {package}, which is not installed.",
                remedy="Install it, or set training.optimizer = adamw_torch_fused.",
            )
