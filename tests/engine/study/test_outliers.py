"""The outliers study: what goes into a model's linear layers, in every family, and what it refuses."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.fakes import FAMILIES
from workbench.core.job.events import Ended
from workbench.core.job.history import History
from workbench.core.job.run_folder import Order, RunFolder
from workbench.core.job.study import create_study
from workbench.core.job.study_kinds import ActivationsSeen, OutliersRequest
from workbench.core.model.stored_tensor import open_tensors
from workbench.core.quantized.outlier_products import read_factors
from workbench.core.quantized.outliers import FILE, Seen, open_seen

Work = Callable[[RunFolder], History]
WORDS = "The cat sat on the mat, and the dog looked on. Then it rained for a while.\n" * 3


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "words.txt"
    path.write_text(WORDS, encoding="utf-8")
    return path


def study(model: Path, text: Path | str) -> RunFolder:
    return create_study(OutliersRequest(model=str(model), text=str(text)))


def seen_by(work: Work, model: Path, text: Path | str) -> Seen:
    run = study(model, text)
    history = work(run)
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    return open_seen(run.path / FILE)


def refusal(work: Work, model: Path, text: Path | str) -> str:
    """What is said where nothing can be read; nothing of it is left in the folder."""
    run = study(model, text)
    ended = work(run).ended
    assert isinstance(ended, Ended)
    assert ended.is_refusal
    assert not list(run.path.glob("*.npz*"))
    assert not list(run.path.glob(".*partial"))
    return f"{ended.what} {ended.why} {ended.remedy}"


@pytest.mark.parametrize("family", FAMILIES)
def test_that_a_familys_linear_layers_are_known(
    family: str, tiny_model: Callable[[str], Path], text: Path, work_here: Work
) -> None:
    model = tiny_model(family)
    seen = seen_by(work_here, model, text)
    assert [site.key for site in seen.about.sites] == ["attention", "heads", "mlp", "middle"]
    tensors = {tensor.name: tensor.shape for tensor in open_tensors(model)}
    for site in seen.about.sites:
        assert len(site.linears) == seen.about.layers == 2
        for layer, linears in enumerate(site.linears):
            for linear in linears:
                shape = (linear.rows, site.features)
                assert tensors[linear.tensor] == (shape[::-1] if linear.is_transposed else shape)
                assert f".{layer}." in linear.tensor
        found = seen.magnitudes(site)
        factors = read_factors(seen, model, site, 1, site.linears[1][0])
        inputs = np.abs(factors.inputs).max(axis=0)
        assert (inputs <= found.largest[1] * 1.001).all()
        assert np.isfinite(factors.exact).all()
        assert found.top > 0


def test_that_a_study_tells_how_far_it_is_and_what_it_saw(
    tiny_model: Callable[[str], Path], text: Path, work_here: Work
) -> None:
    run = study(tiny_model("llama"), text)
    history = work_here(run)
    events = [json.loads(line) for line in run.journal.read_text(encoding="utf-8").splitlines()]
    phases = [event["name"] for event in events if event["kind"] == "phase"]
    assert list(dict.fromkeys(phases)) == ["start", "tokenize", "load", "observe"]
    told = next(event for event in history.findings if isinstance(event, ActivationsSeen))
    assert (told.file, told.layers, told.features) == (FILE, 2, 64)
    about = open_seen(run.path / FILE).about
    assert told.tokens == len(about.tokens) == len(WORDS)
    assert "".join(about.tokens) == WORDS.replace("\n", "?")
    assert about.kept_tokens == 128


def test_that_a_long_text_is_cut_where_the_model_or_the_study_ends(
    tiny_model: Callable[[str], Path], text: Path, work_here: Work
) -> None:
    text.write_text(WORDS * 50, encoding="utf-8")
    assert len(seen_by(work_here, tiny_model("llama"), text).about.tokens) == 512


def test_that_the_programs_own_text_is_read_where_none_is_chosen(
    tiny_model: Callable[[str], Path], work_here: Work
) -> None:
    about = seen_by(work_here, tiny_model("llama"), "").about
    assert about.text == "prose.txt"
    assert len(about.tokens) == 512


def test_that_a_large_feature_is_found_where_it_was_put(llama: Path, text: Path, work_here: Work) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(llama / "model.safetensors")
    weights["model.layers.1.input_layernorm.weight"][5] = 30.0
    save_file(weights, llama / "model.safetensors", metadata={"format": "pt"})
    seen = seen_by(work_here, llama, text)
    found = seen.magnitudes(seen.about.sites[0])
    assert int(found.largest[1].argmax()) == 5
    passing = {feature.number: feature for feature in found.passing(42)}
    assert passing[5].layers == 1
    assert 5 in found.outliers


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        (b"x", "1 token long"),
        (b"abc \xff\xfe def", "is not UTF-8"),
    ],
)
def test_that_a_text_with_nothing_to_read_is_a_sentence(
    data: bytes, said: str, tiny_model: Callable[[str], Path], text: Path, work_here: Work
) -> None:
    text.write_bytes(data)
    assert said in refusal(work_here, tiny_model("llama"), text)


def test_that_a_text_or_a_model_that_is_not_there_is_a_sentence(
    tiny_model: Callable[[str], Path], text: Path, tmp_path: Path, work_here: Work
) -> None:
    assert "cannot be read" in refusal(work_here, tiny_model("llama"), tmp_path / "gone.txt")
    assert "There is no model folder" in refusal(work_here, tmp_path / "gone", text)
    file = tiny_model("llama") / "model.safetensors"
    assert "is a file, not a model folder" in refusal(work_here, file, text)


def test_that_a_model_without_a_tokenizer_is_a_sentence(llama: Path, text: Path, work_here: Work) -> None:
    for path in llama.glob("tokenizer*"):
        path.unlink()
    assert "has no tokenizer" in refusal(work_here, llama, text)


def test_that_weights_that_are_no_numbers_are_a_sentence(llama: Path, text: Path, work_here: Work) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(llama / "model.safetensors")
    weights["model.layers.1.input_layernorm.weight"][5] = float("nan")
    save_file(weights, llama / "model.safetensors", metadata={"format": "pt"})
    assert "hidden states of layer 1" in refusal(work_here, llama, text)


def test_that_a_cancel_is_obeyed_and_leaves_nothing(
    tiny_model: Callable[[str], Path], text: Path, work_here: Work
) -> None:
    from workbench.engine.__main__ import work
    from workbench.engine.job.job import Job

    run = study(tiny_model("llama"), text)
    with run.hold():
        job = Job(run)
        run.give(Order(order="cancel"))
        deadline = time.monotonic() + 60
        while not job.orders.is_cancelled and time.monotonic() < deadline:
            time.sleep(0.01)
        work(job)
    ended = run.history().ended
    assert ended is not None
    assert ended.state == "cancelled"
    assert not list(run.path.glob("*.npz*"))


def test_that_experts_are_left_out() -> None:
    from workbench.engine.study.outliers import site_of

    assert site_of("mlp.experts.3.down_proj") == ""
    assert site_of("mlp.down_proj") == "middle"
    assert site_of("mlp.c_proj") == "middle"
    assert site_of("attn.c_proj") == "heads"
    assert site_of("self_attn.q_norm") == ""
