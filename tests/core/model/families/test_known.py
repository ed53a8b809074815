"""What each family declares beside transformers' own config class, and a config.json by each of its spellings."""

from itertools import permutations
from typing import Any

import pytest

from workbench.core.memory import ledger
from workbench.core.model.block_traits import UNKNOWN
from workbench.core.model.families import known as families
from workbench.core.model.families.family import NAMES, OTHER_NAMES, Family, Size
from workbench.core.model.shape import from_config, from_tensors
from workbench.core.recipe.recipe import Recipe

KNOWN = families.families()
# Sizes that go together in every family, and with the heads that each has by itself.
BASE: dict[Size, int] = {"hidden size": 1152, "attention heads": 4}
ONE, OTHER = 96, 192
BLOOM_176B: dict[str, Any] = {
    "model_type": "bloom",
    "n_embed": 14336,
    "n_layer": 70,
    "num_attention_heads": 112,
    "seq_length": 2048,
    "vocab_size": 250880,
    "n_inner": None,
    "torch_dtype": "bfloat16",
}


def config_class(family: Family) -> Any:
    from transformers import CONFIG_MAPPING

    return CONFIG_MAPPING[family.kinds[0]]


def settable(family: Family, size: Size) -> str:
    """The attribute of transformers' config that holds a size; nothing where it has none that could be set."""
    standing = config_class(family)()
    fields = {*standing.to_dict(), *standing.attribute_map}
    return next((name for name in family.names_of(size) if name in fields), "")


def built(family: Family, size: Size, said: dict[str, int]) -> Any:
    """The config of transformers that says these, beside what others need to go with them."""
    beside = {settable(family, other): number for other, number in BASE.items() if other != size}
    return config_class(family)(**beside, **said)


@pytest.mark.parametrize("family", KNOWN, ids=lambda family: family.title)
def test_that_every_name_that_transformers_takes_is_read_and_no_other(family: Family) -> None:
    for size in NAMES:
        attribute = settable(family, size)
        for name in {*NAMES[size], *OTHER_NAMES.get(size, ()), *family.names_of(size)} if attribute else ():
            is_taken = getattr(built(family, size, {name: ONE}), attribute) == ONE
            read = families.read({"model_type": family.kinds[0], name: ONE}).size(size)
            assert (read == ONE) == is_taken, (family.title, size, name)


@pytest.mark.parametrize("family", KNOWN, ids=lambda family: family.title)
def test_that_of_two_names_the_one_counts_that_counts_for_transformers(family: Family) -> None:
    for size in NAMES:
        attribute = settable(family, size)
        for first, second in permutations(family.names_of(size), 2):
            if not attribute or getattr(built(family, size, {second: ONE}), attribute) != ONE:
                continue  # transformers ignores it
            said = {first: ONE, second: OTHER}
            read = families.read({"model_type": family.kinds[0], **said}).size(size)
            assert read == getattr(built(family, size, said), attribute), (family.title, size, said)


@pytest.mark.parametrize("family", KNOWN, ids=lambda family: family.title)
def test_that_what_config_json_does_not_say_is_what_transformers_takes(family: Family) -> None:
    standing = config_class(family)()
    for size, number in family.defaults.items():
        assert getattr(standing, settable(family, size)) == number, (family.title, size)
    assert standing.tie_word_embeddings == family.is_tied
    for name, share in (family.residual_dropout, family.attention_dropout):
        assert not name or getattr(standing, name) == share, (family.title, name)
    sizes = {settable(family, size): number for size, number in {**BASE, "layers": 2, "vocabulary": 100}.items()}
    read = families.read({"model_type": family.kinds[0], **sizes})
    keys = getattr(config_class(family)(**sizes), "num_key_value_heads", None)
    assert keys in (None, read.key_value_heads)


@pytest.mark.parametrize("family", KNOWN, ids=lambda family: family.title)
def test_that_a_family_has_layers_of_every_role_and_tensors_of_their_names(family: Family) -> None:
    sizes: dict[Size, int] = {**BASE, "layers": 2, "vocabulary": 100, "MLP width": 512, "heads for keys and values": 2}
    said = {name: number for size, number in sizes.items() for name in family.names_of(size)[:1]}
    shape = from_config({"model_type": family.kinds[0], **said}, "x")
    assert (shape.family, shape.block.is_known) == (family.title, True)
    wanted = {"queries", "output", *(["router"] if family.routers else ["up", "down"])}
    assert set(shape.linear_roles) == wanted
    assert shape.embedding_parameters >= 100 * 1152
    assert {name for names in family.layers.values() for name in names} >= set(shape.linear_names) - {"gate"}


@pytest.mark.parametrize(
    "spelling",
    [{"n_embed": "hidden_size"}, {"n_layer": "num_hidden_layers"}, {"num_attention_heads": "n_head"}],
    ids=lambda spelling: next(iter(spelling.values())),
)
def test_that_a_bloom_is_the_same_by_either_spelling(spelling: dict[str, str]) -> None:
    own = from_config(BLOOM_176B, "BLOOM")
    other = from_config({spelling.get(name, name): value for name, value in BLOOM_176B.items()}, "BLOOM")
    assert other == own
    # The numbers on bigscience/bloom's page.
    assert (own.parameters, own.hidden_size, own.layers, own.attention_heads) == (176_247_271_424, 14336, 70, 112)
    told, same = (ledger.predict(shape, Recipe(), device="cuda") for shape in (own, other))
    assert told == same
    assert told.parts["activations"] > 1_000_000_000
    assert told.unknown == ()


def test_that_a_gemma_3_with_pictures_is_read_as_transformers_completes_it() -> None:
    # All sizes that config.json of google/gemma-3-4b-it says of its text.
    text = {"hidden_size": 2560, "intermediate_size": 10240, "num_hidden_layers": 34, "model_type": "gemma3_text"}
    for said in (text, {name: value for name, value in text.items() if name != "model_type"}):
        shape = from_config({"model_type": "gemma3", "text_config": said}, "x")
        assert (shape.family, shape.attention_heads, shape.key_value_heads, shape.head_size) == ("Gemma 3", 8, 4, 256)
        assert (shape.vocab_size, shape.is_tied, shape.block.norms) == (262_208, True, 4)
        assert shape.parameters == 0, "its vision tower is not known"


def test_that_of_a_family_that_is_not_known_every_name_is_read() -> None:
    for size in NAMES:
        for name in families.unknown().names_of(size):
            read = families.read({"model_type": "newest", name: ONE})
            assert (read.size(size), read.block, read.tensors) == (ONE, UNKNOWN, {}), (size, name)
    assert families.title_of("newest") == "newest"


def test_that_layers_stand_in_the_order_they_work() -> None:
    orders = [
        ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
        ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"],
        ["query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h"],
        ["q_proj", "out_proj", "fc1", "fc2"],
        ["c_attn", "c_fc", "c_proj", "anything"],
    ]
    for names in orders:
        assert sorted(reversed(names), key=families.place_in_block) == names


def test_that_a_number_of_layers_that_no_model_has_gives_no_tensors() -> None:
    said = {"model_type": "bloom", "hidden_size": 64, "n_layer": 10**9, "n_head": 4, "vocab_size": 100}
    assert families.read(said).tensors == {}
    assert families.read({**said, "n_layer": 2}).tensors


def test_that_two_families_never_share_a_model_type() -> None:
    kinds = [kind for family in KNOWN for kind in (*family.kinds, *family.with_pictures)]
    assert len(kinds) == len(set(kinds)) >= 16


def test_that_a_nested_text_config_is_read_before_what_stands_around_it() -> None:
    around = {"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 2, "vocab_size": 100}
    read = families.read({**around, "text_config": {"hidden_size": 96, "n_layer": 7, "model_type": "llama_text"}})
    sizes: tuple[Size, ...] = ("hidden size", "layers", "vocabulary")
    assert [read.size(size) for size in sizes] == [96, 2, 100]
    assert read.kind == "llama_text"
    assert not read.family.is_known


@pytest.mark.parametrize("wrong", [[4, 8], "64", True, 0, -1, 64.0, None, {"a": 1}])
def test_that_what_is_no_whole_number_above_0_is_no_size(wrong: object) -> None:
    assert families.read({"model_type": "llama", "hidden_size": wrong}).size("hidden size") == 0
    assert families.read({"model_type": "gemma", "head_dim": wrong}).size("head size") == 256


def test_that_a_gpt2_is_read_by_its_own_names_and_what_it_does_not_say_is_0() -> None:
    said = {"model_type": "gpt2", "n_layer": 12, "n_embd": 768, "n_head": 12, "n_positions": 1024, "n_inner": None}
    read = families.read(said)
    sizes: tuple[Size, ...] = ("layers", "hidden size", "attention heads", "positions", "MLP width", "vocabulary")
    assert [read.size(size) for size in sizes] == [12, 768, 12, 1024, 0, 0]
    assert (read.key_value_heads, read.head_size) == (12, 64)


@pytest.mark.parametrize(("name", "is_tied"), [("lm_head.weight", False), ("embed", True)])
def test_that_a_head_of_its_own_in_the_files_is_not_tied_where_the_config_is_silent(name: str, is_tied: bool) -> None:
    for kind in ("llama", "newest"):
        shape = from_tensors({"model_type": kind, "tie_word_embeddings": None}, "x", {name: (100, 64)})
        assert shape.is_tied == is_tied
