"""What a person says of a run, kept in its folder: a name of their own and tags in label.toml, notes in notes.txt."""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from workbench.core import places
from workbench.core.problems import UserError, shown
from workbench.core.recipe.text import literal
from workbench.core.whole_file import write_whole

LABEL, NOTES = "label.toml", "notes.txt"
LONGEST_NAME = 120
LONGEST_TAG = 40
MOST_TAGS = 50
LONGEST_NOTES = 100_000
_LARGEST_LABEL_BYTES = 100_000
_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Label:
    """A run's name, nothing where it has its folder's, and its tags, each once whatever its case."""

    name: str = ""
    tags: tuple[str, ...] = ()

    def has_tag(self, tag: str) -> bool:
        return tag.casefold() in (known.casefold() for known in self.tags)

    def tagged(self, *tags: str) -> "Label":
        """With further tags. Raises UserError where one is not a tag, or they are too many."""
        label = self
        for tag in map(tidy_tag, tags):
            if not label.has_tag(tag):
                label = replace(label, tags=(*label.tags, tag))
        if len(label.tags) > MOST_TAGS:
            raise UserError(f"A run has at most {MOST_TAGS} tags.", remedy="Take some off first.")
        return label

    def without(self, *tags: str) -> "Label":
        """Raises UserError where it has not got one of them."""
        for tag in tags:
            if not self.has_tag(tag):
                has = f"It has {', '.join(self.tags)}." if self.tags else "It has none."
                raise UserError(f'It has no tag "{shown(tag)}".', remedy=has)
        gone = {tag.casefold() for tag in tags}
        return replace(self, tags=tuple(known for known in self.tags if known.casefold() not in gone))

    def named(self, name: str) -> "Label":
        """With another name, nothing for the folder's own. Raises UserError."""
        return replace(self, name=_tidy(name, "name", LONGEST_NAME))


def tidy_tag(tag: str) -> str:
    """The tag in one line. Raises UserError where there is nothing of it, or what a list of tags cannot hold."""
    tidy = _tidy(tag, "tag", LONGEST_TAG)
    if not tidy or "," in tidy:
        raise UserError(f'"{shown(tag)}" is not a tag.', remedy="A tag is a word or a few, without a comma.")
    return tidy


def _tidy(text: str, what: str, longest: int) -> str:
    tidy = " ".join(text.split())
    if len(tidy) > longest:
        raise UserError(f'The {what} "{shown(tidy)}" is longer than {longest} characters.', remedy="Shorten it.")
    if not tidy.isprintable():
        raise UserError(f'The {what} "{shown(tidy)}" has characters that cannot be shown.', remedy="Type it anew.")
    return tidy


# -- in the folder -----------------------------------------------------------------------------------------------------


def read_label(folder: Path) -> Label:
    """Raises UserError where what the folder holds is not a label."""
    path = folder / LABEL
    mend = "Mend that file or delete it."
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_LABEL_BYTES + 1)
        if len(data) > _LARGEST_LABEL_BYTES:
            raise UserError(f"{path} is larger than a label can be.", remedy=mend)
        tables = tomllib.loads(data.decode("utf-8"))
    except FileNotFoundError:
        return Label()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.", remedy=mend) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise UserError(f"{path} cannot be read: {shown(str(error), 200)}.", remedy=mend) from None
    name, tags = tables.get("name", ""), tables.get("tags", [])
    if not (isinstance(name, str) and isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)):
        raise UserError(f"{path} does not hold a name and a list of tags.", remedy=mend)
    try:
        label = Label().named(name).tagged(*tags)
    except UserError as error:
        raise UserError(f"{path}: {error.what}", remedy=mend) from None
    return label


def change_label(folder: Path, change: Callable[[Label], Label]) -> Label:
    """Puts what `change` makes of the label in its place: nothing is lost where two do it at once. Raises UserError."""
    from filelock import FileLock, Timeout

    try:
        places.home().mkdir(parents=True, exist_ok=True)
        with FileLock(places.home() / "labels.lock", timeout=_PATIENCE_SECONDS):
            before = read_label(folder)
            after = change(before)
            if after != before:
                _write(folder / LABEL, _as_toml(after))
            return after
    except (Timeout, OSError) as error:
        raise _unwritable(folder, error) from None


def _as_toml(label: Label) -> str:
    if label == Label():
        return ""
    return f"# What you call this run, and its tags.\nname = {literal(label.name)}\ntags = {literal(label.tags)}\n"


def read_notes(folder: Path) -> str:
    """The notes as they are, none where there are none. Raises UserError where they cannot be read as text."""
    path = folder / NOTES
    try:
        with path.open(encoding="utf-8-sig") as file:  # some editors write a byte order mark
            text = file.read(LONGEST_NOTES + 1)
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8 text.", remedy="Save it as UTF-8, or delete it.") from None
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from None
    if len(text) > LONGEST_NOTES:
        raise UserError(f"{path} is longer than notes can be.", remedy=f"Shorten it to {LONGEST_NOTES} characters.")
    return text


def write_notes(folder: Path, text: str) -> None:
    """Puts the notes in their place, whole; no text takes them away. Raises UserError."""
    if len(text) > LONGEST_NOTES:
        raise UserError(f"Notes of {len(text)} characters are too long.", remedy=f"At most {LONGEST_NOTES} are kept.")
    try:
        _write(folder / NOTES, text.encode("utf-8", "replace").decode("utf-8") if text.strip() else "")
    except OSError as error:
        raise _unwritable(folder, error) from None


def _write(path: Path, text: str) -> None:
    if text:
        write_whole(path, text)
    else:
        path.unlink(missing_ok=True)


def _unwritable(folder: Path, error: Exception) -> UserError:
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return UserError(f"Nothing can be noted of run {folder.name}: {why}.", remedy="Make room or grant writing there.")
