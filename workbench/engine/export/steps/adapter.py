"""The adapter as PEFT keeps it, with the tokenizer that it was trained with."""

import shutil
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from workbench.core.job.checkpoints import sha256
from workbench.core.model import tokenizer_files
from workbench.core.model.adapter_folder import CONFIG, WEIGHTS
from workbench.core.problems import UserError
from workbench.core.units import counted
from workbench.engine.export import plain_adapter
from workbench.engine.export.measuring import MOST_KL, as_trained, compared_in_words, measure
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
        if (reading := self._reading).changes and not reading.obstacles:
            plain_adapter.write(source, self.work.base, staging / plain_adapter.FOLDER)

    def check(self, made: Path) -> Iterator[Check]:
        names = sorted(path.name for path in made.iterdir() if path.is_file())
        other = [name for name in names if sha256(made / name) != sha256(self._source / name)]
        found = f"{other[0]} differs from the run's" if other else f"{counted(len(names), 'file')} equal the run's"
        yield Check("files", not other, f"{found}.")
        try:
            yield from self._loaded_back(made)
        except (UserError, OSError) as error:  # of memory or of the disk that logits are kept on
            yield Check("measured", True, f"Not loaded back: {error}")
        yield Check("elsewhere", True, self._reading.in_words)

    def _loaded_back(self, made: Path) -> Iterator[Check]:
        """The exported adapter, and what is for others, beside the run's own on one base."""
        title = self.planned.title
        with as_trained(self.work) as model:
            put_on(model, made, "exported")
            model.set_adapter("exported", inference_mode=True)
            found = measure(self.work, self.planned.item, title, model)
            yield Check("measured", found.largest_difference == 0, f"By PEFT. {compared_in_words(found)}")
            plain = made / plain_adapter.FOLDER
            if plain.is_dir() and plain_adapter.NAMES not in self._reading.changes:
                put_on(model, plain, "plain")
                model.set_adapter("plain", inference_mode=True)
                found = measure(self.work, f"{self.planned.item}:plain", f"{title}, for others", model)
                yield Check("plain", found.kl is not None and found.kl < MOST_KL, compared_in_words(found))

    @cached_property
    def _reading(self) -> plain_adapter.Reading:
        return plain_adapter.reading_of(self._source, self.work.base)

    @property
    def _source(self) -> Path:
        assert self.work.subject.adapter is not None, "the plan has refused it"
        return self.work.subject.adapter.path


STEP = AdapterStep
