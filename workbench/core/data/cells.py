"""One value of a row taken as text: what a tokenizer can read, or what is wrong with it."""

import datetime
import json
import math
from decimal import Decimal
from typing import Any

from workbench.core.data.wrong import CellError, Wrong, value_in_words
from workbench.core.problems import shown

# What spreadsheets show in place of a value, as they are written in English and in other languages.
_FORMULA_ERRORS = """
    #REF! #N/A #VALUE! #DIV/0! #NAME? #NULL! #NUM! #SPILL! #CALC! #GETTING_DATA #FIELD! #BLOCKED! #CONNECT!
    #BEZUG! #NV #WERT! #ZAHL! #VALEUR! #NOM? #NUL! #NOMBRE! #¡REF! #¡VALOR! #¡DIV/0! #¿NOMBRE? #¡NULO! #¡NUM!
    #RIF! #N/D #VALORE! #NOME? #NULLO! #VALOR! #VERW! #N/B #WAARDE! #DEEL/0! #NAAM? #LEEG! #GETAL!
    #ADR! #ARG! #DZIEL/0! #NAZWA? #ZERO! #LICZBA! #ССЫЛКА! #Н/Д #ЗНАЧ! #ДЕЛ/0! #ИМЯ? #ПУСТО! #ЧИСЛО!
"""  # noqa: RUF001
FORMULA_ERRORS = frozenset(_FORMULA_ERRORS.split())
# With spaces around it.
_LONGEST_ERROR = 24
NUMBERS = "numbers as text"
_LARGEST_WHOLE = 1e16  # up to here a float that is whole is shown without its point


def text_of(value: Any, name: str, changes: set[str]) -> str:
    """A cell as text, empty for null and NaN; a number taken as text is added to `changes`. Raises Wrong.

    `name` says which cell it is, such as "answer" or `"content" of turn 2`, quoted where it is a column's name.
    """
    if type(value) is not str:
        value = _shown(value, name, changes)
    if "\0" in value:
        place = value.index("\0") + 1
        raise Wrong(f"{name} has a NUL character at position {place}.", "Take the character out.", kind="bad character")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            half = f"U+{ord(value[error.start]):04X}"
            raise Wrong(
                f"{name} has half a character ({half}) at position {error.start + 1}.",
                "Take it out.",
                kind="bad character",
            ) from None
    if len(value) <= _LONGEST_ERROR and "#" in value and value.strip() in FORMULA_ERRORS:
        raise _formula_error(value.strip(), name)
    return str(value)


def is_clean(text: str) -> bool:
    """Whether a text says something and nothing can be wrong with it, without a close look; False tells nothing."""
    if text.isascii() and "\0" not in text and not text.isspace():
        return len(text) > _LONGEST_ERROR or (text != "" and "#" not in text)
    return False


def filled(value: Any, name: str, changes: set[str]) -> str:
    """As `text_of`, and not empty. Raises Wrong."""
    text = text_of(value, name, changes)
    if not text or text.isspace():
        raise empty(name)
    return text


def parsed_json(value: Any) -> Any:
    """JSON text as what it says; anything else, and other text, as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def empty(name: str) -> Wrong:
    return Wrong(f"{name} is empty.", "Fill it in, or leave the row out.", kind="empty")


def quoted(name: str) -> str:
    """A column's name within a sentence."""
    return f'"{shown(name)}"'


def _formula_error(error: str, name: str) -> Wrong:
    return Wrong(
        f"{name} holds the error {error} in place of a value.",
        "Mend the formula in the spreadsheet, and save it.",
        kind="formula error",
    )


def _shown(value: Any, name: str, changes: set[str]) -> str:
    """What is not text as it is shown; empty for what stands for nothing. Raises Wrong."""
    match value:
        case None:
            return ""
        case bool():
            text = "true" if value else "false"
        case int():
            text = _digits(value, name)
        case float():
            if math.isnan(value):
                return ""
            text = str(int(value)) if value.is_integer() and abs(value) < _LARGEST_WHOLE else repr(value)
        case Decimal() | datetime.date() | datetime.time():
            text = str(value).removesuffix(" 00:00:00")
        case CellError():
            raise _formula_error(value.text, name)
        case _:
            raise Wrong(
                f"{name} has to be text, and is {value_in_words(value)}.",
                "Write it as text, or leave the row out.",
                kind="wrong type",
            )
    changes.add(NUMBERS)
    return text


def _digits(value: int, name: str) -> str:
    try:
        return str(value)
    except ValueError:  # Python writes numbers of up to 4300 digits
        raise Wrong(
            f"{name} is a number of thousands of digits.", "Write it as text, or leave the row out.", kind="wrong type"
        ) from None
