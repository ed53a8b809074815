"""How a part of the memory looks, wherever it is drawn, and what it is in a sentence."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from workbench.panes.look.theme import Theme

# What each part of the memory is, for whoever points at it.
PART_HELP = {
    "weights": "The frozen weights of the linear layers, as they are stored.",
    "unquantized": "Embeddings, head and norms: quantization leaves them in 16 or 32 bits.",
    "adapters": "The two thin matrices beside each chosen layer.",
    "gradients": "One number for each trained weight.",
    "optimizer": "What the optimizer remembers of each trained weight, such as Adam's two states.",
    "activations": "What the forward pass keeps for the backward pass.",
    "logits": "A score for each word of the vocabulary at each token, with its gradient.",
    "workspace": "Weights converted back for a product, and what is needed for a moment.",
    "overhead": "The driver, the libraries, and memory the allocator holds in reserve.",
}
OTHERS = "others"


def paint_block(painter: QPainter, theme: Theme, name: str, rect: QRectF) -> None:
    """Fills a rectangle as the part's: gradients carry an edge, what other programs hold is hatched."""
    if name == OTHERS:
        hatch(painter, theme, rect, theme.color("memory.overhead"))
        return
    painter.fillRect(rect, theme.color(f"memory.{name}"))
    if name == "gradients":
        _outline(painter, rect, theme.color("memory.edge_gradients"))


def hatch(painter: QPainter, theme: Theme, rect: QRectF, color: QColor) -> None:
    """Fills a rectangle with slanted strokes of a colour and its outline."""
    painter.fillRect(rect, theme.color("surface.card"))
    painter.save()
    painter.setClipRect(rect)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color, 1.5))
    x = rect.left() - rect.height()
    while x < rect.right():
        painter.drawLine(QPointF(x, rect.bottom()), QPointF(x + rect.height(), rect.top()))
        x += 6
    painter.restore()
    _outline(painter, rect, color)


def _outline(painter: QPainter, rect: QRectF, color: QColor) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color, 1))
    painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
