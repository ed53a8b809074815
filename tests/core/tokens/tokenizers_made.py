"""Small tokenizers for tests, made on the spot: every byte is a token, and so is each special token."""

from collections.abc import Sequence

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

from workbench.core.tokens.tokenizer import TextTokenizer, TokenizerFacts

SPECIAL = ("<pad>", "<s>", "<|im_end|>", "<|im_start|>")
CHATML = (
    "{%- for m in messages -%}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}"
)


def byte_backend(
    special: Sequence[str] = SPECIAL, merges: Sequence[tuple[str, str]] = (), after: str = ""
) -> Tokenizer:
    """Byte-level BPE with these merges, such as ("Ġ", "b"); `after` is a special token it puts behind each text."""
    words = [*special, *sorted(pre_tokenizers.ByteLevel.alphabet()), *(left + right for left, right in merges)]
    backend = Tokenizer(models.BPE(vocab={word: place for place, word in enumerate(words)}, merges=list(merges)))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    backend.add_special_tokens(list(special))
    if after:
        backend.post_processor = processors.TemplateProcessing(
            single=f"$A {after}", special_tokens=[(after, words.index(after))]
        )
    return backend


def byte_tokenizer(
    template: str = CHATML,
    special: Sequence[str] = SPECIAL,
    *,
    bos: str = "<s>",
    eos: str = "<|im_end|>",
    pad: str = "<pad>",
    merges: Sequence[tuple[str, str]] = (),
    after: str = "",
) -> TextTokenizer:
    """Its chat template is `template`, none where that is empty."""
    named = {"bos_token": bos, "eos_token": eos, "pad_token": pad}
    facts = TokenizerFacts(
        special_tokens={name: text for name, text in named.items() if text},
        templates={"default": template} if template else {},
    )
    return TextTokenizer(byte_backend(special, merges, after), facts)
