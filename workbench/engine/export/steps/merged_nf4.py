"""The adapter merged into the numbers that the base's codes stood for while it was trained."""

from workbench.engine.export.merge.step import MergedStep


class RoundedStep(MergedStep):
    way = "nf4"


STEP = RoundedStep
