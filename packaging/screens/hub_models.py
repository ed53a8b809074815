"""A Hub on this machine with models as they are known: their config.json and their sizes, and no weights."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.hub_shelf import Shelf, ShelfHandler, Shelved

MILLION = 1_000_000
# Of an account that one gated model is open to.
OPEN_TOKEN = "hf_shown"


@dataclass
class Listed(Shelved):
    """A model with the sizes that its files would have; its files hold nothing."""

    sizes: dict[str, int] = field(default_factory=dict)


def llama(
    hidden: int, middle: int, layers: int, heads: int, keys: int, words: int, *, tied: bool, kind: str = "llama"
) -> dict[str, Any]:
    return {
        "model_type": kind,
        "hidden_size": hidden,
        "intermediate_size": middle,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": keys,
        "vocab_size": words,
        "max_position_embeddings": 32_768,
        "tie_word_embeddings": tied,
        "torch_dtype": "bfloat16",
    }


def listed(config: dict[str, Any], parameters: int, shards: int, **how: Any) -> Listed:
    """A model with this many parameters in BF16, in this many files."""
    names = [f"model-{number:05}-of-{shards:05}.safetensors" for number in range(1, shards + 1)]
    header = json.dumps({"x": {"dtype": "BF16", "shape": [parameters], "data_offsets": [0, 0]}}).encode()
    weights = len(header).to_bytes(8, "little") + header
    empty = {**dict.fromkeys(names[1:], (2).to_bytes(8, "little") + b"{}"), names[0]: weights}
    files = {"config.json": json.dumps(config).encode(), "tokenizer.json": b"{}", **empty}
    sizes = {**dict.fromkeys(names, 2 * parameters // shards), "tokenizer.json": 9 * MILLION}
    return Listed(files=files, sizes=sizes, **how)


QWEN: dict[str, Any] = {"tied": False, "kind": "qwen2"}
MODELS = {
    "Qwen/Qwen2.5-1.5B-Instruct": listed(
        llama(1536, 8960, 28, 12, 2, 151_936, tied=True, kind="qwen2"), 1_543_714_304, 1, downloads=12_800_000
    ),
    "meta-llama/Llama-3.2-3B-Instruct": listed(
        llama(3072, 8192, 28, 24, 8, 128_256, tied=True), 3_212_749_824, 2, downloads=9_100_000, gated="manual",
        licence="llama3.2",
    ),
    "Qwen/Qwen2.5-7B-Instruct": listed(
        llama(3584, 18944, 28, 28, 4, 152_064, **QWEN), 7_615_616_512, 4, downloads=8_700_000
    ),
    "meta-llama/Llama-3.1-8B-Instruct": listed(
        llama(4096, 14336, 32, 32, 8, 128_256, tied=False), 8_030_261_248, 4, downloads=7_900_000, gated="manual",
        licence="llama3.1", given_to={OPEN_TOKEN},
    ),
    "Qwen/Qwen2.5-14B-Instruct": listed(
        llama(5120, 13824, 48, 40, 8, 152_064, **QWEN), 14_770_033_664, 8, downloads=4_400_000
    ),
    "mistralai/Mistral-7B-Instruct-v0.3": listed(
        llama(4096, 14336, 32, 32, 8, 32_768, tied=False, kind="mistral"), 7_248_023_552, 3, downloads=3_200_000,
        gated="auto",
    ),
    "somebody/an-instruct-model-of-an-unknown-family": listed(
        {"model_type": "unheard-of", "hidden_size": 512, "num_hidden_layers": 4}, 120_000_000, 1, downloads=61_000,
        licence="",
    ),
    "somebody/old-instruct-pickles": Shelved(
        files={"config.json": b"{}", "pytorch_model.bin": b"\0" * 5000}, downloads=2_100, licence="mit"
    ),
}  # fmt: skip


class ListedHandler(ShelfHandler):
    """Says the sizes of what it does not hold."""

    def answer(self, status: int, document: object, error: str = "", message: str = "") -> None:
        if isinstance(document, dict) and isinstance(repo := self.shelf.models.get(str(document.get("id"))), Listed):
            for row in document.get("siblings", ()):
                if size := repo.sizes.get(row["rfilename"]):
                    row["size"] = size
                    if "lfs" in row:
                        row["lfs"]["size"] = size
        super().answer(status, document, error, message)


@contextmanager
def known_models_served() -> Iterator[str]:
    """Gives its address."""
    from tests.hub_server import serving

    with serving(type("Handler", (ListedHandler,), {"shelf": Shelf(models=dict(MODELS))})) as address:
        yield address
