"""How an export is used elsewhere: for each program the lines to paste, one command a line."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

from workbench.core.export.shells import Shell, change_to, quoted, quoted_path
from workbench.core.export.training_plan import SCRIPT

Program = Literal["ollama", "llama.cpp", "transformers", "workbench"]
PROGRAMS: dict[Program, str] = {
    "ollama": "Ollama",
    "llama.cpp": "llama.cpp",
    "transformers": "Transformers",
    "workbench": "Terminal",
}


@dataclass(frozen=True)
class Made:
    """What lies in an export's folder, each by its name there; what is not there is empty.

    Attributes:
        run: The folder of the run that it was made of.
        gguf: A whole model as one file.
        adapter_gguf: The adapter as one, which llama.cpp puts on a GGUF file of the base.
    """

    folder: Path
    name: str
    run: Path
    adapter: str = ""
    merged: str = ""
    gguf: str = ""
    adapter_gguf: str = ""
    modelfile: str = ""
    script: str = ""

    @classmethod
    def of(cls, folder: Path, name: str, run: Path, paths: Mapping[str, str], merged: Sequence[str]) -> "Made":
        """What lies there by item; of merged models the first of these items, of types the one that was made last."""
        types = [path for item, path in paths.items() if item.startswith("gguf:")]
        return cls(
            folder=folder,
            name=name,
            run=run,
            adapter=paths.get("adapter", ""),
            merged=next((paths[item] for item in merged if item in paths), ""),
            gguf=types[-1] if types else "",
            adapter_gguf=paths.get("adapter-gguf", ""),
            modelfile=next((path for item, path in paths.items() if item.startswith("ollama")), ""),
            script=f"{paths['script']}/{SCRIPT}" if "script" in paths else "",
        )


class Use(NamedTuple):
    """The lines for one program and what is to be said below them, or what has to be exported first."""

    program: Program
    lines: tuple[str, ...] = ()
    note: str = ""
    missing: str = ""


def uses(made: Made, question: str, shell: Shell) -> tuple[Use, ...]:
    """What can be done with it, a program each, asked the question."""
    asked = " ".join(question.split()) or "Hello"
    return (
        _ollama(made, asked, shell),
        _llama_cpp(made, asked, shell),
        _transformers(made, asked, shell),
        _workbench(made, asked, shell),
    )


def askable(questions: Iterable[str]) -> str:
    """The first question that stands in one line and without quotes, which every shell hands on as it is; or none."""
    for question in questions:
        if question.strip() and question == " ".join(question.split()) and '"' not in question:
            return question
    return ""


def _ollama(made: Made, question: str, shell: Shell) -> Use:
    if not made.modelfile:
        return Use("ollama", missing="export Ollama first")
    create = f"ollama create {quoted(made.name, shell)} -f {quoted(made.modelfile, shell)}"
    run = f"ollama run {quoted(made.name, shell)} {quoted(question, shell)}"
    note = "It answers as here: template, system prompt and stop word are in the Modelfile."
    return Use("ollama", (change_to(made.folder, shell), create, run), note)


def _llama_cpp(made: Made, question: str, shell: Shell) -> Use:
    asked = quoted(question, shell)
    lines, notes = [change_to(made.folder, shell)], []
    if made.gguf:
        file = quoted(made.gguf, shell)
        lines += [f"llama-cli -m {file} --jinja --single-turn -p {asked}", f"llama-server -m {file} --jinja"]
        notes.append(
            "The chat template is in the file. llama-server answers in a browser, and as OpenAI's interface does."
        )
    if made.adapter_gguf:
        adapter = quoted(made.adapter_gguf, shell)
        lines.append(f"llama-cli -m base.gguf --lora {adapter} --jinja --single-turn -p {asked}")
        notes.append("base.gguf stands for a GGUF file of the base as it was before training.")
    if not notes:
        return Use("llama.cpp", missing="export GGUF first")
    return Use("llama.cpp", tuple(lines), " ".join(notes))


def _transformers(made: Made, question: str, shell: Shell) -> Use:
    turns = f'[{{"role": "user", "content": {_python(question)}}}]'
    ask = f"print(chat({turns}, max_new_tokens=128)[0]['generated_text'][-1]['content'])"
    if made.merged:
        load = f'chat = pipeline("text-generation", {_python(made.folder / made.merged)})'
        return Use("transformers", ("from transformers import pipeline", load, ask), "Lines of Python.")
    if made.adapter:
        # A pipeline of a folder with an adapter loads the base that the adapter names, and puts the adapter on it.
        load = f'chat = pipeline("text-generation", {_python(made.folder / made.adapter)})'
        note = "Lines of Python; PEFT has to be installed, and the base is loaded as the adapter names it."
        return Use("transformers", ("from transformers import pipeline", load, ask), note)
    if made.script:
        lines = (change_to(made.folder, shell), f"python {quoted(made.script, shell)}")
        return Use("transformers", lines, "The script trains the run again, and says at its head what to install.")
    return Use("transformers", missing="export the adapter or the merged model first")


def _workbench(made: Made, question: str, shell: Shell) -> Use:
    asked = f"--prompt {quoted(question, shell)}"
    lines = [f"workbench chat {quoted_path(made.run, shell)} --beside base {asked}"]
    if made.merged:
        lines.append(f"workbench chat {quoted_path(made.folder / made.merged, shell)} {asked}")
    return Use(
        "workbench", tuple(lines), "The run beside its base" + (", then the merged model." if made.merged else ".")
    )


def _python(value: str | Path) -> str:
    return json.dumps(str(value), ensure_ascii=False)
