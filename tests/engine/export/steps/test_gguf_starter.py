"""The starter as GGUF in llama.cpp, where it is installed: its own tokens, and its own answers."""

import json
from pathlib import Path

import pytest

from tests.core.llamacpp.texts import TEXTS
from workbench.core import places
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import MeasureRequest
from workbench.core.llamacpp import gguf_export, packing, runtime
from workbench.core.llamacpp.runtime import Runtime, Sampling
from workbench.core.tokens import kept_tokenizer

pytestmark = [pytest.mark.starter, pytest.mark.usefixtures("starter_of_the_session")]


def _nobody(_done: int) -> None:
    pass


def test_that_the_starter_splits_200_texts_alike_and_answers_the_same(tmp_path: Path) -> None:
    if why := runtime.why_not():
        pytest.skip(why)
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from workbench.engine.job.job import Job
    from workbench.engine.model.starter import fetch_starter

    run = create_study(MeasureRequest(model="starter", precisions=("fp32",)))
    with run.hold():
        folder = fetch_starter(Job(run))
    path = tmp_path / "starter.gguf"
    packing.write(gguf_export.plan(folder, "f16"), path, _nobody)
    tokenizer = kept_tokenizer.make(folder)
    with places.built_in_datasets()["shopping"].open(encoding="utf-8") as file:
        prompt = json.loads(file.readline())["prompt"]
    turns = [{"role": "user", "content": prompt}]
    ids = AutoTokenizer.from_pretrained(folder).apply_chat_template(
        turns, add_generation_prompt=True, return_dict=False
    )
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    made = model.generate(torch.tensor([ids]), max_new_tokens=24, do_sample=False)[0, len(ids) :].tolist()
    with Runtime(path, context=1024) as loaded:
        assert loaded.tokenize(TEXTS) == [tokenizer.ids_of(text) for text in TEXTS]
        answer = [token for token, _ in loaded.ask(ids, Sampling(24), tuple(tokenizer.ends))]
    assert len(set(TEXTS)) == 200
    assert answer == [token for token in made if token not in tokenizer.ends]
