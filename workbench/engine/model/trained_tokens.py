"""The loss over the tokens that are trained on, with the head skipped at the others."""

from typing import Any

import torch

from workbench.core.tokens.token_row import IGNORED


def loss_of_trained_tokens(model: Any, inputs: dict[str, Any], num_items: Any) -> torch.Tensor:
    """The summed cross-entropy over `num_items`, or over the batch's trained tokens where it is None: shape ().

    `inputs` are those of the model, each of shape (rows, tokens); `labels` is taken out of them.
    """
    labels = inputs.pop("labels")[:, 1:]
    # Positions that some row of the batch is trained on; the head is skipped at the others.
    kept = (labels != IGNORED).any(dim=0).nonzero().flatten()
    logits = model(**inputs, use_cache=False, logits_to_keep=kept).logits
    wanted = labels[:, kept].flatten()
    total = torch.nn.functional.cross_entropy(
        logits.float().flatten(0, 1), wanted, ignore_index=IGNORED, reduction="sum"
    )
    count = (wanted != IGNORED).sum() if num_items is None else num_items
    return total / torch.as_tensor(count).clamp(min=1)
