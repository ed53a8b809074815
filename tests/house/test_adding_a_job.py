"""A job is its module with run(job) and its case in the engine."""

from pathlib import Path

from tests.house.scratch import Scratch

JOB = "workbench/engine/job/greeting.py"
ENGINE = "workbench/engine/__main__.py"
DONE = '''
"""The greeting: a job that says a word."""

from workbench.core.job.events import Ended
from workbench.engine.job.job import Job


def run(job: Job) -> Ended:
    """Does the whole job and returns how it ended."""
    job.notice("Good morning.")
    return Ended(state="finished")
'''
CASE = """        case "greeting":
            from workbench.engine.job import greeting

            return greeting.run(job)
"""
MADE = """
import sys
from pathlib import Path
from workbench.core.job.run_folder import RunFolder
print(RunFolder.make(Path(sys.argv[1]), "greeting", '[job]\\nkind = "greeting"\\n').path)
"""
ENDED = """
import sys
from pathlib import Path
from workbench.core.job.run_folder import RunFolder
run = RunFolder.open(Path(sys.argv[1]))
print(run.history().notices[0].text, run.state())
"""


def test_that_a_job_is_its_module_and_its_case(scratch: Scratch, tmp_path: Path) -> None:
    scratch.create(JOB, DONE)
    scratch.before(ENGINE, '        case "train":\n', CASE)
    folder = scratch.evaluate(MADE, str(tmp_path)).strip()
    engine = scratch.python("-m", "workbench.engine", folder)
    assert engine.returncode == 0, engine.stderr
    assert scratch.evaluate(ENDED, folder) == "Good morning. finished\n"
    assert scratch.touched == {JOB, ENGINE}
