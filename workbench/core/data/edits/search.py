"""Rows of a draft that hold a text, found in all of their fields."""

import json
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from workbench.core.data.edits.draft import Draft
from workbench.core.data.edits.value import fields

ROWS_BETWEEN = 5000


def rows_with(draft: Draft, wanted: str, progress: Callable[[int], None] = lambda done: None) -> NDArray[np.int64]:
    """Ids of the rows that hold a text in any case, in order: int64 of shape (found,); all where it is empty.

    `progress` is given the number of rows looked at, and may raise to end it.
    """
    order = draft.order
    if not wanted:
        return order
    # A row is parsed only where its line of JSON holds the text: so a million of them are looked at in seconds.
    spelled = json.dumps(wanted, ensure_ascii=False)[1:-1].lower()
    found = []
    for position, line in enumerate(draft.lines(order)):
        if spelled in line.decode().lower():
            texts = (field.text for field in fields(json.loads(line)))
            if any(wanted.lower() in text.lower() for text in texts):
                found.append(position)
        if position % ROWS_BETWEEN == 0:
            progress(position)
    return order[found]
