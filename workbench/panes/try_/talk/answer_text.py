"""The text of an answer: Markdown as it is meant, as high as it is, with a block at its end while it grows."""

import time
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRectF, Qt, QUrl
from PySide6.QtGui import (
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit

from workbench.panes.look.theme import Theme
from workbench.panes.parts.controls import fill
from workbench.panes.try_.talk.sent_tokens import Piece

PITCH = 19  # of lines, in pixels of the drawing
APART = 4  # of paragraphs
# Between two pictures of an answer that grows, as a multiple of what the last one took.
REST = 3.0
CARET_WIDTH, CARET_HEIGHT = 7, 14
# A text view lays out what it holds.
LONGEST_SHOWN = 200_000
_FEATURES = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
# What Qt writes code of Markdown in.
_CODE_FAMILY = "monospace"


class _ClosedDocument(QTextDocument):
    """A document that loads nothing, whatever a model has written into it."""

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        return None


class AnswerText(QTextEdit):
    """A text to read, select and copy; what scrolls is around it."""

    def __init__(self, theme: Theme, name: str, color: str) -> None:
        super().__init__()
        self._theme, self._color = theme, color
        self._has_caret = False
        self._next_at = 0.0
        self._shown: tuple[str, bool] | tuple[Piece, ...] | None = None
        self.setProperty("role", "bare")
        self.setDocument(_ClosedDocument(self))
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._fit())
        theme.follow(self._restyle)

    # -- what is shown -------------------------------------------------------------------------------------------------

    def show_markdown(self, text: str, *, is_growing: bool) -> None:
        """Shows a text as Markdown, without what would be HTML."""
        is_over = self._has_caret and not is_growing
        began = time.perf_counter()
        if is_growing and began < self._next_at:
            return  # a long answer takes a while to be laid out: it grows in larger steps
        self._has_caret = is_growing
        shown = (text[:LONGEST_SHOWN], True)
        if shown != self._shown or is_over:
            self._shown = shown
            self.document().setMarkdown(shown[0], _FEATURES)
            self._tidy()
            ended = time.perf_counter()
            self._next_at = ended + REST * (ended - began)
        self.viewport().update()

    def show_quiet(self, text: str) -> None:
        """Shows a sentence of ours in the place of an answer."""
        self._has_caret = False
        if self._shown != (text, False):
            self._shown = (text, False)
            self.document().clear()
            quiet = QTextCharFormat()
            quiet.setForeground(self._theme.color("text.tertiary"))
            QTextCursor(self.document()).insertText(text, quiet)
            self._pitch()

    def show_tokens(self, pieces: Sequence[Piece]) -> None:
        """Shows a text as the tokens that it is made of: every other one on another ground, its id on hover."""
        self._has_caret = False
        shown = tuple(pieces)
        if shown == self._shown:
            return
        self._shown = shown
        self.document().clear()
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for place, piece in enumerate(shown):
            looks = QTextCharFormat()
            looks.setForeground(self._theme.color("text.primary"))
            looks.setToolTip(piece.tip)
            if piece.is_special:
                looks.setBackground(self._theme.color("tokens.special"))
            elif place % 2:
                looks.setBackground(self._theme.color("tokens.context"))
            cursor.insertText(piece.text, looks)
        cursor.endEditBlock()
        self._pitch()

    def set_color(self, color: str) -> None:
        """The colour of who says it."""
        self._color = color
        self.viewport().update()

    def _tidy(self) -> None:
        """Headings of the text's own size, code in the fixed font: Qt takes sizes of a page, and a font of its own."""
        plain = QTextCharFormat()
        plain.setProperty(QTextCharFormat.Property.FontSizeAdjustment, 0)
        whole = QTextCursor(self.document())
        whole.beginEditBlock()  # it is laid out once
        whole.select(QTextCursor.SelectionType.Document)
        whole.mergeCharFormat(plain)
        code = QTextCharFormat()
        code.setFontFamilies([self._theme.font("body", mono=True).family()])
        code.setBackground(self._theme.color("surface.inset"))
        # A long answer that grows has its code as Qt writes it: to look for it takes longer than all the rest.
        for start, length in [] if self._has_caret else self._code():
            cursor = QTextCursor(self.document())
            cursor.setPosition(start)
            cursor.setPosition(start + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(code)
        self._pitch(apart=True)
        whole.endEditBlock()
        self._fit()

    def _code(self) -> list[tuple[int, int]]:
        """Where code stands: first character and length of each piece."""
        found = []
        block = self.document().begin()
        while block.isValid():
            pieces = block.begin()
            while not pieces.atEnd():
                piece = pieces.fragment()
                if piece.charFormat().fontFamilies() == [_CODE_FAMILY]:
                    found.append((piece.position(), piece.length()))
                pieces += 1
            block = block.next()
        return found

    def _pitch(self, *, apart: bool = False) -> None:
        lines = QTextBlockFormat()
        pitch = float(self._theme.px(PITCH))
        lines.setLineHeight(pitch, QTextBlockFormat.LineHeightTypes.MinimumHeight.value)
        if apart:
            lines.setBottomMargin(float(self._theme.px(APART)))
        cursor = QTextCursor(self.document())
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.mergeBlockFormat(lines)
        self._fit()

    def _restyle(self) -> None:
        self.document().setDefaultFont(self._theme.font("body"))
        shown, self._shown = self._shown, None
        if isinstance(shown, tuple) and shown and isinstance(shown[0], str):
            if shown[1]:
                self.show_markdown(shown[0], is_growing=self._has_caret)
            else:
                self.show_quiet(shown[0])
        elif shown is not None:
            self.show_tokens([piece for piece in shown if isinstance(piece, Piece)])

    # -- its size and its caret ----------------------------------------------------------------------------------------

    def _fit(self) -> None:
        frame = 2 * 2  # the ring of the focus
        self.setFixedHeight(round(max(self.document().size().height(), self._theme.px(PITCH))) + frame)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._has_caret:
            return
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        at = self.cursorRect(cursor)
        px = self._theme.px
        high = min(px(CARET_HEIGHT), at.height())
        middle = at.top() + QFontMetricsF(self._theme.font("body")).height() / 2
        box = QRectF(at.left() + px(1), middle - high / 2, px(CARET_WIDTH), high)
        fill(QPainter(self.viewport()), box, self._theme.color(self._color))
