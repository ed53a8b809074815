"""Words of a command as a shell takes them."""

import shutil
import subprocess
from pathlib import Path

import pytest

from workbench.core.export.shells import Shell, change_to, quoted, quoted_path, shell_of_system

WORDS = (
    "plain",
    "two words",
    'what\'s "that"?',
    "100 % of $HOME, `date` and !!",
    "back\\slash and \\",
    "~",
    "-x",
    "a;b&c|d>e<f(g)*?[h]{i}#",
    "Grüße an Ähm, 是的",
    "",
)


@pytest.mark.parametrize("word", WORDS)
def test_that_a_posix_shell_hands_a_program_the_very_word(word: str) -> None:
    for shell in filter(None, map(shutil.which, ("sh", "bash"))):
        done = subprocess.run([shell, "-c", f"printf %s {quoted(word, 'posix')}"], capture_output=True, check=True)
        assert done.stdout.decode() == word


def test_that_powershell_hands_on_the_very_words() -> None:
    shell = shutil.which("pwsh") or shutil.which("powershell")
    if shell is None:
        pytest.skip("PowerShell is not here")
    words = ",".join(quoted(word, "powershell") for word in WORDS if quoted(word, "powershell") != word)
    script = f"[Console]::OutputEncoding=[Text.Encoding]::UTF8; [Console]::Write(({words}) -join '|')"
    done = subprocess.run([shell, "-NoProfile", "-Command", script], capture_output=True, check=True)
    assert done.stdout.decode() == "|".join(word for word in WORDS if quoted(word, "powershell") != word)


@pytest.mark.parametrize(
    ("word", "shell", "written"),
    [
        ("C:\\models\\bicycle", "powershell", "C:\\models\\bicycle"),
        ("it's", "powershell", "'it''s'"),
        ("it\u2019s $HOME", "powershell", "'it\u2019\u2019s $HOME'"),
        ("-p", "powershell", "'-p'"),
        ("", "powershell", "''"),
        ("C:\\models\\bicycle", "cmd", "C:\\models\\bicycle"),
        ("C:\\my models\\", "cmd", '"C:\\my models\\\\"'),
        ("100 %PATH%", "cmd", '"100 "^%"PATH"^%""'),
        ('say "a\\"', "cmd", '"say \\"a\\\\\\""'),
        ("a & b", "cmd", '"a & b"'),
        ("", "cmd", '""'),
    ],
)
def test_that_the_shells_of_windows_are_given_their_own_quotes(word: str, shell: Shell, written: str) -> None:
    assert quoted(word, shell) == written


def test_that_a_path_at_home_begins_with_a_tilde_that_the_shell_still_knows() -> None:
    home = Path.home()
    assert quoted_path(home / "models" / "bicycle", "posix") == "~/models/bicycle"
    spaced = quoted_path(home / "my models", "posix")
    done = subprocess.run(["sh", "-c", f"printf %s {spaced}"], capture_output=True, check=True)
    assert done.stdout.decode() == str(home / "my models")
    assert quoted_path(home / "my models", "powershell").startswith("'")


def test_that_one_goes_into_a_folder_whatever_it_is_called(tmp_path: Path) -> None:
    folder = tmp_path / "-my [best] $models"
    folder.mkdir()
    done = subprocess.run(["sh", "-c", f"{change_to(folder, 'posix')} && pwd -P"], capture_output=True, check=True)
    assert done.stdout.decode().rstrip("\n") == str(folder.resolve())
    assert change_to(Path("/m/a[b]"), "powershell") == "cd -LiteralPath '/m/a[b]'"
    assert change_to(Path("/m/a b"), "cmd").startswith('cd /d "')


def test_that_this_system_has_a_shell() -> None:
    assert shell_of_system() in ("posix", "powershell", "cmd")
