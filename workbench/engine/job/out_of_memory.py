"""Whether an error means that memory ran out."""


def is_out_of_memory(error: BaseException) -> bool:
    """By the type that CUDA's allocator or Python raises, or the words of the CPU's."""
    first = (str(error).strip().splitlines() or [""])[0]
    said = ("out of memory", "can't allocate memory")
    return (
        "OutOfMemory" in type(error).__name__ or isinstance(error, MemoryError) or any(word in first for word in said)
    )
