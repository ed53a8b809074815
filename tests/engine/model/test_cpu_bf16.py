"""BF16 products widened to FP32: the same numbers as the factors' exact product rounded once, in every shape used."""

import subprocess
import sys

import pytest

# In a process of its own: installing replaces operators for the life of the process.
SCRIPT = """
import torch
from workbench.engine.model import cpu_bf16
cpu_bf16.install()
cpu_bf16.install()
torch.manual_seed(0)
def bf16(*shape):
    return torch.randn(shape, dtype=torch.bfloat16)
def close(made, left, right, added=None):
    exact = left.double() @ right.double() + (0 if added is None else added.double())
    assert made.dtype == torch.bfloat16 and made.shape == exact.shape
    # Half a unit in the last place of BF16 (2**-9), and FP32's own error near zero.
    assert torch.all((made.double() - exact).abs() <= 2**-8 * exact.abs() + 1e-4), (made.double() - exact).abs().max()
for rows, inner, columns in (CASES):
    left, right = bf16(rows, inner), bf16(inner, columns)
    close(left @ right, left, right)
    close(left @ right.t().contiguous().t(), left, right)
bias = bf16(24)
left, right = bf16(5, 16), bf16(16, 24)
close(torch.addmm(bias, left, right), left, right, bias)
left, right = bf16(3, 5, 16), bf16(3, 16, 24)
close(torch.bmm(left, right), left, right)
close(torch.baddbmm(bias.expand(3, 5, 24), left, right), left, right, bias)
wide = torch.randn(4, 4)
assert torch.mm(wide, wide).dtype == torch.float32
x, w = bf16(6, 16).requires_grad_(), bf16(24, 16).requires_grad_()
torch.nn.functional.linear(x, w).sum().backward()
ones = torch.ones(6, 24, dtype=torch.bfloat16)
close(x.grad, ones, w.detach())
close(w.grad, ones.t(), x.detach())
"""


@pytest.mark.parametrize("piece", [4_000_000, 100])
def test_that_widened_products_are_rounded_once(piece: int) -> None:
    cases = "(1, 16, 24), (7, 16, 24), (7, 64, 24), (7, 16, 300), (33, 300, 16)"
    script = SCRIPT.replace("CASES", cases).replace(
        "cpu_bf16.install()", f"cpu_bf16.PIECE = {piece}; cpu_bf16.install()", 1
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
