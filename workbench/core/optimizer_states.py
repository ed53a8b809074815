"""How much memory an optimizer's states take."""

# States of one number each per trained number (transformers 5.23, trainer_optimizer.py; bitsandbytes 0.50); what is not
# here keeps Adam's two.
_STATES = {
    "sgd": 0, "lomo": 0, "adalomo": 0, "adagrad": 1, "rmsprop": 1, "lion": 1, "schedule_free_sgd": 1, "ademamix": 3,
    "grokadamw": 3,
}  # fmt: skip
ADAM_STATES = 2
# An 8-bit state has a 32-bit absmax per 256 numbers (bitsandbytes, optim/optimizer.py).
EIGHT_BIT_BYTES = 1 + 4 / 256
_BITSANDBYTES = ("bnb", "lion", "ademamix", "paged", "8bit")


def state_bytes(optimizer: str, parameters: int, parameter_size: int, rows_and_columns: int) -> int:
    """Bytes of the states over so many trained numbers of so many bytes each.

    bitsandbytes keeps its states in FP32 or 8 bits, torch in the type of the weights. Pages count as memory: they leave
    it only when it gets tight. Adafactor keeps a number per row and per column of each matrix.
    """
    if "adafactor" in optimizer:
        return 4 * rows_and_columns
    plain = optimizer.removeprefix("paged_").removesuffix("_8bit").removesuffix("_32bit").removesuffix("_bnb")
    states = _STATES.get(plain, ADAM_STATES)
    if "4bit" in optimizer:
        return round(states * parameters * (0.5 + 4 / 128))  # torchao: a scale per 128 numbers
    if "8bit" in optimizer:
        return round(states * parameters * EIGHT_BIT_BYTES)
    size = 4 if any(word in optimizer for word in _BITSANDBYTES) else parameter_size
    return states * parameters * size
