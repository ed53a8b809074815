"""The layers study: what each format loses of every matrix of a model; done in numpy, without PyTorch."""

from typing import TYPE_CHECKING

from workbench.core.job.events import Ended
from workbench.core.job.study_kinds import LayersRequest, MatrixMeasured, model_path
from workbench.core.model.stored_tensor import open_tensors
from workbench.core.problems import UserError, shown
from workbench.core.quantized.matrix_errors import schemes_of, stored_bytes
from workbench.core.quantized.model import matrices, measured
from workbench.core.quantized.tensor import MeasuringCancelled
from workbench.numerics.quantization_scheme import SchemeError

if TYPE_CHECKING:
    from workbench.engine.job.job import Job


def run(job: "Job") -> Ended:
    """Does the whole job and returns how it ended. Raises UserError and Ordered."""
    request = job.request
    assert isinstance(request, LayersRequest)
    try:
        schemes = schemes_of(request)
    except SchemeError as error:
        raise UserError(str(error)) from None
    path = model_path(request)
    chosen = matrices(open_tensors(path))
    if not chosen:
        raise UserError(
            f"{shown(str(path), 300)} holds no matrix of floating-point numbers.", remedy="Choose another model."
        )
    sizes = [stored_bytes(tensor.numbers, tensor.dtype) for tensor in chosen]
    job.phase("measure", sum(sizes), "bytes")
    done = 0
    try:
        for size, facts in zip(sizes, measured(chosen, schemes, lambda: _is_over(job)), strict=True):
            job.emit(MatrixMeasured(facts=[fact.row() for fact in facts]))
            done += size
            job.progress(done)
    except MeasuringCancelled:
        job.obey()
        raise
    return Ended(state="finished")


def _is_over(job: "Job") -> bool:
    """Asked by the threads that measure, more often than once in a tenth of a second."""
    return job.orders.is_cancelled or (job.orders.is_stopped and not job.orders.takes_stops)
