"""What only a card can show: run with `python3 main.py test -m gpu` on a machine that has one."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes import tiny_recipe
from workbench.core.job import launch
from workbench.core.job.run_folder import RunFolder

pytestmark = pytest.mark.gpu


@pytest.fixture(autouse=True)
def _card() -> None:
    torch = pytest.importorskip("torch")
    if not torch.cuda.is_available():
        pytest.skip("there is no NVIDIA card")


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8", "nf4", "fp4"])
@pytest.mark.parametrize("optimizer", ["adamw_torch_fused", "paged_adamw_8bit"])
def test_that_a_run_on_the_card_measures_its_memory(
    precision: str, optimizer: str, tiny_model: Callable[[str], Path], rows: Path
) -> None:
    changes = ["model.device=cuda", f"model.precision={precision}", f"training.optimizer={optimizer}"]
    run = RunFolder.create(tiny_recipe(tiny_model("llama"), rows, *changes))
    assert launch.start(run).wait() == 0, run.console.read_text()
    history = run.history()
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    memory = history.steps[-1].memory
    assert 0 < memory.allocated_bytes <= memory.allocated_peak_bytes <= memory.reserved_bytes
    assert memory.reserved_bytes < memory.card_used_bytes <= memory.card_total_bytes


def test_that_the_card_multiplies_in_4_bits() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workbench.engine.device_check"], capture_output=True, text=True, check=True
    )
    report = json.loads(done.stdout)
    assert report["kind"] == "cuda"
    assert not report["problem"]
