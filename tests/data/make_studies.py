"""Makes the studies in tests/data/studies anew: real ones, and the tiny model that two of them are of.

`.venv/bin/python -m tests.data.make_studies [KIND ...]`, kinds being layers, outliers and measure. The race is one of
the starter in every precision, with ten steps of training each: ten minutes of two cores, in a WORKBENCH_HOME that has
the starter. A finished one there is taken as it is.
"""

import shutil
import sys

from tests.data.make_journals import KEPT, neutral
from tests.fakes import FAMILIES, save_tiny_model
from tests.studies import PLACEHOLDER, STUDIES
from workbench.core import places
from workbench.core.job import launch
from workbench.core.job.run_folder import RunFolder, RunState
from workbench.core.job.study import create_study, latest_study
from workbench.core.job.study_kinds import LayersRequest, MeasureRequest, OutliersRequest, Request

MODEL = STUDIES / "model"


def main(kinds: list[str]) -> None:
    asked: dict[str, Request] = {
        "layers": LayersRequest(model=str(MODEL), formats=("nf4", "fp4", "int8")),
        "outliers": OutliersRequest(model=str(MODEL)),
        "measure": MeasureRequest(model="starter", train_steps=10),
    }
    if not MODEL.is_dir():
        save_tiny_model(FAMILIES["llama"](), MODEL)
    for kind in kinds or asked:
        request = asked[kind]
        run = latest_study(request.kind) if kind == "measure" else None
        if run is None:
            run = create_study(request)
            launch.start(run).wait()
        if run.state() is not RunState.FINISHED:
            sys.exit(f"{run.path} did not finish:\n{run.console.read_text()}")
        keep(run, kind)


def keep(run: RunFolder, kind: str) -> None:
    """Copies what a study says, with neutral paths, and what it found."""
    target = STUDIES / kind
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for source in run.path.iterdir():
        if source.name in KEPT:
            text = source.read_text("utf-8", errors="replace").replace(str(MODEL), PLACEHOLDER)
            (target / source.name).write_text(neutral(text), encoding="utf-8")
        elif source.suffix == ".npz":
            shutil.copy(source, target)
    print(f"{kind}: {sum(path.stat().st_size for path in target.iterdir()) / 1e3:.0f} kB", flush=True)


if __name__ == "__main__":
    if not places.home().is_dir():
        sys.exit("WORKBENCH_HOME names no folder.")
    main(sys.argv[1:])
