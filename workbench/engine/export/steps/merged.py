"""The adapter merged into the weights that the base was published with; of a full training the model itself."""

from workbench.engine.export.merge.step import MergedStep


class OriginalStep(MergedStep):
    way = "original"


STEP = OriginalStep
