"""What workbench/README.md promises of adding a recipe setting, done to a copy of the package."""

from tests.house.scratch import Scratch

RECIPE = "workbench/core/recipe/recipe.py"
ADDED = """    sparkle: int = setting(
        7, title="Sparkle", help="Shines.", unit="lumens", minimum=1, maximum=9, applies={"lora.enabled": (True,)}
    )
"""


def test_that_one_declaration_is_found_in_file_command_line_and_checks(scratch: Scratch) -> None:
    scratch.before(RECIPE, "\n\nclass DataSettings(Section):", ADDED)
    file = scratch.workbench("recipe")
    assert "# Sparkle: Shines. (1 to 9 lumens)\nsparkle = 7\n" in file.stdout, file.stderr
    assert "sparkle = 3\n" in scratch.workbench("recipe", "--set", "lora.sparkle=3").stdout
    assert "# Does not apply while lora.enabled = false.\nsparkle = 7\n" in (
        scratch.workbench("recipe", "--set", "lora.enabled=false").stdout
    )
    refused = scratch.workbench("recipe", "--set", "lora.sparkle=12")
    assert refused.returncode == 2
    assert "lora.sparkle cannot be 12. It takes 1 to 9 lumens." in " ".join(refused.stderr.split())
    misspelt = scratch.workbench("recipe", "--set", "lora.sparkel=3")
    assert '"lora.sparkle"' in misspelt.stderr
    assert scratch.touched == {RECIPE}
