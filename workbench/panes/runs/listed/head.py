"""The head of the table of runs: how many are compared, tags as chips, and the search."""

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QSizePolicy, QToolButton, QWidget

from workbench.core.runs.row import RunRow
from workbench.panes.charts.key_caps import KeyCaps
from workbench.panes.look.theme import Theme
from workbench.panes.parts.boxes import in_row

SEARCH_WIDTH, LEAST_SEARCH = 276, 150
GAP = 6
MOST_IN_MENU = 40


class TagChips(QWidget):
    """All runs, then the tags by how many runs have them, as many as there is room for; the rest in a menu.

    Signals:
        chosen_changed: `chosen` has changed by hand.
    """

    chosen_changed = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.chosen: tuple[str, ...] = ()
        self._counts: list[tuple[str, int]] = []
        self._total = 0
        self._chips: dict[str, QToolButton] = {}
        self._more = self._chip("more")
        self._more.setCheckable(False)
        self._more.setAccessibleName("More tags")
        self._more.clicked.connect(self._open_menu)
        self._all = self._chip("all")
        self._all.clicked.connect(self._choose_all)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self._arrange)

    def _chip(self, text: str) -> QToolButton:
        chip = QToolButton(self)
        chip.setText(text)
        chip.setProperty("role", "chip")
        chip.setCheckable(True)
        chip.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return chip

    def show_rows(self, rows: Sequence[RunRow]) -> None:
        """Counts the tags of the runs there are; one that no run has any more is not chosen any more."""
        counted = Counter(tag for row in rows for tag in row.tags)
        now = sorted(counted.items(), key=lambda entry: (-entry[1], entry[0].casefold()))
        if (now, len(rows)) == (self._counts, self._total) and self._chips:
            return
        self._counts, self._total = now, len(rows)
        for tag in [tag for tag in self._chips if tag not in counted]:
            self._chips.pop(tag).deleteLater()
        for tag, _ in now:
            if tag not in self._chips:
                self._chips[tag] = self._chip(tag)
                self._chips[tag].clicked.connect(lambda _checked=False, tag=tag: self.turn(tag))
        left = tuple(tag for tag in self.chosen if tag in counted)
        if left != self.chosen:
            self.chosen = left
            self.chosen_changed.emit()
        self._arrange()

    def turn(self, tag: str) -> None:
        """Asks for the tag too, or no more."""
        self.chosen = tuple(other for other in self.chosen if other != tag) or ()
        if self._chips[tag].isChecked() or not self._chips[tag].isVisible():
            self.chosen = (*self.chosen, tag)
        self._arrange()
        self.chosen_changed.emit()

    def choose(self, *tags: str) -> None:
        """Asks for these tags alone."""
        self.chosen = tuple(tag for tag in tags if tag in self._chips)
        self._arrange()
        self.chosen_changed.emit()

    def _choose_all(self) -> None:
        self.choose()

    def chip_of(self, tag: str) -> QToolButton:
        return self._chips[tag]

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for tag, count in self._counts[:MOST_IN_MENU]:
            action = menu.addAction(f"{tag}  {count}")
            action.setCheckable(True)
            action.setChecked(tag in self.chosen)
            action.toggled.connect(lambda is_on, tag=tag: self._turn_to(tag, is_on))
        menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def _turn_to(self, tag: str, is_on: bool) -> None:
        others = tuple(other for other in self.chosen if other != tag)
        self.choose(*others, *([tag] if is_on else []))

    # -- where they stand ---------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(300), self._all.sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._all.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """From the right: what is chosen always, then the most frequent, as far as there is room."""
        gap = self._theme.px(GAP)
        self._all.setText(f"all {self._total}")
        self._all.setChecked(not self.chosen)
        counts = dict(self._counts)
        for tag, chip in self._chips.items():
            short = chip.fontMetrics().elidedText(tag, Qt.TextElideMode.ElideRight, self._theme.px(130))
            chip.setText(f"{short} {counts.get(tag, 0)}")
            chip.setAccessibleName(f"Tag {tag}, {counts.get(tag, 0)} runs")
            chip.setToolTip(tag if short != tag else "")
            chip.setChecked(tag in self.chosen)
        wanted = [*self.chosen, *(tag for tag, _ in self._counts if tag not in self.chosen)]
        room = self.width() - self._all.sizeHint().width()
        shown: list[str] = []
        for place, tag in enumerate(wanted):
            more = gap + self._more.sizeHint().width() if place < len(wanted) - 1 else 0
            wide = gap + self._chips[tag].sizeHint().width()
            if room - wide < more:
                break
            room -= wide
            shown.append(tag)
        has_more = len(shown) < len(wanted)
        row = [self._all, *(self._chips[tag] for tag in shown), *([self._more] if has_more else [])]
        x = self.width() - sum(chip.sizeHint().width() + gap for chip in row) + gap
        for chip in (self._all, self._more, *self._chips.values()):
            chip.setVisible(chip in row and bool(self._counts))
        for chip in row:
            hint = chip.sizeHint()
            chip.setGeometry(x, (self.height() - hint.height()) // 2, hint.width(), hint.height())
            x += hint.width() + gap


class SearchField(QLineEdit):
    """Words that are looked for; Escape clears it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setPlaceholderText("Name, model, data, tag, note")
        self.setAccessibleName("Find runs by name, model, data, tag or note")
        self._glass = self.addAction(theme.icon("magnifying-glass"), QLineEdit.ActionPosition.LeadingPosition)
        self._key = KeyCaps(theme, [("Ctrl F", "")])
        self._key.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        in_row(1, self._key, margins=(0, 0, theme.px(8), 0), of=self)
        self.textChanged.connect(lambda _text: self.arrange())
        theme.changed.connect(self._restyle)

    def _restyle(self) -> None:
        self._glass.setIcon(self._theme.icon("magnifying-glass"))

    def arrange(self) -> None:
        """The key goes where something is typed, or the window is narrow."""
        has_key = not self.text() and self._key.fits() and not self._theme.projector
        self._key.setVisible(has_key)
        self.setTextMargins(0, 0, self._key.sizeHint().width() if has_key else 0, 0)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)
