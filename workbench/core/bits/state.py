"""What the Bits page shows, as one line of text: "bits value=1/3 formats=fp16,bf16 rounding=up"."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from workbench.core.bits.inspection import hexadecimal
from workbench.core.problems import UserError, nearest, shown
from workbench.numerics.format_text import format_text, read_format
from workbench.numerics.named_formats import NUMBER_FORMATS, find_format
from workbench.numerics.number_format import FormatError, NumberFormat, slug_of
from workbench.numerics.number_text import NumberTextError, read_number
from workbench.numerics.rounding import Rounding

WORD = "bits"
MOST_CHARACTERS = 20_000
MOST_FORMATS = 40
KEYS = ("value", "formats", "own", "rounding", "seed", "saturate", "lock")
KEPT_CHARACTERS = "/+-.^*()"  # written as they are; the others by percent signs


@dataclass(frozen=True)
class BitsState:
    """The typed value, the rows in their order, and how they round.

    A locked row keeps its code, whatever the value is; `locks` has the slugs of their formats. `own` are the formats
    that a person made, whether shown or not; one with the name of a known format takes its place.
    """

    value: str
    formats: tuple[NumberFormat, ...] = tuple(NUMBER_FORMATS.values())
    own: tuple[NumberFormat, ...] = ()
    rounding: Rounding = Rounding.NEAREST_EVEN
    seed: int = 0
    saturate: bool = False
    locks: Mapping[str, int] = field(default_factory=dict)

    def to_text(self) -> str:
        """The line that `from_text` reads."""
        parts = [WORD, f"value={quote(self.value, KEPT_CHARACTERS)}"]
        parts += [f"own={quote(entry.name, KEPT_CHARACTERS)}:{format_text(entry)}" for entry in self.own]
        parts.append("formats=" + ",".join(entry.slug for entry in self.formats))
        if self.rounding is not Rounding.NEAREST_EVEN:
            parts.append(f"rounding={self.rounding.slug}")
        if self.seed:
            parts.append(f"seed={self.seed}")
        if self.saturate:
            parts.append("saturate=yes")
        shown_formats = {entry.slug: entry for entry in self.formats}
        parts += [f"lock={slug}:{hexadecimal(shown_formats[slug], code)}" for slug, code in self.locks.items()]
        return " ".join(parts)

    @staticmethod
    def from_text(line: str) -> "BitsState":
        """Raises UserError, which says what is wrong with the line."""
        if len(line) > MOST_CHARACTERS:
            raise UserError(f"A line of the Bits page has {MOST_CHARACTERS:,} characters at most.")
        word, *parts = line.split() or [""]
        if word != WORD:
            raise UserError('A line of the Bits page begins with "bits", such as: bits value=1/3 formats=fp16,bf16')
        return _Parts(parts).state()


class _Parts:
    """The `key=value` parts of a line."""

    def __init__(self, parts: list[str]) -> None:
        self._texts: dict[str, list[str]] = {}
        for part in parts:
            key, mark, text = part.partition("=")
            if not mark or key not in KEYS:
                raise UserError(f'"{shown(part)}" says nothing to the Bits page.{nearest(key, list(KEYS))}')
            self._texts.setdefault(key, []).append(text)

    def state(self) -> BitsState:
        own = [_own_format(text) for text in self._texts.get("own", [])]
        formats = self._formats({entry.slug: entry for entry in own})
        return BitsState(
            value=self._value(),
            formats=formats,
            own=tuple(own),
            rounding=self._rounding(),
            seed=self._seed(),
            saturate=self._saturate(),
            locks=self._locks({entry.slug: entry for entry in formats}),
        )

    def _one(self, key: str, default: str) -> str:
        texts = self._texts.get(key, [default])
        if len(texts) > 1:
            raise UserError(f"The line gives {key} more than once.")
        return texts[0]

    def _value(self) -> str:
        text = unquote(self._one("value", "0"))
        try:
            read_number(text)
        except NumberTextError as error:
            raise UserError(f'"{shown(text, 40)}" is not a number.', why=str(error)) from None
        return text

    def _formats(self, own: dict[str, NumberFormat]) -> tuple[NumberFormat, ...]:
        text = self._one("formats", "")
        if not text:
            return tuple(own.get(entry.slug, entry) for entry in NUMBER_FORMATS.values())
        slugs = text.split(",")
        if len(slugs) > MOST_FORMATS:
            raise UserError(f"The Bits page shows {MOST_FORMATS} formats at most.")
        chosen: dict[str, NumberFormat] = {}
        for slug in slugs:
            entry = own.get(slug_of(slug)) or named_format(slug)
            if entry.slug in chosen:
                raise UserError(f"The line names {entry.name} twice.")
            chosen[entry.slug] = entry
        return tuple(chosen.values())

    def _rounding(self) -> Rounding:
        try:
            return Rounding.named(self._one("rounding", Rounding.NEAREST_EVEN))
        except ValueError as error:
            raise UserError(str(error)) from None

    def _seed(self) -> int:
        text = self._one("seed", "0")
        if not (text.isascii() and text.isdigit() and len(text) < 20):
            raise UserError("A seed is a whole number of at most 19 digits.")
        return int(text)

    def _saturate(self) -> bool:
        text = self._one("saturate", "no")
        if text not in ("yes", "no"):
            raise UserError("saturate is yes or no.")
        return text == "yes"

    def _locks(self, formats: dict[str, NumberFormat]) -> dict[str, int]:
        locks = {}
        for text in self._texts.get("lock", []):
            slug, _, code = text.partition(":")
            if slug not in formats:
                raise UserError(f'"{shown(slug, 40)}" is locked and is not among the formats shown.')
            locks[slug] = read_code(formats[slug], code)
        return locks


def _own_format(text: str) -> NumberFormat:
    name, _, description = text.partition(":")
    try:
        return read_format(unquote(name), description)
    except FormatError as error:
        raise UserError(str(error)) from None


def named_format(text: str) -> NumberFormat:
    """A format by any of its names. Raises UserError."""
    try:
        return find_format(text)
    except FormatError as error:
        raise UserError(str(error)) from None


def read_code(entry: NumberFormat, text: str) -> int:
    """A code as "0x3F81", "0b101" or "16257". Raises UserError."""
    plain = text.strip().replace("_", "")
    try:
        if not plain.isascii() or len(plain) > 80:
            raise ValueError
        code = int(plain, 0) if plain.lower().startswith(("0x", "0b")) else int(plain)
    except ValueError:
        raise UserError(f'"{shown(text, 40)}" is not a code.', remedy="Write it as 0x3F81, 0b101 or 5.") from None
    try:
        return entry.checked(code)
    except ValueError as error:
        raise UserError(f"{shown(text, 40)} does not fit {entry.name}.", why=str(error)) from None
