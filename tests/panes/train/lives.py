"""Runs written by hand, as an engine on a card or a CPU writes them, for what draws a run."""

import math
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from PySide6.QtCore import qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QMainWindow

from tests.panes.shown import OF_THE_PLATFORM
from tests.qt_waits import wait_until
from workbench.bridge.job_control import JobControl
from workbench.core.job.events import (
    CheckpointSaved,
    Evaluated,
    Event,
    Memory,
    Milestone,
    Phase,
    Planned,
    Sample,
    Scored,
    Started,
    Step,
)
from workbench.core.job.history import History
from workbench.core.job.run_folder import RunFolder
from workbench.core.memory.ledger import Ledger
from workbench.core.recipe.recipe import Recipe
from workbench.panes.look.theme import Theme
from workbench.panes.train.live.live import LiveView

GB = 1_000_000_000
CARD_BYTES = 12 * GB + 900_000_000
LOAD_SECONDS, STEP_SECONDS = 62.0, 12.4
LEDGER = Ledger(
    parts={
        "weights": 3_600_000_000,
        "unquantized": 2_100_000_000,
        "adapters": 170_000_000,
        "gradients": 170_000_000,
        "optimizer": 330_000_000,
        "activations": 380_000_000,
        "logits": 1_470_000_000,
        "workspace": 260_000_000,
        "overhead": 450_000_000,
    },
    after_load_bytes=5_700_000_000,
    peak_bytes=8_930_000_000,
    moment="end of the forward pass",
)
PROMPTS = (
    ("Get me a dozen eggs at the market.", '{"shop": "market", "items": [{"name": "egg", "count": 12}]}'),
    ("We need 3 pens from the stationer.", '{"shop": "stationer", "items": [{"name": "pen", "count": 3}]}'),
    (
        "Pick up two rye loaves and six rolls from the bakery.",
        '{"shop": "bakery", "items": [{"name": "rye loaf", "count": 2}, {"name": "roll", "count": 6}]}',
    ),
    (
        "Could you grab me some nails, fifty, at the hardware place?",
        '{"shop": "hardware", "items": [{"name": "nail", "count": 50}]}',
    ),
    ("Four lemons, please, greengrocer.", '{"shop": "greengrocer", "items": [{"name": "lemon", "count": 4}]}'),
)
BASE = "Sure! Here is your shopping list:\n1. Two loaves of rye bread\n2. Six rolls (any kind you like)"


def memory(allocated: float, peak: float, *, on_card: bool = True) -> Memory:
    if not on_card:
        return Memory(resident_bytes=int(allocated), resident_peak_bytes=int(peak))
    return Memory(
        resident_bytes=2 * GB,
        resident_peak_bytes=3 * GB,
        allocated_bytes=int(allocated),
        allocated_peak_bytes=int(peak),
        reserved_bytes=int(peak * 1.03),
        card_used_bytes=int(peak * 1.03) + 900_000_000,
        card_total_bytes=CARD_BYTES,
    )


def step(number: int, total: int = 120, *, loss: float | None = None, peak: float = 8.5 * GB, at: float = 0.0) -> Step:
    chance = random.Random(number)
    smooth = 2.2 * math.exp(-number / 17) + 0.1 + 0.06 * chance.random()
    return Step(
        at=1_700_000_000.0 + at,
        elapsed_seconds=at,
        step=number,
        steps=total,
        epoch=number / total,
        loss=smooth + chance.gauss(0, 0.11) * smooth if loss is None else loss,
        learning_rate=2e-4 * min(1.0, number / 6) * (0.5 + 0.5 * math.cos(math.pi * number / total)),
        grad_norm=2.2 * math.exp(-number / 9) + 0.3 + 0.15 * chance.random(),
        tokens_per_second=641.0 + chance.gauss(0, 6),
        seconds=STEP_SECONDS,
        memory=memory(0.72 * peak, peak),
    )


def planned(total: int = 120, from_step: int = 0, device: str = "NVIDIA GeForce RTX 4070") -> Planned:
    return Planned(
        device=device,
        steps=total,
        from_step=from_step,
        rows=500,
        sequences=500,
        tokens=100_000,
        trained_tokens=20_000,
        trainable_parameters=42_000_000,
        parameters=8_030_000_000,
        data_sha256="",
    )


def loading() -> list[Event]:
    """The way to the middle of loading."""
    return [
        Started(attempt=1, pid=4711, versions={"torch": "2.13.0", "transformers": "5.23.1"}),
        Phase(name="start", elapsed_seconds=0.1),
        Phase(name="tokenize", total=500, unit="rows", elapsed_seconds=3),
        Phase(name="tokenize", done=500, total=500, unit="rows", elapsed_seconds=5),
        Phase(name="quantize", unit="tensors", elapsed_seconds=5.2),
        Phase(name="quantize", done=120, total=272, unit="tensors", elapsed_seconds=24),
    ]


def run_events(last: int = 84, total: int = 120, every: int = 20) -> list[Event]:
    """A run on a card up to a step, evaluated, sampled and saved as it goes."""
    events = [
        *loading(),
        Milestone(name="after load", memory=memory(5.8 * GB, 6.36 * GB), elapsed_seconds=LOAD_SECONDS),
        Milestone(name="after adapter", memory=memory(5.97 * GB, 6.36 * GB), elapsed_seconds=LOAD_SECONDS + 1),
        planned(total),
    ]
    events += [Sample(step=0, when="before", prompt=asked, answer=BASE, expected=right) for asked, right in PROMPTS]
    at, peak = LOAD_SECONDS + 8, 6.4 * GB
    events.append(Phase(name="train", elapsed_seconds=at))
    for number in range(1, last + 1):
        at += STEP_SECONDS
        peak = 8.38 * GB if number == 1 else max(peak, 8.38 * GB + min(number, 40) * 2_000_000)
        if number == 1:
            events.append(Milestone(name="first forward", memory=memory(peak, peak), elapsed_seconds=at - 5))
            events.append(Milestone(name="first optimizer step", memory=memory(peak, peak), elapsed_seconds=at))
        events.append(step(number, total, peak=peak, at=at))
        if number % every == 0:
            right_ones = min(4, number // every)
            events.append(
                Evaluated(step=number, loss=0.14 + 2.0 * math.exp(-number / 16), is_best=True, elapsed_seconds=at)
            )
            for place, (asked, right) in enumerate(PROMPTS):
                answer = (
                    right
                    if place % 5 < right_ones or (place == 2 and number >= 40)
                    else right.replace('"count": ', '"count": 9')
                )
                events.append(
                    Sample(step=number, when="during", prompt=asked, answer=answer, expected=right, elapsed_seconds=at)
                )
            events.append(
                CheckpointSaved(step=number, folder=f"step-{number:08d}", size_bytes=46_000_000, elapsed_seconds=at)
            )
            events.append(Phase(name="train", elapsed_seconds=at))
    began = time.time() - at
    return [event.model_copy(update={"at": began + event.elapsed_seconds}) for event in events]


def scored() -> list[Event]:
    """Held-out rows counted before and after."""
    events: list[Event] = []
    for when, right in (("before", 3), ("after", 97)):
        for row in range(100):
            expected = f'{{"count": {row}}}'
            events.append(
                Sample(
                    step=0 if when == "before" else 120,
                    when=when,  # type: ignore[arg-type]
                    prompt=f"Row {row}: how many?",
                    answer=expected if row < right else "I cannot say.",
                    expected=expected,
                    group="bakery" if row % 2 else "market",
                    is_scored=True,
                )
            )
        groups = {"bakery": (right // 2, 50), "market": (right - right // 2, 50)}
        events.append(
            Scored(step=0 if when == "before" else 120, when=when, rows=100, right=right, groups=groups)  # type: ignore[arg-type]
        )
    return events


def long_history(count: int, *, missing: int | None = None) -> History:
    """A history of `count` steps, filled by columns: one by one a million takes ten seconds."""
    history = History([planned(round(count * 1.4))])
    chance = np.random.default_rng(0)
    steps = np.arange(1.0, count + 1)
    loss = 2.3 * np.exp(-4 * steps / count) + 0.1 + chance.normal(0, 0.05, count)
    if missing is not None:
        loss[missing] = np.nan
    peak_bytes = np.full(count, 8.5 * GB)
    history.steps.extend(
        {
            "step": steps,
            "steps": np.full(count, count * 1.4),
            "loss": loss,
            "learning_rate": 2e-4 * (1 - steps / count / 1.4),
            "grad_norm": chance.gamma(2, 0.2, count),
            "tokens_per_second": np.full(count, 641.0),
            "seconds": np.full(count, 0.1),
            "peak_bytes": peak_bytes,
        }
    )
    history.memory.extend({"seconds": steps / 10, "held_bytes": np.full(count, 6.1 * GB), "peak_bytes": peak_bytes})
    return history


def written(events: list[Event], console: str = "") -> RunFolder:
    """A run folder whose journal holds exactly these events."""
    run = RunFolder.create(Recipe())
    run.journal.write_text("".join(event.model_dump_json() + "\n" for event in events), encoding="utf-8")
    if console:
        run.console.write_text(console, encoding="utf-8")
    return run


@contextmanager
def live_view(
    events: list[Event],
    *,
    is_alive: bool = True,
    width: int = 854,
    height: int = 631,
    console: str = "",
    theme: Theme | None = None,
) -> Iterator[tuple[LiveView, JobControl, RunFolder]]:
    """A view of a run that a process seems to hold, or that is over."""
    theme = theme or Theme("light")
    theme.apply()
    run = written(events, console)
    control = JobControl()
    window = QMainWindow()
    view = LiveView(theme, control)
    told: list[Event] = []
    control.advanced.connect(told.extend)
    control.advanced.connect(lambda _: view.refresh())
    control.state_changed.connect(view.refresh)
    window.setCentralWidget(view)
    window.resize(width, height)
    said: list[str] = []
    before = qInstallMessageHandler(lambda _kind, _context, text: said.append(text))
    window.show()
    try:
        if is_alive:
            with run.hold():
                control.follow(run)
                wait_until(lambda: control.is_busy and len(told) == len(events))
                yield view, control, run
                control.close()
        else:
            control.follow(run)
            wait_until(lambda: control.outcome is not None)
            yield view, control, run
    finally:
        control.close()
        window.close()
        window.deleteLater()
        QApplication.processEvents()
        qInstallMessageHandler(before)
    assert not [text for text in said if OF_THE_PLATFORM not in text]
