"""HTML pages as a test reads them."""

from html.parser import HTMLParser


class Reader(HTMLParser):
    """Collects tags with their attributes; every tag that is opened has to be closed."""

    EMPTY = ("meta", "rect", "line", "circle", "polygon", "polyline", "path")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words += data

    @property
    def elsewhere(self) -> list[str]:
        """What in it would be fetched, or run."""
        found = [tag for tag, _ in self.tags if tag in ("script", "link", "img", "iframe", "object", "embed", "base")]
        names = {name for _, attributes in self.tags for name in attributes}
        return [
            *found,
            *(name for name in names if name in ("src", "href", "srcset", "style") or name.startswith("on")),
        ]
