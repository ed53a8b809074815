"""An event is its class and its line of a log: journal and history keep it by themselves."""

import json

from tests.house.scratch import Scratch

EVENTS = "workbench/core/job/events.py"
WORDS = "workbench/core/job/event_words.py"
CLASS = '''class Warmed(EventBase):
    """The card has come to its working temperature."""

    kind: Literal["warmed"] = "warmed"
    degrees: int


'''
CASE = """        case Warmed():
            return f"warm, {event.degrees} degrees"
"""
KEPT = """
import json
from workbench.core.job.event_words import in_words
from workbench.core.job.events import Notice, Warmed
from workbench.core.job.journal import JournalWriter
from workbench.core.job.run_folder import RunFolder
from workbench.core.recipe.recipe import Recipe

run = RunFolder.create(Recipe())
writer = JournalWriter(run.journal)
for event in (Notice(text="Cold."), Warmed(degrees=71)):
    writer.write(event)
writer.close()
print(json.dumps([in_words(event) for event in run.history().in_order(10)]))
"""


def test_that_an_event_is_its_class_and_its_words(scratch: Scratch) -> None:
    scratch.before(EVENTS, "Event = Annotated[", CLASS)
    scratch.replace(EVENTS, "    | Unrecognized,", "    | Unrecognized\n    | Warmed,")
    scratch.replace(WORDS, "    Unrecognized,\n)", "    Unrecognized,\n    Warmed,\n)")
    scratch.before(WORDS, "        case Unrecognized():\n            return f", CASE)
    assert json.loads(scratch.evaluate(KEPT)) == ["notice: Cold.", "warm, 71 degrees"]
    assert scratch.touched == {EVENTS, WORDS}
