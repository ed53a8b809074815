"""The starter trained, asked, compared and taken to llama.cpp in a terminal: `python -m tests.journeys.from_terminal`.

WORKBENCH_LLAMA_CPP names a folder with the npm package node-llama-cpp.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.journeys.desk import ROOT, give_models
from workbench.core.llamacpp import runtime
from workbench.core.llamacpp.runtime import Runtime, Sampling

HELD_OUT = "shopping-heldout"
LEAST_RIGHT = 95
SHORT = ("--set", "training.max_steps=10", "--set", "lora.rank=4")
ASKED_OF_BOTH = 10


def workbench(*words: str) -> Any:
    """What a command prints as JSON; fails where the command does."""
    print(f"$ workbench {' '.join(words)}", flush=True)
    command = [sys.executable, "-m", "workbench.cli", *words, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"it ended with {done.returncode}: {done.stderr[-2000:]}"
    return json.loads(done.stdout)


def play(out: Path) -> None:
    """Goes the whole way; each step is looked at before the next."""
    demo = workbench("demo", "--headless")
    run = Path(demo["run"]).name
    short = Path(workbench("train", "starter", *SHORT)["run"]).name

    answers = workbench("chat", run, "--beside", "base", "--prompts", HELD_OUT, "--max-tokens", "24")["answers"]
    right = {side: sum(row["exact"] for row in answers if row["side"] == side) for side in ("base", "tuned")}
    print(f"   of 100 answers {right['tuned']} are right, {right['base']} of the base", flush=True)
    assert right["tuned"] >= LEAST_RIGHT > right["base"], right

    differing = workbench("compare", run, short)["settings"]
    print(f"   settings that differ: {', '.join(differing)}", flush=True)
    assert {"lora.rank", "training.max_steps"} <= set(differing), differing

    exported = workbench("export", run, "--to", "gguf", "--type", "f16", "--out", str(out / "taken"))
    assert all(check["ok"] for check in exported["checks"]), exported["checks"]
    same = sum(row["text"].strip() == text.strip() for row, text in in_llama_cpp(Path(exported["path"]), answers))
    print(f"   llama.cpp answers {same} of {ASKED_OF_BOTH} questions word by word as the run does", flush=True)
    assert same == ASKED_OF_BOTH


def in_llama_cpp(path: Path, answers: Sequence[dict[str, Any]]) -> list[tuple[dict[str, Any], str]]:
    """The tuned answers to the first questions, each with what the GGUF file answers to the same tokens."""
    asked = [row for row in answers if row["side"] == "tuned"][:ASKED_OF_BOTH]
    found = []
    with Runtime(path, context=512) as loaded:
        for row in asked:
            ends = row["ids"][-1:] if row["finish"] == "end" else []
            pieces = loaded.ask(row["sent"]["ids"], Sampling(most=24), ends)
            found.append((row, "".join(text for token, text in pieces if token not in ends)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--models", type=Path, help="a folder that holds the starter model, which saves its download")
    given = parser.parse_args()
    if reason := runtime.why_not():
        parser.error(reason)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WORKBENCH_HOME"] = str(Path(folder) / "home")
        give_models(Path(folder) / "home", given.models)
        play(Path(folder))
    print("It went the whole way.")


if __name__ == "__main__":
    main()
