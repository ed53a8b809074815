"""Runs whose memory runs out, and that go on by themselves in smaller batches."""

import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import tiny_recipe
from workbench.core.job import launch
from workbench.core.job.events import Healed, Notice
from workbench.core.job.history import History
from workbench.core.job.journal import JournalReader
from workbench.core.job.run_folder import RunFolder
from workbench.core.recipe.recipe import Recipe

Train = Callable[[Recipe], tuple[RunFolder, History]]
Tiny = Callable[..., Recipe]
# More than any machine has: the CPU's allocator refuses it with the error of a real want.
ABSURD = 1 << 60
# Of a loss, between a batch at once and in pieces: FP32 sums in another order, and what four steps make of that.
CLOSE = 1e-4


@pytest.fixture
def tiny(tiny_model: Callable[[str], Path], rows: Path) -> Tiny:
    exact = ["model.precision=fp32", "model.compute_dtype=fp32", "training.packing=false", "samples.count=0"]
    return lambda *changes: tiny_recipe(tiny_model("llama"), rows, *exact, *changes)


@contextmanager
def wants_too_much(is_met: Callable[[Any, int], bool]) -> Iterator[list[int]]:
    """Within it, a training forward pass of which `is_met` says so (its input, how many there were) asks for ABSURD."""
    import torch
    from torch.nn.modules.module import register_module_forward_pre_hook
    from transformers import LlamaForCausalLM

    rows: list[int] = []

    def look(module: Any, given: Any) -> None:
        if isinstance(module, torch.nn.Embedding) and torch.is_grad_enabled():
            rows.append(given[0].shape[0])
            if is_met(given[0], len(rows)):
                torch.empty(ABSURD, dtype=torch.uint8)

    assert LlamaForCausalLM
    hook = register_module_forward_pre_hook(look)
    try:
        yield rows
    finally:
        hook.remove()


def losses(history: History) -> list[float]:
    assert history.ended is not None
    assert history.ended.state == "finished", history.ended
    return [step.loss for step in history.steps]


@pytest.mark.parametrize("fails_at", [1, 3, 4], ids=lambda place: f"at forward pass {place}")
@pytest.mark.parametrize("changes", [["training.batch_size=4"], ["training.batch_size=6", "training.accumulation=2"]])
def test_that_a_healed_run_has_the_losses_of_an_undisturbed_one(
    changes: list[str], fails_at: int, tiny: Tiny, train_here: Train
) -> None:
    same = [*changes, "evaluation.fraction=0.25", "evaluation.every_steps=2"]
    _, undisturbed = train_here(tiny(*same))
    with wants_too_much(lambda given, count: count == fails_at) as seen:
        run, healed = train_here(tiny(*same))
    batch, accumulation = run.recipe().training.batch_size, run.recipe().training.accumulation
    assert [(heal.micro_batch, heal.accumulation) for heal in healed.heals] == [(batch // 2, accumulation * 2)]
    # Of 18 rows, 6 a pass and 2 passes a step: the second step of an epoch is one pass.
    assert healed.heals[0].step == {1: 0, 3: 2, 4: 3}[fails_at] - (accumulation == 2 and fails_at > 1)
    assert "allocate" in healed.heals[0].why
    assert max(seen[:fails_at]) == batch
    assert max(seen[fails_at:]) == batch // 2
    assert [step.step for step in healed.steps] == [1, 2, 3, 4]
    assert losses(healed) == pytest.approx(losses(undisturbed), rel=CLOSE)
    rates = [step.learning_rate for step in undisturbed.steps]
    assert [step.learning_rate for step in healed.steps] == rates
    assert [entry.loss for entry in healed.evaluations] == pytest.approx(
        [entry.loss for entry in undisturbed.evaluations], rel=CLOSE
    )


def test_that_packed_sequences_heal_too(tiny: Tiny, train_here: Train) -> None:
    packed = ["training.packing=true", "training.max_length=64", "training.batch_size=4", "model.precision=nf4"]
    _, undisturbed = train_here(tiny(*packed))
    with wants_too_much(lambda given, count: given.numel() > 128):
        _, healed = train_here(tiny(*packed))
    assert [heal.micro_batch for heal in healed.heals] == [2]
    assert losses(healed) == pytest.approx(losses(undisturbed), rel=CLOSE)


def test_that_it_is_halved_as_often_as_it_takes_and_an_odd_batch_keeps_its_rows(tiny: Tiny, train_here: Train) -> None:
    with wants_too_much(lambda given, count: given.shape[0] > 1):
        _, healed = train_here(tiny("training.batch_size=12", "training.max_steps=2"))
    told = [(heal.micro_batch, heal.accumulation) for heal in healed.heals]
    assert told == [(6, 2), (3, 4), (1, 12)]
    assert len(losses(healed)) == 2


def test_that_it_ends_with_a_sentence_once_a_single_row_is_too_much(tiny: Tiny, train_here: Train) -> None:
    with wants_too_much(lambda given, count: True):
        _, history = train_here(tiny("training.batch_size=4"))
    assert [heal.micro_batch for heal in history.heals] == [2, 1]
    ended = history.ended
    assert ended is not None
    assert ended.is_out_of_memory
    assert ended.what == "The memory was not enough."
    assert "training.max_length" in ended.remedy


def test_that_a_recipe_may_forbid_it(tiny: Tiny, train_here: Train) -> None:
    with wants_too_much(lambda given, count: True):
        _, history = train_here(tiny("training.batch_size=4", "training.heal=false"))
    assert history.heals == []
    assert history.ended is not None
    assert history.ended.is_out_of_memory
    assert "training.batch_size to 2" in history.ended.remedy


def test_that_memory_wanted_between_steps_is_no_matter_of_the_batch(tiny: Tiny, train_here: Train) -> None:
    import torch
    from torch.nn.modules.module import register_module_forward_pre_hook

    def look(module: Any, given: Any) -> None:
        if isinstance(module, torch.nn.Embedding) and not torch.is_grad_enabled():
            torch.empty(ABSURD, dtype=torch.uint8)

    hook = register_module_forward_pre_hook(look)
    try:
        _, history = train_here(tiny("training.batch_size=4", "evaluation.fraction=0.2", "evaluation.every_steps=1"))
    finally:
        hook.remove()
    assert history.heals == []
    assert history.ended is not None
    assert history.ended.is_out_of_memory


@contextmanager
def update_that_wants_too_much(step: int) -> Iterator[None]:
    """Within it, the optimizer of the given step asks for ABSURD when it has changed the weights."""
    import torch
    from torch.optim.optimizer import register_optimizer_step_post_hook

    count = 0

    def look(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == step:
            torch.empty(ABSURD, dtype=torch.uint8)

    hook = register_optimizer_step_post_hook(look)
    try:
        yield
    finally:
        hook.remove()


def test_that_weights_left_half_changed_are_taken_from_the_last_checkpoint(tiny: Tiny, train_here: Train) -> None:
    changes = ["training.batch_size=4", "training.save_steps=2", "training.max_steps=6"]
    _, undisturbed = train_here(tiny(*changes))
    with update_that_wants_too_much(4):
        run, healed = train_here(tiny(*changes))
    assert [(heal.step, heal.micro_batch) for heal in healed.heals] == [(2, 2)]
    assert [(entry.step, entry.folder) for entry in healed.resumes] == [(2, "step-00000002")]
    assert losses(healed) == pytest.approx(losses(undisturbed), rel=CLOSE)
    with update_that_wants_too_much(1):
        _, first = train_here(tiny(*changes))
    assert first.heals == []  # there is nothing to go back to
    assert first.ended is not None
    assert first.ended.is_out_of_memory
    assert run.adapter.exists()


def test_that_a_resumed_run_begins_with_the_batch_it_was_healed_to(
    tiny: Tiny, train_here: Train, work_here: Callable[[RunFolder], History]
) -> None:
    from workbench.core.job.run_folder import Order

    with wants_too_much(lambda given, count: given.shape[0] > 2):
        run, _ = train_here(tiny("training.batch_size=4"))
    run.give(Order(order="extend", steps=6))
    with wants_too_much(lambda given, count: False) as seen:
        longer = work_here(run)
    assert set(seen) == {2}
    assert len(longer.heals) == 1
    assert longer.predicted is not None
    assert longer.predicted.micro_batch == 2


def test_that_a_dry_run_finds_the_batch_and_leaves_no_trace_of_the_search(tiny: Tiny, train_here: Train) -> None:
    _, undisturbed = train_here(tiny("training.batch_size=2", "training.accumulation=2"))
    with wants_too_much(lambda given, count: given.shape[0] > 2):
        _, healed = train_here(tiny("training.batch_size=4", "training.dry_run=on"))
    assert [(heal.step, heal.micro_batch) for heal in healed.heals] == [(0, 2)]
    assert losses(healed) == losses(undisturbed)


SCRIPT = """
import resource, sys
from pathlib import Path
import torch
from torch.nn.modules.module import register_module_forward_pre_hook
from workbench.engine import __main__

def limit(module, given):
    if isinstance(module, torch.nn.Embedding) and torch.is_grad_enabled():
        hook.remove()
        now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + int(sys.argv[2]), resource.RLIM_INFINITY))

hook = register_module_forward_pre_hook(limit)
sys.exit(__main__.main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the limit of a process's memory is read from /proc")
def test_that_a_process_under_a_limit_of_the_system_heals(tiny: Tiny) -> None:
    # Scores of 32 rows, 4 heads and 500 x 500 tokens are 128 MB a copy and a layer; of 2 rows, 8 MB.
    room = 420_000_000
    wide = ["training.batch_size=32", "training.max_length=500", "model.attention=eager", "data.train_on=all"]
    long = tiny().data.path
    Path(long).write_text("".join(f'{{"text": "{chr(97 + n % 26) * 499}"}}\n' for n in range(32)))
    recipe = tiny(*wide, "training.gradient_checkpointing=false", "training.max_steps=2")
    run = RunFolder.create(recipe)
    script = SCRIPT.replace("sys.argv[2]", repr(str(room)))
    with run.console.open("wb") as console:
        done = subprocess.run(
            [sys.executable, "-c", script, str(run.path)],
            stdout=console,
            stderr=console,
            env=launch.environment(),
            check=False,
            timeout=300,
        )
    assert done.returncode == 0, run.console.read_text()[-3000:]
    history = run.history()
    healed = [event for event in JournalReader(run.journal).read() if isinstance(event, Healed)]
    assert healed, [event.text for event in JournalReader(run.journal).read() if isinstance(event, Notice)]
    assert healed[-1].micro_batch * healed[-1].accumulation == 32
    assert all(math.isfinite(loss) for loss in losses(history))
