"""The tokens that end a text and pad it: ones that the model has an embedding for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.core.model.json_file import read_json
from workbench.core.model.limits import ModelLimits, limits_of
from workbench.core.problems import UserError, shown
from workbench.core.units import grouped


def settle(tokenizer: Any, folder: Path, notice: Callable[[str], None]) -> None:
    """Sees to it that a folder's tokenizer has an end of text and padding; `notice` is given what was taken for them.

    Raises UserError where nothing ends a text.
    """
    limits = limits_of(folder)
    _set_end(tokenizer, folder, limits, notice)
    _set_padding(tokenizer, limits, notice)


def _set_end(tokenizer: Any, folder: Path, limits: ModelLimits, notice: Callable[[str], None]) -> None:
    """Without an end of text an answer would never end: config.json may know one that the tokenizer does not name."""
    if tokenizer.eos_token is None:
        number = next((each for each in _ends(folder) if 0 <= each < len(tokenizer)), None)
        token = None if number is None else tokenizer.convert_ids_to_tokens(number)
        if not isinstance(token, str):
            raise UserError(
                f"The tokenizer in {folder} has no special token that ends a text.",
                why="Its tokenizer_config.json names no eos_token, and neither config.json nor generation_config.json "
                "has the eos_token_id of a token.",
                remedy='Get the model\'s tokenizer_config.json, or write into it which token ends a text: "eos_token".',
            )
        tokenizer.eos_token = token
        notice(f'The tokenizer names no end of text: "{shown(token, 40)}" is taken, as config.json says.')
    if limits.words and tokenizer.eos_token_id >= limits.words:
        raise UserError(
            f'The token "{shown(str(tokenizer.eos_token), 40)}", which ends a text, has the number '
            f"{grouped(tokenizer.eos_token_id)}, and the embedding of {limits.model} has {grouped(limits.words)} rows.",
            why="The tokenizer has more tokens than the model.",
            remedy="Get the tokenizer that belongs to this model.",
        )


def _set_padding(tokenizer: Any, limits: ModelLimits, notice: Callable[[str], None]) -> None:
    """What is padded is masked, so any token does as long as the model can look it up."""
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    elif limits.words and tokenizer.pad_token_id >= limits.words:
        given, number = tokenizer.pad_token, tokenizer.pad_token_id
        tokenizer.pad_token = tokenizer.eos_token
        notice(
            f'The padding token "{shown(str(given), 40)}" has the number {grouped(number)}, and the embedding '
            f'{grouped(limits.words)} rows: rows are padded with "{shown(str(tokenizer.eos_token), 40)}" instead, '
            "which is masked as all padding is."
        )


def _ends(folder: Path) -> list[int]:
    """The ids of tokens that end a text, as generation_config.json and config.json say them."""
    found: list[int] = []
    for name in ("generation_config.json", "config.json"):
        try:
            said: Any = read_json(folder / name)
        except (OSError, ValueError):
            continue
        value = said.get("eos_token_id") if isinstance(said, dict) else None
        found += [each for each in (value if isinstance(value, list) else [value]) if type(each) is int]
    return found
