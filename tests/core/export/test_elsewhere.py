"""How an export is used elsewhere, a command a line."""

import subprocess
from dataclasses import replace
from pathlib import Path

from workbench.core.export.elsewhere import PROGRAMS, Made, Use, askable, uses

MADE = Made(
    folder=Path("/models/bicycle answers"),
    name="bicycle-answers",
    run=Path("/home/runs/one"),
    adapter="adapter",
    merged="merged",
    gguf="bicycle-answers-Q8_0.gguf",
    modelfile="Modelfile",
)


def of(made: Made, question: str = "What does it cost?") -> dict[str, Use]:
    return {use.program: use for use in uses(made, question, "posix")}


def test_that_each_program_has_lines_of_one_command() -> None:
    found = of(MADE)
    assert list(found) == list(PROGRAMS)
    assert found["ollama"].lines == (
        'cd "/models/bicycle answers"',
        "ollama create bicycle-answers -f Modelfile",
        'ollama run bicycle-answers "What does it cost?"',
    )
    assert all(line and "\n" not in line for use in found.values() for line in use.lines)
    assert not any(use.missing for use in found.values())


def test_that_a_program_says_what_has_to_be_exported_first() -> None:
    found = of(Made(MADE.folder, MADE.name, MADE.run))
    assert {name: use.missing for name, use in found.items() if use.missing} == {
        "ollama": "export Ollama first",
        "llama.cpp": "export GGUF first",
        "transformers": "export the adapter or the merged model first",
    }
    assert found["workbench"].lines


def test_that_an_adapter_as_gguf_is_put_on_a_file_of_its_base() -> None:
    made = Made(MADE.folder, MADE.name, MADE.run, adapter_gguf="bicycle-answers-adapter.gguf")
    alone = of(made)["llama.cpp"]
    assert alone.lines[1:] == (
        'llama-cli -m base.gguf --lora bicycle-answers-adapter.gguf --jinja --single-turn -p "What does it cost?"',
    )
    assert "of the base" in alone.note
    assert not alone.missing
    both = of(replace(made, gguf=MADE.gguf))["llama.cpp"]
    assert both.lines == (*of(MADE)["llama.cpp"].lines, *alone.lines[1:])


def test_that_what_lies_there_is_known_by_its_items() -> None:
    paths = {
        "gguf:f16": "a-F16.gguf",
        "gguf:q8_0": "a-Q8_0.gguf",
        "merged": "merged",
        "merged-nf4": "merged-nf4",
        "ollama": "Modelfile",
        "script": "script",
    }
    made = Made.of(MADE.folder, "a", MADE.run, paths, ("merged-nf4", "merged"))
    assert (made.gguf, made.merged, made.modelfile) == ("a-Q8_0.gguf", "merged-nf4", "Modelfile")
    assert made.script == "script/train.py"
    assert (made.adapter, made.adapter_gguf) == ("", "")


def test_that_a_question_of_several_lines_is_asked_in_one() -> None:
    assert all("\n" not in line for use in of(MADE, "one\ntwo").values() for line in use.lines)


def test_that_python_reads_the_lines_of_python_whatever_the_folder_is_called() -> None:
    made = replace(MADE, folder=Path('/models/a"b\\c'))
    for each in (made, replace(made, merged="")):
        compile("\n".join(of(each)["transformers"].lines), "lines", "exec")


def test_that_a_shell_reads_every_line() -> None:
    made = replace(MADE, folder=Path("/models/it's `here` $now"), name="a;b")
    for use in of(made, 'What\'s "that"; rm?').values():
        if use.program != "transformers":
            subprocess.run(["sh", "-n", "-c", "\n".join(use.lines)], check=True)


def test_that_a_question_is_chosen_that_every_shell_hands_on() -> None:
    assert askable(['the "best"', "two\nlines", "What does it cost?", "More?"]) == "What does it cost?"
    assert askable(["two\nlines"]) == ""
