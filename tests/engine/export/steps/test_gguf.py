"""GGUF, the adapter as such and the Modelfile, exported of trained runs."""

from pathlib import Path

import pytest

from tests.engine.export.conftest import Export, Trained
from workbench.core.export.known import target_of
from workbench.core.export.subject import subject_of
from workbench.core.job.export_kinds import (
    ExportPlanned,
    ExportRequest,
    StepChecked,
    StepDone,
    StepRefused,
    WeightsMeasured,
)
from workbench.core.job.history import History
from workbench.core.llamacpp import runtime
from workbench.core.llamacpp.runtime import Runtime, Sampling


def _done(history: History) -> dict[str, StepDone]:
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    return {event.item: event for event in history.findings if isinstance(event, StepDone)}


def test_that_a_run_becomes_a_gguf_file_of_the_size_that_was_foreseen(
    trained: Trained, export_here: Export, tmp_path: Path
) -> None:
    run = trained("qwen3")
    history = export_here(run, "ollama:f16", "adapter-gguf", name="bicycle-answers")
    done, out = _done(history), tmp_path / "out"
    planned = {
        step.item: step for event in history.findings if isinstance(event, ExportPlanned) for step in event.steps
    }
    assert list(done) == ["adapter-gguf", "merged-nf4", "gguf:f16", "ollama:f16"]
    for item in ("gguf:f16", "adapter-gguf", "ollama:f16"):
        assert planned[item].size_bytes == done[item].size_bytes == (out / done[item].path).stat().st_size
    assert done["gguf:f16"].path == "bicycle-answers-F16.gguf"
    assert not (out / "merged-nf4").exists()
    text = (out / "Modelfile").read_text()
    assert text.startswith("FROM ./bicycle-answers-F16.gguf\n")
    assert '{{ if eq .Role "user" }}<|im_start|>user\n{{ .Content }}<|im_end|>' in text
    assert 'PARAMETER stop "<|im_end|>"' in text
    checks = [event for event in history.findings if isinstance(event, StepChecked)]
    assert all(event.ok for event in checks), checks
    measured = {event.item: event for event in history.findings if isinstance(event, WeightsMeasured)}
    assert measured["gguf:f16"].against == "merged-nf4"
    assert measured["gguf:f16"].kl == pytest.approx(0, abs=1e-4)
    readme = (out / "README.md").read_text()
    assert "read back, F16" in readme


def test_that_types_are_measured_beside_the_merged_model_without_files_that_stay(
    trained: Trained, export_here: Export
) -> None:
    run = trained("llama")
    history = export_here(run, "gguf:q8_0", "gguf:q4_0", out="")
    done = _done(history)
    assert done["gguf:q4_0"].size_bytes < done["gguf:q8_0"].size_bytes
    measured = {event.item: event for event in history.findings if isinstance(event, WeightsMeasured)}
    kl = [measured[item].kl for item in ("gguf:q8_0", "gguf:q4_0")]
    assert None not in kl
    assert 0 < kl[0] < kl[1]  # type: ignore[operator]


def test_that_offers_say_size_and_what_cannot_be_written(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_LLAMA_CPP", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    request = ExportRequest(run=str(trained("llama").path), items=("gguf:q8_0",), out=str(tmp_path / "out"))
    subject = subject_of(request)
    offers = {offer.type: offer for offer in target_of("gguf").offers(subject)}
    assert offers["f32"].size_bytes > offers["f16"].size_bytes > offers["q8_0"].size_bytes > offers["q4_0"].size_bytes
    assert offers["f16"].size_bytes == offers["bf16"].size_bytes
    assert "does not write it" in offers["q4_k"].why_not
    assert {each for each, offer in offers.items() if offer.why_not} == {"q6_k", "q5_k", "q4_k"}


def test_that_an_architecture_without_gguf_is_refused_with_what_can_be_exported(
    trained: Trained, export_here: Export, tmp_path: Path
) -> None:
    history = export_here(trained("gpt2"), "gguf:q8_0")
    assert history.ended is not None
    assert history.ended.state == "crashed"
    assert history.ended.is_mendable
    assert '"GPT-2" cannot be written as GGUF' in history.ended.what
    assert "merged model" in history.ended.remedy
    assert not any(isinstance(event, StepRefused | StepDone) for event in history.findings)
    assert not list(tmp_path.glob("out/*"))


def test_that_the_file_answers_in_llama_cpp_as_the_merged_model_does(
    trained: Trained, export_here: Export, tmp_path: Path
) -> None:
    if why := runtime.why_not():
        pytest.skip(why)
    import torch
    from transformers import AutoModelForCausalLM

    _done(export_here(trained("llama"), "merged", "gguf:f32", "gguf:q6_k", into="original"))
    out = tmp_path / "out"
    model = AutoModelForCausalLM.from_pretrained(out / "merged", dtype=torch.float32)
    prompt = list(range(4, 30))
    made = model.generate(input_ids=torch.tensor([prompt]), max_new_tokens=8, do_sample=False, eos_token_id=None)
    (file,) = out.glob("*-F32.gguf")
    with Runtime(file, context=256, threads=1) as loaded:
        assert [token for token, _ in loaded.ask(prompt, Sampling(8), ())] == made[0, len(prompt) :].tolist()
