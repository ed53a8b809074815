"""What has to be known of a model's weights before they are trained upon, in sentences."""

from workbench.core.figures import percent
from workbench.core.model.shape import ModelShape
from workbench.core.problems import shortened
from workbench.core.recipe.recipe import QUANTIZED
from workbench.numerics.formats import FORMATS

# Below this share, what a quantized precision leaves as it is decides the size.
LEAST_QUANTIZED = 0.4


def said_of_weights(shape: ModelShape, precision: str) -> str:
    """Of an adapter, of weights that are quantized already, and of those that bitsandbytes would leave as they are."""
    said = []
    if shape.adapter is not None:
        said.append(f"An adapter of {shortened(shape.adapter.base)}, trained further: {shape.adapter.in_words}.")
    if shape.quantized is not None:
        said.append(f"Its weights are stored as {shape.quantized.title}, and trained upon as they are.")
        if precision != shape.quantized.precision:
            said.append(f"Choose {FORMATS[shape.quantized.precision].title}.")
    elif precision in QUANTIZED and shape.linear_parameters < LEAST_QUANTIZED * shape.parameters:
        share = percent(shape.linear_parameters / shape.parameters)
        why = "its experts are held as one tensor" if shape.block.experts else "its layers are not plain linear ones"
        said.append(f"bitsandbytes quantizes {share} of its weights: {why}, and the others stay as they are.")
    return " ".join(said)
