"""Prompts answered by the base model and by the tuned one, side by side, as they come."""

import json
from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from workbench.core.events import Sample
from workbench.core.history import History
from workbench.panes.cards import Card, Tag
from workbench.panes.controls import icon_button, label
from workbench.panes.theme import Theme

QUIET = "Answers of the base model come before training, those of the tuned one as it learns."
MOST_CHIPS = 6


class _Answer(QWidget):
    """One side: its name, its verdict, its words beside a bar in its colour."""

    def __init__(self, theme: Theme, name: str, color: str) -> None:
        super().__init__()
        self._theme, self._color = theme, color
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(10)
        self._bar = QFrame()
        self._bar.setFixedWidth(3)
        layout.addWidget(self._bar)
        words = QVBoxLayout()
        words.setSpacing(3)
        head = QHBoxLayout()
        head.addWidget(label(name, "small"))
        self.verdict = Tag(theme)
        head.addWidget(self.verdict)
        head.addStretch(1)
        words.addLayout(head)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setProperty("role", "plain")
        self.text.setAccessibleName(f"{name} answer")
        words.addWidget(self.text, 1)
        layout.addLayout(words, 1)
        theme.changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        self._bar.setStyleSheet(f"background: {self._theme.color(self._color).name()};")
        self.text.setFont(self._theme.font("small", mono=True))

    def show_answer(self, sample: Sample | None) -> None:
        words = sample.answer if sample else ""
        if self.text.toPlainText() != words:
            self.text.setPlainText(words)
        self.verdict.show_state(*verdict(sample))


class Samples(Card):
    """One prompt at a time; chips choose the moment, arrows the prompt."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, "Samples")
        self._samples: list[Sample] = []
        self._index = 0
        self._step = 0
        self._follows = True
        self._chips = QButtonGroup(self)
        self._chip_line = QHBoxLayout()
        self._chip_line.setSpacing(3)
        holder = QWidget()
        holder.setLayout(self._chip_line)
        self._chip_line.setContentsMargins(0, 0, 0, 0)
        self.score = label("", "fact")
        self.head.insertWidget(2, self.score)
        self.add_to_head(holder)
        self.before = icon_button("Prompt before", theme, "caret-left")
        self.after = icon_button("Next prompt", theme, "caret-right")
        self.before.clicked.connect(lambda: self._turn(-1))
        self.after.clicked.connect(lambda: self._turn(1))
        self.add_to_head(self.before)
        self.add_to_head(self.after)
        self._quiet = label(QUIET, "sentence", wraps=True)
        self.body.addWidget(self._quiet)
        self._sides = QWidget()
        sides = QHBoxLayout(self._sides)
        sides.setContentsMargins(0, 0, 0, 0)
        sides.setSpacing(14)
        asked = QVBoxLayout()
        asked.setSpacing(3)
        asked.addWidget(label("Prompt", "small"))
        self.prompt = QPlainTextEdit()
        self.prompt.setReadOnly(True)
        self.prompt.setTabChangesFocus(True)
        self.prompt.setFrameShape(QFrame.Shape.NoFrame)
        self.prompt.setProperty("role", "plain")
        self.prompt.setAccessibleName("Prompt")
        asked.addWidget(self.prompt, 1)
        self.base = _Answer(theme, "Base", "curves.base")
        self.tuned = _Answer(theme, "Tuned", "curves.tuned")
        sides.addLayout(asked, 3)
        sides.addWidget(self.base, 4)
        sides.addWidget(self.tuned, 4)
        self.body.addWidget(self._sides, 1)
        self.show_samples([])

    def refresh(self, history: History) -> None:
        self.score.setText(scores_in_words(history))
        if len(history.samples) != len(self._samples):
            self.show_samples(history.samples)

    def show_samples(self, samples: Iterable[Sample]) -> None:
        self._samples = list(samples)
        if self._follows:
            self._step = max((sample.step for sample in self._samples), default=0)
        self._show_chips()
        self._show()

    def prompts(self) -> list[str]:
        """The prompts in the order they are shown: those asked all along, then the many that are only scored."""
        ordered = sorted(self._samples, key=lambda sample: sample.is_scored)
        return list(dict.fromkeys(sample.prompt for sample in ordered))

    def steps(self) -> list[int]:
        return sorted({sample.step for sample in self._samples})

    def _show_chips(self) -> None:
        while self._chip_line.count():
            item = self._chip_line.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                self._chips.removeButton(widget)  # type: ignore[arg-type]
                widget.deleteLater()
        steps = self.steps()
        for step in steps if len(steps) <= MOST_CHIPS else [steps[0], *steps[1 - MOST_CHIPS :]]:
            asked = [sample for sample in self._samples if sample.step == step and sample.expected is not None]
            right = sum(bool(sample.is_right) for sample in asked)
            chip = QToolButton()
            chip.setProperty("role", "chip")
            chip.setCheckable(True)
            chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            chip.setText(
                f"{'step ' if step == self._step else ''}{step}" + (f"  {right}/{len(asked)}" if asked else "")
            )
            chip.setAccessibleName(f"Answers at step {step}, {right} of {len(asked)} right")
            chip.setChecked(step == self._step)
            chip.clicked.connect(lambda _checked=False, step=step: self._choose(step))
            self._chips.addButton(chip)
            self._chip_line.addWidget(chip)

    def _choose(self, step: int) -> None:
        self._step = step
        self._follows = step == max(self.steps(), default=0)
        self._show_chips()
        self._show()

    def _turn(self, by: int) -> None:
        count = len(self.prompts())
        self._index = (self._index + by) % count if count else 0
        self._show()

    def _show(self) -> None:
        prompts = self.prompts()
        self._quiet.setVisible(not prompts)
        self._sides.setVisible(bool(prompts))
        for arrow in (self.before, self.after):
            arrow.setEnabled(len(prompts) > 1)
        if not prompts:
            self.title.setText("Samples")
            return
        self._index = min(self._index, len(prompts) - 1)
        prompt = prompts[self._index]
        self.title.setText(f"Sample {self._index + 1} of {len(prompts)}")
        if self.prompt.toPlainText() != prompt:
            self.prompt.setPlainText(prompt)
        mine = [sample for sample in self._samples if sample.prompt == prompt]
        self.base.show_answer(next((sample for sample in mine if sample.when == "before"), None))
        tuned = [sample for sample in mine if sample.when != "before" and sample.step <= max(self._step, 1)]
        self.tuned.show_answer(tuned[-1] if tuned and self._step else None)


def verdict(sample: Sample | None) -> tuple[str, str]:
    """How an answer compares with what was expected, and the state of its tag."""
    if sample is None or sample.expected is None:
        return "", "none"
    if sample.is_right:
        return "matches", "success"
    if _is_json(sample.expected) and not _is_json(sample.answer):
        return "not JSON", "danger"
    return "differs", "danger"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def scores_in_words(history: History) -> str:
    """Exact matches before and after, where rows were scored."""
    found = {score.when: score for score in history.scores}
    return ", ".join(
        f"{found[when].right} of {found[when].rows} right {when}" for when in ("before", "after") if when in found
    )
