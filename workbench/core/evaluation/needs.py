"""What an evaluation needs that is not installed with the program: lm-eval, an extra."""

from workbench.core.installed import refuse_without


def refuse_without_harness() -> None:
    """Raises UserError where lm-eval is not installed."""
    refuse_without("lm-eval", "evaluation", "An evaluation")
