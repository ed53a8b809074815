"""A Modelfile beside the GGUF file."""

from collections.abc import Iterator
from pathlib import Path

from workbench.core.export.gguf import modelfile_of
from workbench.core.whole_file import write_whole
from workbench.engine.export.step import Check, Step


class OllamaStep(Step):
    def make(self, staging: Path) -> None:
        write_whole(staging, modelfile_of(self.work.subject, self._file.name))

    def check(self, made: Path) -> Iterator[Check]:
        text = made.read_text("utf-8")
        is_named = f"FROM ./{self._file.name}\n" in text and self._file.is_file()
        yield Check("file", is_named, f"It names {self._file.name}.")
        found = "The chat template cannot be said in Ollama's words: the one in the GGUF file counts."
        if "\nTEMPLATE " in text:
            found = "Its template writes conversations as the chat template does."
        yield Check("template", True, found)

    @property
    def _file(self) -> Path:
        (need,) = self.planned.needs
        return self.work.path_of(need)


STEP = OllamaStep
