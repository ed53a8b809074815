"""A model's tokenizer as transformers builds it, and written to where the window reads it.

`python -m workbench.engine.model.tokenizer_file FOLDER` prints where that is; what a person can mend is printed as
{"what", "why", "remedy"} with exit code 2.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.core.model.families import known as families
from workbench.core.problems import UserError, shown
from workbench.core.recipe.recipe import Recipe
from workbench.core.tokens import kept_tokenizer
from workbench.core.tokens.templates.named import PLAIN, named_template
from workbench.core.tokens.tokenizer import TextTokenizer, TokenizerFacts
from workbench.engine.model import special_tokens

LONGEST_SAID = 10**9  # transformers says 10**30 where nothing is said


def load_tokenizer(folder: Path, notice: Callable[[str], None] = lambda _text: None, model: Path | None = None) -> Any:
    """The folder's tokenizer, with an end of text and padding; `notice` is given what was taken for them.

    `model` is the model's folder where the tokenizer lies elsewhere, with an adapter. Raises UserError.
    """
    from transformers import AutoTokenizer  # here, so that __main__ may come before it

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False, local_files_only=True)
    except Exception as error:  # of broken files, the tokenizers library raises Exception itself
        raise UserError(
            f"The tokenizer in {folder} cannot be loaded.",
            why=shown(str(error).strip().partition("\n")[0], 200),
            remedy="Put the model's tokenizer files beside its weights.",
        ) from None
    special_tokens.settle(tokenizer, model or folder, notice)
    return tokenizer


def keep_tokenizer(folder: Path) -> Path:
    """Writes the folder's tokenizer to where `kept_tokenizer.find` finds it. Raises UserError and OSError."""
    model = kept_tokenizer.model_of(folder)
    tokenizer = load_tokenizer(folder, model=model)
    return kept_tokenizer.keep(folder, _backend(folder, tokenizer), facts_of(model, tokenizer))


def wear_template(tokenizer: Any, text_tokenizer: TextTokenizer, recipe: Recipe, *, is_wrapped: bool) -> None:
    """Gives a tokenizer the template that rows are learned by, so that whoever takes it with the adapter asks by it.

    `is_wrapped` says whether any row was wrapped in a template: in the plain one where the tokenizer has none.
    """
    if recipe.applies("data.template") and recipe.data.template:
        tokenizer.chat_template = named_template(text_tokenizer, recipe.data.template).source
    elif is_wrapped and not (recipe.data.chat_template and tokenizer.chat_template):
        tokenizer.chat_template = named_template(text_tokenizer, PLAIN).source


def facts_of(folder: Path, tokenizer: Any) -> TokenizerFacts:
    """What transformers says of a tokenizer, with what the files of the model in `folder` say of ends and rows."""
    config = _read(folder / "config.json")
    ends = {tokenizer.eos_token_id, *_ends(_read(folder / "generation_config.json")), *_ends(config)}
    templates = tokenizer.chat_template or {}
    longest = tokenizer.model_max_length
    return TokenizerFacts(
        special_tokens=dict(tokenizer.special_tokens_map),
        end_ids=tuple(sorted(end for end in ends if type(end) is int)),
        templates={"default": templates} if isinstance(templates, str) else dict(templates),
        longest=int(longest) if isinstance(longest, int | float) and 0 < longest < LONGEST_SAID else 0,
        embedding_rows=families.read(config).size("vocabulary") if config else 0,
        splits_special=bool(tokenizer.split_special_tokens),
    )


def _backend(folder: Path, tokenizer: Any) -> str:
    """What splits a text, as the `tokenizers` library writes it. Raises UserError."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    try:
        if backend is None:
            from transformers.convert_slow_tokenizer import convert_slow_tokenizer

            backend = convert_slow_tokenizer(tokenizer)
        return str(backend.to_str())
    except Exception as error:  # a class that has no converter raises ValueError, a custom part Exception
        raise UserError(
            f"The tokenizer in {folder} is of a kind that only its own code can read: {type(tokenizer).__name__}.",
            why=shown(str(error), 200),
            remedy="Take a model that comes with a tokenizer.json.",
        ) from None


def _read(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _ends(said: dict[str, Any]) -> list[Any]:
    value = said.get("eos_token_id")
    return list(value) if isinstance(value, list) else [value]


def _main(folder: Path) -> int:
    sys.modules["torch"] = None  # type: ignore[assignment]  # a second and 200 MB that no tokenizer needs
    os.environ["TRANSFORMERS_VERBOSITY"] = "error"
    try:
        print(keep_tokenizer(folder))
    except UserError as error:
        print(json.dumps({"what": error.what, "why": error.why, "remedy": error.remedy}))
        return 2
    except OSError as error:
        what = f"The tokenizer of {folder} cannot be kept: {error.strerror or error}."
        print(json.dumps({"what": what, "why": "", "remedy": "Make room, or check the folder's permissions."}))
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(_main(Path(sys.argv[1])))
