"""Chat templates as models have them in the wild, each with small tokenizers that know its special tokens."""

from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from tests.core.tokens.tokenizers_made import byte_backend
from workbench.core.tokens.tokenizer import TextTokenizer, TokenizerFacts

FOLDER = Path(__file__).parent / "wild"


class Wild(NamedTuple):
    """What a model says beside its template; `ends` are those of its generation_config.json."""

    bos: str
    eos: str
    special: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()

    def tokenizer(self, name: str) -> TextTokenizer:
        special = tuple(dict.fromkeys(text for text in ("<pad>", self.bos, self.eos, *self.special) if text))
        named = {"bos_token": self.bos, "eos_token": self.eos, "pad_token": "<pad>"}
        facts = TokenizerFacts(
            special_tokens={key: text for key, text in named.items() if text},
            templates={"default": source(name)},
        )
        made = TextTokenizer(byte_backend(special), facts)
        ends = tuple(special.index(text) for text in self.ends)
        return TextTokenizer(byte_backend(special), replace(made.facts, end_ids=ends))


def source(name: str) -> str:
    return (FOLDER / f"{name}.jinja").read_text("utf-8")


WILD = {
    "chatml": Wild("", "<|im_end|>", ("<|im_start|>",)),
    "llama-2": Wild("<s>", "</s>"),
    "llama-3": Wild("<|begin_of_text|>", "<|eot_id|>", ("<|start_header_id|>", "<|end_header_id|>")),
    "llama-3.1": Wild("<|begin_of_text|>", "<|eot_id|>", ("<|start_header_id|>", "<|end_header_id|>", "<|eom_id|>")),
    "mistral": Wild("<s>", "</s>"),
    "gemma": Wild("<bos>", "<eos>", ("<start_of_turn>", "<end_of_turn>"), ("<eos>", "<end_of_turn>")),
    "phi-3": Wild("<s>", "<|endoftext|>", ("<|system|>", "<|user|>", "<|assistant|>", "<|end|>"), ("<|end|>",)),
    "zephyr": Wild("<s>", "</s>"),
    "qwen3": Wild("", "<|im_end|>", ("<|im_start|>", "<|endoftext|>"), ("<|im_end|>", "<|endoftext|>")),
    "deepseek-r1": Wild(
        "<｜begin▁of▁sentence｜>",  # noqa: RUF001  its own vertical bars
        "<｜end▁of▁sentence｜>",  # noqa: RUF001
        ("<｜User｜>", "<｜Assistant｜>"),  # noqa: RUF001
    ),
    "command-r": Wild(
        "<BOS_TOKEN>",
        "<|END_OF_TURN_TOKEN|>",
        ("<|START_OF_TURN_TOKEN|>", "<|SYSTEM_TOKEN|>", "<|USER_TOKEN|>", "<|CHATBOT_TOKEN|>"),
    ),
    "marked": Wild("", "<|im_end|>", ("<|im_start|>",)),
}
TAKES_NO_SYSTEM = ("mistral", "gemma")
