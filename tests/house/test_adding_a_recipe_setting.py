"""A recipe setting is one declaration and its use: file, command line, checks and form have it by themselves."""

import json

from tests.house.scratch import Scratch

DECLARED = "workbench/core/recipe/recipe.py"
USED = "workbench/core/memory/adapter_shape.py"
ADDED = """    sparkle: int = setting(
        7, title="Sparkle", help="Shines.", unit="lumens", minimum=1, maximum=9, applies={"lora.enabled": (True,)}
    )
"""
SHOWN = """
import json
from PySide6.QtWidgets import QApplication, QLabel
from workbench.bridge.recipe_store import RecipeStore
from workbench.panes.look.theme import Theme
from workbench.panes.parts.page import FormColumn
from workbench.panes.train.form import TrainForm

application = QApplication([])
theme, store = Theme("light"), RecipeStore()
form = TrainForm(store, theme, FormColumn(theme))
form.more.opener.click()
row = form.rows.rows["lora.sparkle"]
field = row.field
words = [row.label.words.text(), field.toolTip(), field.findChild(QLabel, "fact").text()]
before = form.more.opener.accessibleName().startswith("More: 1 of ")
field.setValue(4)
after = form.more.opener.accessibleName().startswith("More: 1 of ")
numbers = [field.minimum(), field.maximum(), store.recipe.lora.sparkle]
shows = [not row.isHidden()]
store.set("lora.enabled", False)
shows.append(not row.isHidden())
print(json.dumps([words, numbers, [before, after], shows]))
"""
TAKEN = """
from workbench.core.memory.adapter_shape import adapter_sizes
from workbench.core.model.shape import starter
from workbench.core.recipe.recipe import Recipe
print(adapter_sizes(starter(), Recipe())[0][0][0])
"""


def test_that_a_setting_is_one_declaration_and_its_use(scratch: Scratch) -> None:
    scratch.before(DECLARED, "\n\nclass DataSettings(Section):", ADDED)
    scratch.replace(USED, "recipe.lora.rank", "recipe.lora.rank * recipe.lora.sparkle")
    _holds_in_file_and_command_line(scratch)
    words, numbers, differs, shows = json.loads(scratch.evaluate(SHOWN))
    assert words == ["Sparkle", "Shines.", "lumens"]
    assert numbers == [1, 9, 4]
    assert differs == [False, True]
    assert shows == [True, False]
    assert scratch.evaluate(TAKEN) == "112\n"
    assert scratch.touched == {DECLARED, USED}


def _holds_in_file_and_command_line(scratch: Scratch) -> None:
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
