"""A Modelfile beside the GGUF file."""

from collections.abc import Iterator
from pathlib import Path

from workbench.core.export.gguf import source_of
from workbench.core.llamacpp import ollama
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.templates.named import chosen_template
from workbench.core.whole_file import write_whole
from workbench.engine.export.step import Check, Step


class OllamaStep(Step):
    def make(self, staging: Path) -> None:
        subject = self.work.subject
        data = (subject.speaker.recipe or Recipe()).data
        tokenizer = kept_tokenizer.make(self.work.tokenizer_folder)
        source = source_of(subject)
        assert source is not None, "the GGUF file was made of it"
        text = ollama.modelfile(
            self.work.path_of(self.planned.needs[0]).name,
            tokenizer,
            chosen_template(tokenizer, data),
            context=source.config.position_limit,
            system=data.system_prompt if data.system_turns != "keep" else "",
            system_in_user=data.system_in_user,
        )
        write_whole(staging, text)

    def check(self, made: Path) -> Iterator[Check]:
        text = made.read_text("utf-8")
        named = self.work.path_of(self.planned.needs[0])
        yield Check("file", f"FROM ./{named.name}\n" in text and named.is_file(), f"It names {named.name}.")
        yield Check(
            "template",
            ok=True,
            found="Its template writes conversations as the chat template does."
            if "\nTEMPLATE " in text
            else "The chat template cannot be said in Ollama's words: the one in the GGUF file counts.",
        )


STEP = OllamaStep
