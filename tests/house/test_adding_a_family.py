"""A model family is one file: title, sizes, tensors, block and layers are found in it by themselves."""

import json
from typing import Any

from tests.house.scratch import Scratch

FILE = "workbench/core/model/families/newest.py"
MADE = '''
"""Newest: Llama by other names, with one layer for queries, keys and values."""

from workbench.core.model.block_traits import BlockTraits
from workbench.core.model.families.family import Config, Family, Sizes, repeated


def _tensors(config: Config) -> Sizes:
    hidden, words, inner = config.size("hidden size"), config.size("vocabulary"), config.size("MLP width")
    block: Sizes = {
        "mixer.all_in.weight": (3 * hidden, hidden),
        "mixer.all_out.weight": (hidden, hidden),
        "mlp.widen.weight": (inner, hidden),
        "mlp.narrow.weight": (hidden, inner),
        "norm.weight": (hidden,),
    }
    return {
        "newest.words.weight": (words, hidden),
        "newest.head.weight": (words, hidden),
        **repeated(block, "newest.layers", config.size("layers")),
    }


FAMILIES = (
    Family(
        ("newest",),
        "The newest",
        _tensors,
        BlockTraits(is_known=True, norms=1, norm_inputs=1),
        {"queries": ("all_in",), "output": ("all_out",), "up": ("widen",), "down": ("narrow",)},
        ("words.weight",),
        heads=("head.weight",),
        names={"hidden size": ("breadth",), "layers": ("depth",), "MLP width": ("bulge",)},
    ),
)
'''
CONFIG = {
    "model_type": "newest", "breadth": 512, "depth": 6, "bulge": 1024, "num_attention_heads": 8, "vocab_size": 1000,
}  # fmt: skip
SEEN = """
import json
from workbench.core.memory.adapter_shape import source_of
from workbench.core.model.families.known import first_weights, place_in_block
from workbench.core.model.shape import checked
from workbench.engine.study.outliers import site_of

shape = checked(json.loads(open("config.json").read()), "config.json")
print(json.dumps({
    "sources": [source_of(shape, index) for index in range(len(shape.linears))],
    "names": shape.linear_names,
    "embeddings": shape.embedding_parameters,
    "known": shape.block.is_known,
    "order": sorted(["narrow", "all_out", "widen", "all_in"], key=place_in_block),
    "first": "all_in.weight" in first_weights(),
    "sites": [site_of(f"mixer.{name}") for name in shape.linear_names],
}))
"""


def test_that_a_family_is_one_file(scratch: Scratch) -> None:
    scratch.create(FILE, MADE)
    config = scratch.folder / "config.json"
    config.write_text(json.dumps(CONFIG), encoding="utf-8")
    told = _estimated(scratch)
    assert told["family"] == "The newest"
    block = 3 * 512 * 512 + 512 * 512 + 2 * 512 * 1024 + 512
    assert told["parameters"] == 2 * 1000 * 512 + 6 * block
    assert all(told["lines"][name] > 0 for name in ("activations", "frozen_weights", "adapters"))
    assert told["unknown"] == []

    seen = json.loads(scratch.evaluate(SEEN))
    assert seen["names"] == seen["order"] == ["all_in", "all_out", "widen", "narrow"]
    assert seen["sources"] == ["first norm", "attention", "second norm", "mlp"]
    assert seen["sites"] == ["attention", "heads", "mlp", "middle"]
    assert (seen["embeddings"], seen["known"], seen["first"]) == (2 * 1000 * 512, True, True)

    config.write_text(json.dumps({**CONFIG, "tie_word_embeddings": True}), encoding="utf-8")
    assert _estimated(scratch)["parameters"] == told["parameters"] - 1000 * 512

    config.write_text(json.dumps({**CONFIG, "breadth": None, "hidden_size": 512}), encoding="utf-8")
    refused = scratch.workbench("estimate", "--config", "config.json")
    assert refused.returncode == 2
    assert "config.json does not say breadth (hidden size)." in " ".join(refused.stderr.split())
    assert scratch.touched == {FILE}


def _estimated(scratch: Scratch) -> dict[str, Any]:
    ended = scratch.workbench("estimate", "--config", "config.json", "--device", "cuda", "--json")
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return {**told, "lines": {line["name"]: line["bytes"] for line in told["lines"]}}
