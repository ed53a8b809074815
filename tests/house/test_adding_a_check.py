"""A check across settings is a rule: the command line, the form and the engine have it by themselves."""

import json

from tests.house.scratch import Scratch

RULES = "workbench/core/recipe/rules.py"
RULE = """def _seed(recipe: Recipe) -> list[Problem]:
    if recipe.training.seed != 13 or recipe.lora.rank != 13:
        return []
    return [Problem("training.seed", "Twice thirteen brings bad luck.", "Set lora.rank = 14.")]


"""
SHOWN = """
import json
from PySide6.QtWidgets import QApplication
from workbench.bridge.recipe_store import RecipeStore
from workbench.panes.look.theme import Theme
from workbench.panes.parts.page import FormColumn
from workbench.panes.train.form import TrainForm

application = QApplication([])
store, theme = RecipeStore(), Theme("light")
form = TrainForm(store, theme, FormColumn(theme))
form.more.opener.click()
row = form.rows.rows["training.seed"]
said = [row.problem_text()]
store.set_many({"training.seed": 13, "lora.rank": 13})
print(json.dumps([*said, row.problem_text(), form.first_problem()]))
"""


def test_that_a_check_is_one_rule(scratch: Scratch) -> None:
    scratch.before(RULES, "def _adapter(recipe: Recipe)", RULE)
    scratch.replace(RULES, "*_adapter(recipe),", "*_adapter(recipe), *_seed(recipe),")
    refused = scratch.workbench("train", "starter", "--set", "training.seed=13", "--set", "lora.rank=13")
    assert refused.returncode == 2
    assert "training.seed: Twice thirteen brings bad luck. Set lora.rank = 14." in " ".join(refused.stderr.split())
    before, row, train = json.loads(scratch.evaluate(SHOWN))
    assert before == ""
    assert row == "Twice thirteen brings bad luck. Set Rank to 14."
    assert train == "Twice thirteen brings bad luck"
    assert scratch.touched == {RULES}
