"""What a model family declares, and a config.json read as its family spells it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from workbench.core.model.block_traits import UNKNOWN, BlockTraits

Size = Literal[
    "hidden size",
    "layers",
    "attention heads",
    "vocabulary",
    "MLP width",
    "heads for keys and values",
    "head size",
    "positions",
    "experts",
    "experts a token",
    "expert width",
]
# What the linear layers of a block do.
Role = Literal["queries", "output", "up", "down", "router"]
Sizes = dict[str, tuple[int, ...]]

# As transformers' config classes name the sizes, where a family has no names of its own.
NAMES: dict[Size, tuple[str, ...]] = {
    "hidden size": ("hidden_size",),
    "layers": ("num_hidden_layers",),
    "attention heads": ("num_attention_heads",),
    "vocabulary": ("vocab_size",),
    "MLP width": ("intermediate_size",),
    "heads for keys and values": ("num_key_value_heads",),
    "head size": ("head_dim",),
    "positions": ("max_position_embeddings",),
    "experts": ("num_local_experts", "num_experts"),
    "experts a token": ("num_experts_per_tok",),
    "expert width": ("moe_intermediate_size",),
}
# Names that families have which are not declared here: MPT, GPT-J, T5's kin, DBRX.
OTHER_NAMES: dict[Size, tuple[str, ...]] = {
    "hidden size": ("n_embd", "n_embed", "d_model"),
    "layers": ("n_layer", "n_layers", "num_layers"),
    "attention heads": ("n_head", "n_heads", "num_heads"),
    "MLP width": ("n_inner", "ffn_dim", "ffn_hidden_size", "d_ff"),
    "heads for keys and values": ("num_kv_heads", "n_head_kv"),
    "positions": ("n_positions", "n_ctx", "max_seq_len", "seq_length"),
}
NEEDED: tuple[Size, ...] = ("hidden size", "layers", "attention heads", "vocabulary")
# No model has as many; a config.json may say anything.
MOST_LAYERS = 10_000
# The same of a factor that stretches positions.
MOST_SCALED = 10_000

_ACTIVATIONS = {
    "gelu": "gelu", "gelu_pytorch_tanh": "gelu", "gelu_new": "gelu_new", "gelu_fast": "gelu_new", "relu": "relu",
}  # fmt: skip


class Config:
    """A config.json of a family; that of a model with pictures is read as its text_config.

    Attributes:
        family: Its family, which may be the unknown one.
        kind: The model_type of what reads the text.
    """

    def __init__(self, said: Mapping[str, Any], kind: str, family: "Family") -> None:
        self.family = family
        self.kind = kind
        self._said = said

    def get(self, name: str, default: Any = None) -> Any:
        """What stands under a name, whatever it is."""
        return self._said.get(name, default)

    def taking(self, usual: Mapping[str, Any]) -> "Config":
        """The same, with what is usual where config.json leaves it out."""
        return Config({**usual, **self._said}, self.kind, self.family)

    def size(self, size: Size) -> int:
        """A size by whichever of its names says it, else what transformers takes; 0 where neither is there."""
        return self.number(*self.family.names_of(size)) or self.family.defaults.get(size, 0)

    def number(self, *names: str) -> int:
        """The first whole number above 0 that stands under these names, else 0."""
        values = (self._said.get(name) for name in names)
        return next((value for value in values if type(value) is int and value > 0), 0)

    def is_above_0(self, name: str, default: float) -> bool:
        """Whether a share, such as a dropout's, is above 0."""
        value = self._said.get(name, default)
        return isinstance(value, int | float) and value > 0

    @property
    def is_tied(self) -> bool:
        """Whether the head is the embeddings' weights, as far as config.json and the family say."""
        said = self._said.get("tie_word_embeddings")
        return said if isinstance(said, bool) else self.family.is_tied

    @property
    def key_value_heads(self) -> int:
        if self.get("multi_query", self.family.is_multi_query) and not self.get("new_decoder_architecture"):
            return 1
        return self.size("heads for keys and values") or self.size("attention heads")

    @property
    def head_size(self) -> int:
        heads = self.size("attention heads")
        return self.size("head size") or (self.size("hidden size") // heads if heads else 0)

    @property
    def position_limit(self) -> int:
        """Positions that a token may have, those of scaled angles among them; 0 where there is no end to them."""
        if self.family.is_unbounded or self.get("alibi") is True:
            return 0
        said, scaled = self.size("positions"), self.get("rope_scaling") or self.get("rope_parameters")
        if not isinstance(scaled, dict) or not said:
            return said
        factor, trained = scaled.get("factor"), scaled.get("original_max_position_embeddings")
        if not isinstance(factor, int | float) or not 1 < factor < MOST_SCALED:
            return said
        # Qwen2.5's YaRN multiplies what config.json says, Llama 3.1's says what comes of it.
        return max(said, int(factor * (trained if type(trained) is int and trained > 0 else said)))

    @property
    def tensors(self) -> Sizes:
        """The size of each tensor by its name; none where the family, or a number it needs, is not known."""
        family = self.family
        is_whole = all(self.size(size) for size in family.needs) and self.size("layers") <= MOST_LAYERS
        if self.kind not in family.kinds or not is_whole:
            return {}
        without = family.heads if self.is_tied else ()
        return {name: size for name, size in family.tensors(self).items() if not name.endswith(without)}

    @property
    def block(self) -> BlockTraits:
        """How a block is made; of a family that is not known as Llama's, marked as unknown."""
        family = self.family
        traits = family.block
        said = self.get(family.activation) if family.activation else None
        if said:
            known = _ACTIVATIONS.get(str(said), "")
            traits = replace(traits, activation=known or traits.activation, is_known=bool(known))
        traits = replace(
            family.refined(self, traits),
            residual_dropouts=2 if self.is_above_0(*family.residual_dropout) else 0,
            attention_dropout=family.is_known and self.is_above_0(*family.attention_dropout),
        )
        if window := self._sliding_layers():
            traits = replace(traits, window=self.number("sliding_window"), sliding_layers=window)
        if family.routers:
            traits = replace(
                traits,
                experts=self.size("experts"),
                active_experts=self.size("experts a token"),
                expert_size=self.size("expert width"),
            )
        return traits

    def _sliding_layers(self) -> int:
        if self.family.sliding_layers is None or not self.number("sliding_window"):
            return 0
        types = self.get("layer_types")
        if isinstance(types, list) and types:
            return sum(entry == "sliding_attention" for entry in types)
        return self.family.sliding_layers(self)


@dataclass(frozen=True)
class GgufTraits:
    """How llama.cpp knows a family, where the `gguf` package names its tensors.

    Attributes:
        architecture: In general.architecture.
        is_turned: Rows of queries and keys lie in pairs, as llama.cpp turns them, and not in halves.
        norm_offset: What is added to the weights of norms, which the family's own code adds each time.
        window_period: Of layers with a window and the full one that ends them, where llama.cpp takes it for granted.
        ignores_window: llama.cpp lets every token see all before it, whatever window the model was trained with.
        untied: It may have a head of its own.
        usual: What transformers takes where config.json leaves it out, as far as a GGUF file has to say it.
    """

    architecture: str
    is_turned: bool = False
    norm_offset: float = 0.0
    window_period: int = 0
    ignores_window: bool = True
    untied: bool = True
    usual: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Family:
    """A model family: one entry is all that has to be known of it.

    What transformers does is read from 5.24 (models/*/configuration_*.py, modeling_*.py).
    """

    kinds: tuple[str, ...]  # model_type in its config.json
    title: str
    tensors: Callable[[Config], Sizes]  # of a config.json that says all that `needs` names; with the head
    block: BlockTraits
    layers: Mapping[Role, tuple[str, ...]]  # of a block, in its order: the last parts of their names
    embeddings: tuple[str, ...]  # how names of tables that are looked up end
    heads: tuple[str, ...] = ("lm_head.weight",)  # how the name of an untied head ends
    routers: tuple[str, ...] = ()  # of a mixture of experts: where the router stands in a block, in files and in memory
    with_pictures: tuple[str, ...] = ()  # model_type of models that hold one of this family as their text_config
    names: Mapping[Size, tuple[str, ...]] = field(default_factory=dict)  # in config.json; the first that is said counts
    defaults: Mapping[Size, int] = field(default_factory=dict)  # what transformers takes where none of them is said
    needs: tuple[Size, ...] = (*NEEDED, "MLP width")
    is_tied: bool = False  # where config.json does not say it
    is_multi_query: bool = False  # the same
    # transformers replaces nn.Linear and GPT-2's Conv1D, and no subclass of them such as Falcon's (5.24,
    # integrations/bitsandbytes.py).
    is_quantized: bool = True
    is_transposed: bool = False  # a linear layer's weight is stored as (in, out)
    is_unbounded: bool = False  # ALiBi: positions are distances, which have no end
    activation: str = ""  # the name of the MLP's activation in config.json, where that decides
    residual_dropout: tuple[str, float] = ("", 0.0)  # its name in config.json, and what transformers takes
    attention_dropout: tuple[str, float] = ("attention_dropout", 0.0)
    sliding_layers: Callable[[Config], int] | None = None  # layers with a window, where no layer_types say it
    gguf: GgufTraits | None = None  # where it can be written as a GGUF file
    refined: Callable[[Config, BlockTraits], BlockTraits] = lambda _config, traits: traits

    def names_of(self, size: Size) -> tuple[str, ...]:
        """The names of a size in config.json."""
        return self.names.get(size, NAMES[size])

    def roles_of(self, layer: str) -> list[Role]:
        """What a linear layer may do, by the last part of its name: GPT-2 has two of one name."""
        if any(router.endswith(f".{layer}") for router in self.routers):
            return ["router"]
        return [role for role, names in self.layers.items() if layer in names]

    def role_of(self, layer: str, *, reads_hidden: bool) -> Role:
        """What a linear layer does; of one name the output layer is the one that reads as many as the hidden size."""
        roles = self.roles_of(layer)
        if len(roles) > 1 and not reads_hidden:
            return roles[-1]
        return roles[0] if roles else "down"

    @property
    def is_known(self) -> bool:
        return bool(self.kinds)


def unknown_family(known: tuple[Family, ...]) -> Family:
    """What stands for a family that is not known: every name that any has."""
    roles: tuple[Role, ...] = ("queries", "output", "up", "down")
    return Family(
        kinds=(),
        title="",
        tensors=lambda _config: {},
        block=UNKNOWN,
        layers={role: _each_once(each.layers.get(role, ()) for each in known) for role in roles},
        embeddings=_each_once(each.embeddings for each in known),
        heads=_each_once(each.heads for each in known),
        names={size: _each_once([names, OTHER_NAMES.get(size, ())]) for size, names in NAMES.items()},
        needs=NEEDED,
    )


def _each_once(names: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in names for name in group))


# -- tensors -----------------------------------------------------------------------------------------------------------


def repeated(block: Sizes, stack: str, layers: int) -> Sizes:
    """The tensors of a block in every layer of a stack such as "model.layers"."""
    return {f"{stack}.{layer}.{name}": shape for layer in range(layers) for name, shape in block.items()}


def with_norms(
    linears: Sizes, norms: tuple[str, ...], hidden: int, *, biased: bool = True, turned: bool = False
) -> Sizes:
    """Linear layers (out, in) and LayerNorms of a block with their biases; `turned` stores the weights as (in, out)."""
    tensors: Sizes = {f"{name}.weight": shape[::-1] if turned else shape for name, shape in linears.items()}
    if biased:
        tensors.update({f"{name}.bias": (shape[0],) for name, shape in linears.items()})
    for norm in norms:
        tensors.update({f"{norm}.weight": (hidden,), f"{norm}.bias": (hidden,)})
    return tensors
