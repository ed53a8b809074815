"""What every event of a journal has."""

from pydantic import BaseModel, ConfigDict


class EventBase(BaseModel):
    # A loss may be NaN: it has to be seen, so it is written as the string "NaN", which JSON can hold.
    # Built with the first event, since a window that follows no run has none: 5 ms of its first paint.
    model_config = ConfigDict(frozen=True, ser_json_inf_nan="strings", defer_build=True)

    at: float = 0.0  # seconds since 1970
    elapsed_seconds: float = 0.0  # since this attempt began, by a clock that never jumps
