"""Of all that libraries print, the line that is the reason."""

from pathlib import Path

import pytest

from workbench.core.job.last_words import LONGEST_LINE, error_in, lines_of, reason_in

NOISE = (
    "/site-packages/torch/utils/checkpoint.py:85: UserWarning: None of the inputs have requires_grad=True.",
    "  warnings.warn(",
    "[W1123 10:00:00.123456789 NNPACK.cpp:61] Could not initialize NNPACK! Reason: Unsupported hardware.",
    "W0000 00:00:1700000000.123456 1234 cuda_executor.cc:1015] successful NUMA node read",
    "WARNING:root:it is slow",
    "INFO 12:00 nothing happened",
    "Failed to load CPU gemm_4bit_forward from kernels-community: No module named 'kernels'.",
    "`use_cache=True` is deprecated",
)
CUDA_ASSERT = (
    "RuntimeError: CUDA error: device-side assert triggered",
    "CUDA kernel errors might be asynchronously reported at some other API call, so the trace below might be wrong.",
    "For debugging consider passing CUDA_LAUNCH_BLOCKING=1",
    "Compile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.",
)


@pytest.mark.parametrize(
    "line",
    [
        "RuntimeError: the shape of things",
        "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB",
        "safetensors_rust.SafetensorError: header too large",
        "KeyboardInterrupt",
        "MemoryError",
        "ValueError: `torch_dtype` is deprecated",
        "Killed",
        "sh: line 1:  4711 Killed",
        "Segmentation fault (core dumped)",
        "Fatal Python error: Segmentation fault",
        "terminate called after throwing an instance of 'c10::Error'",
        "free(): invalid pointer",
        "CUDA error: an illegal memory access was encountered",
        "python: error while loading shared libraries: libcudart.so.12: cannot open shared object file",
    ],
)
def test_that_an_error_is_found_behind_all_noise(line: str) -> None:
    assert error_in([*NOISE, line, *NOISE]) == line
    assert reason_in([*NOISE, line, "Thread 0x01 (most recent call first):", *NOISE]) == line


def test_that_the_message_of_a_card_is_found_above_its_advice() -> None:
    assert error_in(CUDA_ASSERT) == CUDA_ASSERT[0]


def test_that_the_message_of_a_thrown_object_goes_before_its_type() -> None:
    said = ["terminate called after throwing an instance of 'std::bad_alloc'", "  what():  std::bad_alloc"]
    assert error_in(said) == "std::bad_alloc"


def test_that_noise_alone_is_no_reason() -> None:
    assert error_in(NOISE) == reason_in(NOISE) == ""
    assert error_in([]) == reason_in([]) == ""
    assert error_in(["loading"]) == ""
    assert reason_in(["cannot import torch", *NOISE]) == "cannot import torch"


def test_that_lines_are_few_short_and_tame_however_long_the_log_is(tmp_path: Path) -> None:
    console = tmp_path / "console.log"
    assert lines_of(console) == []
    with console.open("wb") as file:
        file.write(b"x" * 1_000_000 + b"\n\x1b[31mred \xff\n\n  \n")
        file.writelines(b"bar %d%%\r" % number for number in range(100))
    lines = lines_of(console)
    assert lines[-1] == "bar 99%"
    assert "" not in lines
    console.write_bytes(b"y" * 1_000_000 + b"\n\x1b[31mred \xff\n")
    long, red = lines_of(console)
    assert (len(long), red) == (LONGEST_LINE + 1, "?[31mred \ufffd")


def test_that_only_what_was_printed_since_is_read(tmp_path: Path) -> None:
    console = tmp_path / "console.log"
    console.write_text("RuntimeError: of the process before\n")
    since = console.stat().st_size
    with console.open("a") as file:
        file.write("loading\n")
    assert lines_of(console, since) == ["loading"]
