"""Models of the Hugging Face Hub, searched by name, author and licence, as one types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workbench.core.hub import client
from workbench.core.hub.listing import PICKLES, licence_in
from workbench.core.model import shape as model_shape
from workbench.core.model.already_quantized import TITLES
from workbench.core.problems import shown

Sort = Literal["downloads", "likes", "updated", "size"]
PAGE = 50  # rows
LONGEST_METHOD = 20
_SORTS = {"downloads": "downloads", "likes": "likes", "updated": "lastModified", "size": "downloads"}
_ASKED = ("author", "cardData", "config", "downloads", "gated", "lastModified", "library_name", "likes", "pipeline_tag")
_ASKED_TOO = ("private", "safetensors", "siblings", "tags")


@dataclass(frozen=True)
class HubModel:
    """One model as the Hub lists it.

    Attributes:
        id: "org/name".
        gated: "" is open; "auto" gives access to whoever accepts the terms, "manual" when its owner agrees.
        weights: "pickles" has no safetensors, and is not loaded; "gguf" and "none" hold none that can be.
        size_bytes: Of its safetensors; 0 where the Hub does not say.
        model_type: That of its config.json, such as "llama"; nothing where the Hub does not say.
        updated: The day of its last change, as 2026-11-29.
        quantized: What its weights are already quantized as, such as "GPTQ"; nothing where the Hub does not say.
    """

    id: str
    downloads: int
    likes: int
    licence: str
    gated: Literal["", "auto", "manual"]
    is_private: bool
    weights: Literal["safetensors", "pickles", "gguf", "none"]
    parameters: int
    size_bytes: int
    model_type: str
    task: str
    updated: str
    quantized: str = ""

    @property
    def author(self) -> str:
        return self.id.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.id.rpartition("/")[2]


@dataclass(frozen=True)
class HubPage:
    """The first rows of an answer.

    Attributes:
        has_more: Whether the Hub has more than were asked for: search again with a larger `limit`.
    """

    models: tuple[HubModel, ...]
    has_more: bool


def search(
    text: str = "",
    *,
    author: str = "",
    licence: str = "",
    sort: Sort = "downloads",
    limit: int = PAGE,
    any_task: bool = False,
) -> HubPage:
    """The first `limit` models that fit; an id with a stroke is looked up exactly, and stands first. Raises UserError.

    The Hub knows no order by size: it is that of the most downloaded ones, the smallest first, unknown sizes last.
    Models that write no text are left out unless `any_task`.
    """
    text = text.strip()
    exact = _exactly(text) if text.count("/") == 1 and text.strip("/") == text else None
    params: dict[str, str | int | Sequence[str]] = {
        "sort": _SORTS[sort],
        "limit": limit + 1,
        "expand": (*_ASKED, *_ASKED_TOO),
    }
    if text:
        params["search"] = text
    if author:
        params["author"] = author
    if licence:
        params["filter"] = f"license:{licence}"
    if not any_task:
        params["pipeline_tag"] = "text-generation"
    with client.said_of(""):
        rows = client.answer("api/models", params).json()
        if not isinstance(rows, list):
            raise ValueError("What answers there is not the Hub: a log-in page, perhaps.")
        found = [_model(row) for row in rows]
    has_more = len(found) > limit
    models = [model for model in found[:limit] if exact is None or model.id.lower() != exact.id.lower()]
    if sort == "size":
        models.sort(key=lambda model: (not model.size_bytes, model.size_bytes))
    return HubPage(((exact, *models)[:limit] if exact else tuple(models)), has_more)


def _exactly(model_id: str) -> HubModel | None:
    """The model of an id; None where the Hub shows none of it."""
    from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError

    with client.said_of(""):
        try:
            row = client.answer(f"api/models/{model_id}", {"expand": (*_ASKED, *_ASKED_TOO)}).json()
        except (RepositoryNotFoundError, HFValidationError):
            return None
        return _model(row)


def _model(row: Mapping[str, Any]) -> HubModel:
    """One row of an answer. Raises ValueError where it is none."""
    if not isinstance(row, Mapping) or not isinstance(row.get("id"), str):
        raise ValueError("What answers there is not the Hub: a log-in page, perhaps.")
    stored = row.get("safetensors") or {}
    counted = stored.get("parameters") or {}
    tags = [str(tag) for tag in row.get("tags") or ()]
    names = [str(entry.get("rfilename", "")) for entry in row.get("siblings") or ()]
    card = row.get("cardData") or {}
    said = card.get("license")
    gated = row.get("gated")
    return HubModel(
        id=row["id"],
        downloads=int(row.get("downloads") or 0),
        likes=int(row.get("likes") or 0),
        licence=said if isinstance(said, str) else licence_in(tags),
        gated=gated if gated in ("auto", "manual") else "",
        is_private=bool(row.get("private")),
        weights=_weights(names, tags, has_counts=bool(counted)),
        parameters=int(stored.get("total") or sum(counted.values())),
        size_bytes=model_shape.stored_bytes(counted),
        model_type=str((row.get("config") or {}).get("model_type") or ""),
        task=str(row.get("pipeline_tag") or ""),
        updated=str(row.get("lastModified") or "")[:10],
        quantized=_quantized(row.get("config")),
    )


def _quantized(config: object) -> str:
    said = config.get("quantization_config") if isinstance(config, Mapping) else None
    method = str(said.get("quant_method") or "").lower() if isinstance(said, Mapping) else ""
    return TITLES.get(method, shown(method, LONGEST_METHOD))


def _weights(
    names: Sequence[str], tags: Sequence[str], *, has_counts: bool
) -> Literal["safetensors", "pickles", "gguf", "none"]:
    if has_counts or "safetensors" in tags or any(name.endswith(".safetensors") for name in names):
        return "safetensors"
    if any(name.endswith(PICKLES) for name in names) or "pytorch" in tags:
        return "pickles"
    return "gguf" if "gguf" in tags or any(name.endswith(".gguf") for name in names) else "none"
