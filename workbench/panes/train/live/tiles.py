"""The figures of a run in a row of tiles."""

from PySide6.QtWidgets import QWidget

from workbench.bridge.job_control import JobControl, JobState
from workbench.core.figures import measured_text
from workbench.core.ticks import clock
from workbench.core.units import grouped
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row
from workbench.panes.parts.cards import Tile
from workbench.panes.train.live.milestones import NOT_KNOWN, PEAK_HELP, is_on_card, peak_bytes

# The drawn widths: what each tile has to hold at its longest.
WIDTHS = {"step": 131, "loss": 156, "speed": 142, "elapsed": 104, "remaining": 125, "memory": 146}
FROM_AFAR = ("step", "loss", "remaining", "memory")


class Tiles(QWidget):
    """Step, loss, speed, times and memory; four of them for the projector."""

    def __init__(self, theme: Theme, control: JobControl) -> None:
        super().__init__()
        self._theme = theme
        self._control = control
        self._free_bytes: int | None = None
        self.step = Tile(theme, "Step", has_bar=True)
        self.loss = Tile(theme, "Loss, smoothed")
        self.speed = Tile(theme, "Tokens per second")
        self.elapsed = Tile(theme, "Elapsed")
        self.remaining = Tile(theme, "Remaining")
        self.memory = Tile(theme, "Peak memory")
        self._layout = in_row(*((self.tile(name), width) for name, width in WIDTHS.items()), of=self)
        theme.follow(self._restyle)

    def tile(self, name: str) -> Tile:
        made = getattr(self, name)
        assert isinstance(made, Tile)
        return made

    def _restyle(self) -> None:
        self._layout.setSpacing(self._theme.size("space.card_gap"))
        for name in WIDTHS:
            self.tile(name).setVisible(not self._theme.projector or name in FROM_AFAR)

    def set_free_bytes(self, free_bytes: int | None) -> None:
        self._free_bytes = free_bytes

    def refresh(self, smoothed_loss: float | None) -> None:
        """Shows the history's last figures."""
        history = self._control.history
        total, step = history.total_steps, history.step
        last = history.steps[-1] if len(history.steps) else None
        total = max(total, last.steps if last else 0)
        self.step.show_figure(grouped(step) if total else NOT_KNOWN, f"of {grouped(total)}" if total else "")
        assert self.step.bar is not None
        self.step.bar.set_share(step / total if total else 0.0)
        evaluated = f"eval {measured_text(history.evaluations[-1].loss)}" if history.evaluations else ""
        self.loss.show_figure(measured_text(smoothed_loss) if smoothed_loss is not None else NOT_KNOWN, evaluated)
        self.speed.show_figure(grouped(round(last.tokens_per_second)) if last else NOT_KNOWN)
        memory = last.memory if last else history.milestones[-1].memory if history.milestones else None
        peak = peak_bytes(history)
        if memory is None or not peak:
            self.memory.show_figure(NOT_KNOWN)
        else:
            room = (self._free_bytes or memory.card_total_bytes) if is_on_card(history) else 0
            self.memory.show_figure(f"{peak / 1e9:.2f}", f"of {room / 1e9:.1f} GB" if room else "GB")
        self.memory.setToolTip(PEAK_HELP)
        self.tick()

    def tick(self) -> None:
        """Shows the times, which go on between events."""
        control = self._control
        has_begun = control.run is not None and bool(len(control.history.steps) or control.elapsed_seconds)
        self.elapsed.show_figure(clock(control.elapsed_seconds) if has_begun else NOT_KNOWN)
        left = control.remaining_seconds
        if left is None:
            self.remaining.show_figure(clock(0) if control.state is JobState.ENDED and self._is_whole() else NOT_KNOWN)
        else:
            self.remaining.show_figure(clock(left), "about")

    def _is_whole(self) -> bool:
        history = self._control.history
        return 0 < history.total_steps <= history.step
