"""Work on a tensor beside the window: of several questions of a kind the last one is answered."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtCore import QObject, Signal

from workbench.bridge.tasks import run_task
from workbench.core.model.stored_tensor import StoredTensor
from workbench.core.problems import UserError
from workbench.core.quantized.layer_block import OpenGroup, open_group
from workbench.core.quantized.layer_study import LayerStudy, head_of, study_layer
from workbench.core.quantized.tensor import Cancelled, MeasuringCancelled, measure
from workbench.core.quantized.tensor_facts import TensorFacts
from workbench.numerics.quantization_scheme import Scheme

Result = TypeVar("Result")

# The first rows of a larger tensor are shown while the rest is read: they take 20 to 60 ms.
HEAD_NUMBERS = 1 << 21


class Latest:
    """One question at a time: what it asked before is given up, and its answer is dropped."""

    def __init__(self, parent: QObject, fail: Callable[[UserError], None]) -> None:
        self._parent = parent
        self._fail = fail
        self._turn = 0
        parent.destroyed.connect(self.give_up)

    def give_up(self) -> None:
        self._turn += 1

    def ask(self, function: Callable[[Cancelled], Result], take: Callable[[Result], None]) -> None:
        self._turn += 1
        turn = self._turn

        def is_over() -> bool:
            return turn != self._turn

        def work() -> Result | None:
            try:
                return None if is_over() else function(is_over)
            except MeasuringCancelled:
                return None

        def done(result: Result | None) -> None:
            if not is_over() and result is not None:
                take(result)

        def failed(error: UserError) -> None:
            if not is_over():
                self._fail(error)

        run_task(work, done, failed, parent=self._parent)


class LayerReader(QObject):
    """Studies, errors and opened blocks of one tensor.

    Signals:
        studied: A LayerStudy; that of a large tensor's first rows comes before that of all.
        measured: A list of TensorFacts, in the same way.
        opened: An OpenGroup.
        failed: The UserError that reading ended with.
    """

    studied = Signal(object)
    measured = Signal(object)
    opened = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._study = Latest(self, self.failed.emit)
        self._errors = Latest(self, self.failed.emit)
        self._block = Latest(self, self.failed.emit)

    def give_up(self) -> None:
        for question in (self._study, self._errors, self._block):
            question.give_up()

    def study(self, tensor: StoredTensor, scheme: Scheme) -> None:
        self._block.give_up()
        head = head_of(tensor, HEAD_NUMBERS)

        def whole() -> None:
            self._study.ask(lambda is_over: study_layer(tensor, scheme, is_over), self.studied.emit)

        def then_whole(study: LayerStudy) -> None:
            self.studied.emit(study)
            whole()

        if head is None:
            whole()
        else:
            self._study.ask(lambda is_over: study_layer(head, scheme, is_over), then_whole)

    def measure(self, tensor: StoredTensor, schemes: Sequence[Scheme]) -> None:
        head = head_of(tensor, HEAD_NUMBERS)

        def whole() -> None:
            self._errors.ask(lambda is_over: measure(tensor, schemes, is_over), self.measured.emit)

        def then_whole(facts: list[TensorFacts]) -> None:
            self.measured.emit(facts)
            whole()

        if head is None:
            whole()
        else:
            self._errors.ask(lambda is_over: measure(head, schemes, is_over), then_whole)

    def open(self, study: LayerStudy, index: int) -> None:
        def work(_is_over: Cancelled) -> OpenGroup:
            return open_group(study, index)

        self._block.ask(work, self.opened.emit)
