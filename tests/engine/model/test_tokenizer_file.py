"""A tokenizer as transformers builds it reaches those that import no transformers."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import pre_tokenizers, processors
from transformers import AutoTokenizer, PreTrainedTokenizerFast

from tests.core.tokens.tokenizers_made import CHATML, SPECIAL, byte_backend
from workbench.core.problems import UserError
from workbench.core.tokens import kept_tokenizer
from workbench.engine.model.tokenizer_file import keep_tokenizer

TEXT = "Ein Wort,  zwei Wörter\n\n<|im_end|> 🙂 end"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model folder with a tokenizer alone, and a home of its own."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    made = PreTrainedTokenizerFast(
        tokenizer_object=byte_backend(), pad_token="<pad>", eos_token="<|im_end|>", bos_token="<s>"
    )
    made.chat_template = CHATML
    made.save_pretrained(tmp_path / "model")
    (tmp_path / "model" / "config.json").write_text(json.dumps({"model_type": "llama", "vocab_size": 384}))
    (tmp_path / "model" / "generation_config.json").write_text(json.dumps({"eos_token_id": [2, 1]}))
    return tmp_path / "model"


def test_that_a_kept_tokenizer_splits_a_text_as_transformers_does(folder: Path) -> None:
    keep_tokenizer(folder)
    kept = kept_tokenizer.find(folder)
    own = AutoTokenizer.from_pretrained(folder)
    assert kept is not None
    assert kept.ids_of(TEXT) == own(TEXT, add_special_tokens=False)["input_ids"]
    assert [kept.bos, kept.eos, kept.pad] == [own.bos_token, own.eos_token, own.pad_token]
    assert kept.facts.templates == {"default": own.chat_template}
    assert kept.ends == {1, 2}
    assert kept.facts.embedding_rows == 384
    assert kept.vocabulary_size == len(own)
    assert all(kept.is_special(own(text, add_special_tokens=False)["input_ids"]).all() for text in SPECIAL)


def test_that_it_is_what_transformers_builds_and_not_what_tokenizer_json_says(folder: Path) -> None:
    # transformers puts the pre-tokenizer of its own class in place of this one.
    backend = byte_backend()
    backend.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True)])
    backend.save(str(folder / "tokenizer.json"))
    config = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps({**config, "tokenizer_class": "GPT2Tokenizer"}))
    keep_tokenizer(folder)
    kept = kept_tokenizer.find(folder)
    own = AutoTokenizer.from_pretrained(folder)
    assert kept is not None
    assert own("a b 12")["input_ids"] != backend.encode("a b 12").ids
    assert kept.ids_of("a b 12") == own("a b 12", add_special_tokens=False)["input_ids"]


def test_that_it_is_made_in_a_process_of_its_own_and_found_from_then_on(folder: Path) -> None:
    assert kept_tokenizer.find(folder) is None
    made = kept_tokenizer.make(folder)
    assert kept_tokenizer.find(folder) is made
    assert kept_tokenizer.command(folder)[0] == sys.executable


def test_that_another_template_or_end_is_another_tokenizer(folder: Path) -> None:
    keep_tokenizer(folder)
    for name, text in (("chat_template.jinja", "{{ messages }}"), ("generation_config.json", "{}")):
        (folder / name).write_text(text)
        assert kept_tokenizer.find(folder) is None
        keep_tokenizer(folder)
        assert kept_tokenizer.find(folder) is not None


def test_that_what_it_adds_by_itself_is_known(folder: Path) -> None:
    backend = byte_backend()
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A <|im_end|>", special_tokens=[("<s>", 1), ("<|im_end|>", 2)]
    )
    backend.save(str(folder / "tokenizer.json"))
    keep_tokenizer(folder)
    kept = kept_tokenizer.find(folder)
    assert kept is not None
    assert kept.adds_before == (1,)
    assert kept.adds_after == (2,)
    assert kept.ids_of("a") == AutoTokenizer.from_pretrained(folder)("a", add_special_tokens=False)["input_ids"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"model": {"type": "Martian"}}'])
def test_that_a_broken_tokenizer_is_a_sentence(folder: Path, text: str) -> None:
    (folder / "tokenizer.json").write_text(text)
    with pytest.raises(UserError, match=r"tokenizer in .* cannot be loaded"):
        kept_tokenizer.make(folder)
    assert kept_tokenizer.find(folder) is None


def test_that_a_kept_file_cut_short_is_made_anew(folder: Path) -> None:
    path = keep_tokenizer(folder)
    path.write_bytes(path.read_bytes()[:-100])
    assert kept_tokenizer.find(folder) is None
    assert kept_tokenizer.make(folder).ids_of("a")


def test_that_the_tokenizer_beside_an_adapter_has_the_ends_of_its_base(folder: Path, tmp_path: Path) -> None:
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (adapter / name).write_bytes((folder / name).read_bytes())
    said = {
        "peft_type": "LORA",
        "base_model_name_or_path": str(folder),
        "r": 8,
        "lora_alpha": 8,
        "target_modules": ["q"],
    }
    (adapter / "adapter_config.json").write_text(json.dumps(said))
    save_file({"base_model.model.q.lora_A.weight": np.zeros((8, 4), np.float32)}, adapter / "adapter_model.safetensors")
    keep_tokenizer(adapter)
    kept = kept_tokenizer.find(adapter)
    assert kept is not None
    assert kept.ends == {1, 2}
    assert kept.facts.embedding_rows == 384
