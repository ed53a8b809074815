"""Words of a command as a shell takes them: what is pasted into a terminal means there what it says here."""

import os
import re
import shlex
from pathlib import Path
from typing import Literal

Shell = Literal["posix", "powershell", "cmd"]

_SHELLS: dict[str, Shell] = {"powershell.exe": "powershell", "pwsh.exe": "powershell", "cmd.exe": "cmd"}
# What no shell reads anything into, where it does not stand first.
_PLAIN = re.compile(r"[\w./:@+-]*[\w./:@+]", re.ASCII)
_PLAIN_ON_WINDOWS = re.compile(r"[\w./:\\+-]*[\w./:\\+]", re.ASCII)
# PowerShell takes the curled ones for straight ones: each ends a text, and two of them are one within it.
_SINGLE_QUOTES = re.compile("['\u2018\u2019\u201a\u201b]")


def shell_of_system() -> Shell:
    """The shell that a person here pastes into: on Windows the one that this was started from, else PowerShell."""
    if os.name != "nt":
        return "posix"
    import psutil  # where it is asked for alone

    for parent in psutil.Process().parents():
        shell = _SHELLS.get(parent.name().lower())
        if shell is not None:
            return shell
    return "powershell"


def quoted(word: str, shell: Shell) -> str:
    """A word as the shell hands it to a program, whatever is in it."""
    match shell:
        case "posix":
            return _in_posix(word)
        case "powershell":
            return _in_powershell(word)
        case "cmd":
            return _in_cmd(word)


def quoted_path(path: Path, shell: Shell) -> str:
    """A path as an argument; in the home folder it begins with "~" where the shell knows that."""
    if shell == "posix" and path != Path.home() and path.is_relative_to(Path.home()):
        rest = quoted(path.relative_to(Path.home()).as_posix(), shell)
        return f"~/{rest}"
    return quoted(str(path), shell)


def change_to(folder: Path, shell: Shell) -> str:
    """The line that goes into a folder, whichever drive it lies on."""
    path = quoted_path(folder, shell)
    if shell == "cmd":
        return f"cd /d {path}"
    if shell == "powershell" and ("[" in path or "]" in path):  # else a pattern of names
        return f"cd -LiteralPath {path}"
    return f"cd {path}" if not path.startswith("-") else f"cd -- {path}"


def _in_posix(word: str) -> str:
    if _PLAIN.fullmatch(word) and not word.startswith("~"):
        return word
    if not re.search(r'["$`\\!]', word):  # "!" is history in an interactive shell
        return f'"{word}"'
    return shlex.quote(word)


def _in_powershell(word: str) -> str:
    if _PLAIN_ON_WINDOWS.fullmatch(word) and not word.startswith("-"):
        return word
    doubled = _SINGLE_QUOTES.sub(lambda found: found[0] * 2, word)
    return f"'{doubled}'"


def _in_cmd(word: str) -> str:
    """By the rules of the C runtime, with each percent sign outside the quotes, where a caret keeps it as it is."""
    if _PLAIN_ON_WINDOWS.fullmatch(word):
        return word
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', word)
    escaped = re.sub(r"(\\+)$", r"\1\1", escaped)
    return '"' + escaped.replace("%", '"^%"') + '"'
