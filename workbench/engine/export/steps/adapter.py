"""The adapter as PEFT keeps it, with the tokenizer that it was trained with."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from workbench.core.job.checkpoints import sha256
from workbench.core.model import tokenizer_files
from workbench.core.model.adapter_folder import CONFIG, WEIGHTS
from workbench.core.problems import UserError
from workbench.core.units import counted
from workbench.engine.export.measuring import as_trained, compared_in_words, measure
from workbench.engine.export.step import Check, Step
from workbench.engine.model.adapter import put_on

# Beside the tokenizer's; a checkpoint holds more, which a resume alone needs.
_FILES = (CONFIG, WEIGHTS, "README.md")


class AdapterStep(Step):
    def make(self, staging: Path) -> None:
        source = self._source
        names = [name for name in (*_FILES, *tokenizer_files.names_in(source)) if (source / name).is_file()]
        self.work.phase("export", self.planned.item, sum((source / name).stat().st_size for name in names))
        staging.mkdir()
        done = 0
        for name in names:
            shutil.copyfile(source / name, staging / name)
            done += (staging / name).stat().st_size
            self.work.progress(done)

    def check(self, made: Path) -> Iterator[Check]:
        names = sorted(path.name for path in made.iterdir())
        other = [name for name in names if sha256(made / name) != sha256(self._source / name)]
        found = f"{other[0]} differs from the run's" if other else f"{counted(len(names), 'file')} equal the run's"
        yield Check("files", not other, f"{found}.")
        yield self._loaded_back(made)

    def _loaded_back(self, made: Path) -> Check:
        """The exported adapter beside the run's own, on one base."""
        try:
            with as_trained(self.work) as model:
                put_on(model, made, "exported")
                model.set_adapter("exported", inference_mode=True)
                found = measure(self.work, self.planned.item, self.planned.title, model)
        except (UserError, OSError) as error:  # of memory or of the disk that logits are kept on
            return Check("measured", True, f"Not loaded back: {error}")
        return Check("measured", found.largest_difference == 0, f"By PEFT. {compared_in_words(found)}")

    @property
    def _source(self) -> Path:
        assert self.work.subject.adapter is not None, "the plan has refused it"
        return self.work.subject.adapter.path


STEP = AdapterStep
