"""Whether the tokenizer of a model folder is whole, read from its files alone."""

from pathlib import Path

from workbench.core.model.json_file import read_json
from workbench.core.problems import UserError, shown

# Each by itself is a tokenizer.
FILES = (
    ("tokenizer.json",),
    ("tokenizer.model",),
    ("vocab.json", "merges.txt"),
    ("vocab.txt",),
    ("spiece.model",),
    ("sentencepiece.bpe.model",),
    ("tekken.json",),
)
SETTINGS = "tokenizer_config.json"
# What tokenizer_config.json may say of its files.
_NAMES = ("vocab_file", "merges_file", "tokenizer_file", "spm_file")
_REMEDY = "Get the model's tokenizer files again: tokenizer.json, or what it has instead, and tokenizer_config.json."


# What belongs to a tokenizer beside one of FILES.
_BESIDE = (
    SETTINGS,
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "chat_template.json",
    "additional_chat_templates",
)


def names_in(folder: Path) -> list[str]:
    """The names of a tokenizer's files and folders in a folder, its chat templates among them."""
    names = dict.fromkeys([name for group in FILES for name in group] + list(_BESIDE))
    return [name for name in names if (folder / name).exists()]


def are_there(folder: Path) -> bool:
    """Whether all files of some tokenizer lie in a folder."""
    return any(all((folder / name).is_file() for name in names) for names in FILES)


def check(folder: Path) -> None:
    """Raises UserError where the tokenizer is not there, lacks a piece, or was cut; and OSError."""
    settings = {}
    if (folder / SETTINGS).is_file():
        settings = _object(folder / SETTINGS)
    if not are_there(folder):
        raise UserError(
            f"{folder} has no tokenizer.",
            why=_half_there(folder, settings),
            remedy="Put the model's tokenizer.json beside its weights.",
        )
    whole = folder / "tokenizer.json"
    if whole.is_file():
        model = _object(whole).get("model")
        if not isinstance(model, dict) or not model.get("vocab"):
            raise UserError(f"{whole} has no vocabulary.", remedy=_REMEDY)
    elif (folder / "vocab.json").is_file() and (folder / "merges.txt").is_file():
        _object(folder / "vocab.json")


def _half_there(folder: Path, settings: dict[str, object]) -> str:
    """What there is of a tokenizer that is not whole, as a sentence."""
    for names in FILES:
        there = [name for name in names if (folder / name).is_file()]
        if there:
            missing = next(name for name in names if name not in there)
            return f"It has {there[0]} and no {missing}."
    for key in _NAMES:
        name = settings.get(key)
        if isinstance(name, str) and name and not (folder / name).is_file():
            return f"Its {SETTINGS} names {shown(name)}, which is not there."
    return f"It has a {SETTINGS} alone." if settings else ""


def _object(path: Path) -> dict[str, object]:
    try:
        found = read_json(path)
    except ValueError as error:
        raise UserError(
            f"{path} is cut short or damaged: it is not valid JSON.", why=f"{shown(str(error), 200)}.", remedy=_REMEDY
        ) from None
    if not isinstance(found, dict):
        raise UserError(f"{path} holds no JSON object.", remedy=_REMEDY)
    return found
