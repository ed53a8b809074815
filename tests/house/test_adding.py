"""What workbench/README.md promises of adding a setting, done to a copy of the package."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ANCHOR = "class DataSettings(Section):"
ADDED = """    sparkle: int = setting(
        7, title="Sparkle", help="Shines.", unit="lumens", minimum=1, maximum=9, applies={"lora.enabled": (True,)}
    )


"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    folder = tmp_path / "copy"
    shutil.copytree(ROOT / "workbench", folder / "workbench", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "resources", folder / "resources")
    declared = folder / "workbench" / "core" / "recipe.py"
    text = declared.read_text(encoding="utf-8")
    assert text.count(ANCHOR) == 1
    declared.write_text(text.replace("\n\n\n" + ANCHOR, "\n" + ADDED + ANCHOR), encoding="utf-8")
    return folder


def run(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "workbench.cli", *words],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_that_one_declaration_is_found_in_file_command_line_and_checks(copy: Path) -> None:
    file = run(copy, "recipe")
    assert "# Sparkle: Shines. (1 to 9 lumens)\nsparkle = 7\n" in file.stdout, file.stderr
    assert "sparkle = 3\n" in run(copy, "recipe", "--set", "lora.sparkle=3").stdout
    assert "# Does not apply while lora.enabled = false.\nsparkle = 7\n" in (
        run(copy, "recipe", "--set", "lora.enabled=false").stdout
    )
    refused = run(copy, "recipe", "--set", "lora.sparkle=12")
    assert refused.returncode == 2
    assert "lora.sparkle cannot be 12. It takes 1 to 9 lumens." in " ".join(refused.stderr.split())
    misspelt = run(copy, "recipe", "--set", "lora.sparkel=3")
    assert '"lora.sparkle"' in misspelt.stderr
