"""A row's tokens as a bar that is as long as the longest row, with what the colours mean and the sum below."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from workbench.core.units import counted, grouped
from workbench.panes.charts.canvas import Canvas
from workbench.panes.charts.token_chips import LINE
from workbench.panes.data.editing.row_counted import CountedRow
from workbench.panes.data.seen.legend import TokenLegend
from workbench.panes.data.seen.shown_tokens import CONTEXT, KINDS, SPECIAL, TRAINED, TRUNCATED
from workbench.panes.look.theme import Theme, polish
from workbench.panes.parts.boxes import in_column, in_row
from workbench.panes.parts.controls import fill, label

WORDS = ((CONTEXT, "read"), (SPECIAL, "template"), (TRAINED, "learned"), (TRUNCATED, "cut"))
NAME = "The row's tokens"
HIGH, APART_FROM = 13, 6


class RowBar(Canvas):
    """The tokens in stretches of one kind, in their order; what is cut is struck, and a line stands where it begins."""

    SIZE, LEAST, GROWS = (420, HIGH), (80, HIGH), (True, False)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme, NAME)
        self.counted: CountedRow | None = None

    def show_row(self, made: CountedRow | None) -> None:
        self.counted = made
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, made = self._theme, self.counted
        painter = QPainter(self)
        whole = QRectF(self.rect())
        fill(painter, whole, theme.color("border.subtle"))
        if made is None or not made.runs:
            return
        scale = whole.width() / max(made.longest, made.shown)
        tokens, edge, before = 0, 0.0, -1
        limits: list[float] = []
        for kind, count in made.runs:
            if tokens and TRUNCATED in (kind, before):
                limits.append(edge)
            tokens, before = tokens + count, kind
            right = round(tokens * scale)
            is_apart = right - edge > APART_FROM
            box = QRectF(edge, 0, right - edge - is_apart, whole.height())
            fill(painter, box, theme.color(f"tokens.{KINDS[kind]}"))
            fill(
                painter,
                QRectF(edge, whole.height() - LINE, box.width(), LINE),
                theme.color(f"tokens.{KINDS[kind]}_line"),
            )
            if kind == TRUNCATED:
                middle = round(whole.height() / 2) - 1
                fill(painter, QRectF(edge, middle, box.width(), 1), theme.color("text.primary"))
            edge = float(right)
        for limit in limits:
            fill(painter, QRectF(limit - 1, 0, 2, whole.height()), theme.color("text.primary"))


class RowTokens(QWidget):
    """The bar, its legend, and how many tokens there are of how many."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.bar = RowBar(theme)
        self.legend = TokenLegend(theme, WORDS[:-1])
        self.total, self.of = label("", "count"), label("", "small")
        self.of.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._sum = QWidget()
        middle = Qt.AlignmentFlag.AlignVCenter
        in_row((self.total, 0, middle), (self.of, 1, middle), gap=4, of=self._sum)
        self._line = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._line.setSpacing(4)
        self._line.addWidget(self.legend, 1)
        self._line.addWidget(self._sum)
        in_column(self.bar, self._line, gap=5, of=self)
        self.show_row(None)

    def show_row(self, made: CountedRow | None) -> None:
        """Shows what is known of a row."""
        self.bar.show_row(made)
        polish(self.total, state="")
        polish(self.of, state="")
        if made is None:
            self.legend.show_counts(())
            self.total.setText("")
            self.of.setText("")
            self.bar.setAccessibleName(NAME)
            return
        count, cut = made.count, made.kinds[TRUNCATED]
        # Nobody knows a template's tokens without a tokenizer, and mostly nothing is cut.
        without = {SPECIAL} if count.is_estimate else set()
        self.legend.kinds = tuple(
            (kind, word) for kind, word in WORDS if kind not in without and (kind != TRUNCATED or cut)
        )
        self.legend.show_counts([made.kinds[kind] for kind, _ in self.legend.kinds], is_estimate=count.is_estimate)
        self.total.setText(f"{'about ' if count.is_estimate else ''}{grouped(made.shown)}")
        self.of.setText(_of_in_words(made))
        polish(self.of, state="warn" if cut or count.is_left_out else "")
        self._arrange()
        self.bar.setAccessibleName(f"{self.legend.accessibleName()}; {self.words}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """The sum beside the legend, or below it, where its words are wrapped."""
        beside = self.legend.natural_width() + self._sum_width() + self._theme.px(12)
        is_beside = beside <= self.width()
        way = QBoxLayout.Direction
        self._line.setDirection(way.LeftToRight if is_beside else way.TopToBottom)
        self.of.setWordWrap(not is_beside)

    def _sum_width(self) -> int:
        return sum(words.fontMetrics().horizontalAdvance(words.text()) + 4 for words in (self.total, self.of))

    def show_old(self) -> None:
        """Others are being counted."""
        self.legend.show_old()
        polish(self.total, state="old")
        polish(self.of, state="old")

    @property
    def words(self) -> str:
        """What is said at the right of the legend."""
        return f"{self.total.text()} {self.of.text()}".strip()


def _of_in_words(made: CountedRow) -> str:
    """Behind the number of tokens: "of 256 tokens, the longest row"."""
    said = f"of {counted(made.longest, 'token')}"
    if made.count.is_left_out:
        said += ", left out"
    elif cut := made.kinds[TRUNCATED]:
        what = " of the answer" if made.cut_answer else ""
        said += f", cuts {counted(made.cut_answer or cut, 'token')}{what}"
    else:
        said += ", the longest row" if made.pieces < 2 else f", the longest of its {made.pieces} rows"
    if made.count.is_estimate:
        said += f"; {counted(made.characters, 'character')}, without a tokenizer"
    return said
