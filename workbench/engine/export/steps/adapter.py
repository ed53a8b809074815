"""The adapter as PEFT keeps it, with the tokenizer that it was trained with."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from workbench.core.job.checkpoints import sha256
from workbench.core.model import tokenizer_files
from workbench.core.model.adapter_folder import CONFIG, WEIGHTS
from workbench.core.units import counted
from workbench.engine.export.step import Check, Step

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

    @property
    def _source(self) -> Path:
        assert self.work.subject.adapter is not None, "the plan has refused it"
        return self.work.subject.adapter.path


STEP = AdapterStep
