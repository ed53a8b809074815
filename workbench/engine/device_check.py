"""Tries PyTorch on this machine's device: `python -m workbench.engine.device_check` prints a DeviceReport as JSON."""

import faulthandler
import os
import sys
import time
from typing import TYPE_CHECKING

from workbench.core.machine.doctor import DeviceReport

if TYPE_CHECKING:
    import torch

# Rows that share one product, and a weight matrix that has several blocks of 256 absmax values to quantize again.
ROWS, OUTPUTS, INPUTS = 32, 256, 512


def main() -> None:
    faulthandler.enable()
    # Libraries print as they are imported and loaded: all of that goes to standard error.
    answer = os.dup(1)
    os.dup2(2, 1)
    with os.fdopen(answer, "w", encoding="utf-8") as file:
        file.write(examine().model_dump_json() + "\n")


def examine() -> DeviceReport:
    """What PyTorch is, what it runs on, and how far a 4-bit product is off there."""
    import psutil
    import torch

    from workbench.engine.job import devices
    from workbench.engine.model import cpu_bf16

    device = devices.choose("auto")
    is_card = device.kind == "cuda"
    if not is_card and not cpu_bf16.is_native():
        cpu_bf16.install()  # as a run does
    total = torch.cuda.get_device_properties(device.index).total_memory if is_card else psutil.virtual_memory().total
    dtype = torch.bfloat16 if device.supports_bf16 else torch.float16
    report = DeviceReport(
        torch=torch.__version__,
        cuda=torch.version.cuda,
        kind=device.kind,
        name=device.name,
        total_bytes=total,
        capability=torch.cuda.get_device_capability(device.index) if is_card else None,
        has_bf16=device.supports_bf16 if is_card else cpu_bf16.is_native(),
        dtype="BF16" if device.supports_bf16 else "FP16",
    )
    started = time.perf_counter()
    try:
        product_error, weight_error = four_bit_errors(device.torch, dtype)
    # bitsandbytes raises all kinds for a library that does not fit; whichever it is, the report says it.
    except Exception as error:
        first = (str(error).strip().splitlines() or [""])[0][:300]
        return report.model_copy(update={"problem": f"{type(error).__name__}: {first}"})
    seconds = time.perf_counter() - started
    return report.model_copy(update={"product_error": product_error, "weight_error": weight_error, "seconds": seconds})


def four_bit_errors(device: "torch.device", dtype: "torch.dtype") -> tuple[float, float]:
    """How far an NF4 product is off the plain product of the same weights, and those off the ones before quantization.

    The larger of two products counts: generating and training go through different kernels.
    """
    import bitsandbytes
    import torch
    from bitsandbytes import functional

    numbers = torch.Generator().manual_seed(0)
    weights = torch.randn(OUTPUTS, INPUTS, generator=numbers).to(dtype)
    inputs = torch.randn(ROWS, INPUTS, generator=numbers).to(dtype)
    codes, state = functional.quantize_4bit(
        weights.to(device), blocksize=64, quant_type="nf4", compress_statistics=True
    )
    dequantized = functional.dequantize_4bit(codes, state).float().cpu()
    plain = inputs.float() @ dequantized.T
    generating = bitsandbytes.matmul_4bit(inputs.to(device), codes.t(), state)
    training = bitsandbytes.matmul_4bit(inputs.to(device).requires_grad_(), codes.t(), state)
    products = torch.stack([generating, training.detach()]).float().cpu()
    product_error = (products - plain).abs().max() / plain.abs().max()
    weight_error = (dequantized - weights.float()).norm() / weights.float().norm()
    return product_error.item(), weight_error.item()


if __name__ == "__main__":
    main()
    sys.stderr.flush()
    # Threads of libraries have been seen to abort while the interpreter winds down; the answer is written.
    os._exit(0)
