"""A run's training as code of transformers, trl, peft and bitsandbytes alone, to be read, changed and run anywhere."""

from workbench.core.export.again import head, model, reading, running
from workbench.core.export.again.training import Training
from workbench.core.export.cells import Cell


def cells(training: Training) -> list[Cell]:
    """The whole training."""
    return [
        head.title(training),
        head.imports(training),
        reading.tokenizer_words(training),
        reading.tokenizer_cell(training),
        reading.sequences_words(training),
        reading.sequences_cell(training),
        model.model_words(training),
        model.model_cell(training),
        *model.adapter_cells(training),
        running.training_words(training),
        running.training_cell(training),
        running.end_words(training),
        running.end_cell(training),
    ]
