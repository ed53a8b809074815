"""Which code page the letters beyond ASCII of a text are in, of those that Windows has had."""

import re

CODE_PAGES = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874", "cp932",
    "gb18030", "cp949", "big5",
)  # fmt: skip
SAMPLE_BYTES = 16_384  # more makes charset-normalizer slower, not surer
SAMPLE_LINES = 200
LONGEST_LINE_BYTES = 1000
# Letters beyond ASCII of each language that is written in a page of Latin letters. They share most of their bytes, so
# that a few words tell a library nothing; that all letters of a line are of one language tells them apart.
_LANGUAGES = {
    "cp1252": (
        "àâæçéèêëîïôœùûüÿ", "äöüß", "áéíñóúü", "ãáâàçéêíóõôúü", "æøåéó", "åäöé", "àèéìíîòóù", "áéíóúýðþæö", "éëïóöüèê",
        "àçéèíïóòúü",
    ),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "čćđšž", "ăâîşţ"),
    "cp1254": ("çğıİöşüâîû",),
    "cp1257": ("āčēģīķļņšūž", "ąčęėįšųūž", "äõöüšž"),
}  # fmt: skip
_LETTERS = {page: [frozenset(text + text.upper()) for text in texts] for page, texts in _LANGUAGES.items()}
_LATIN = (*_LETTERS, "cp1258")
# What stands between spaces and the signs of CSV and JSON, of which the second byte of a character is none.
_WORD_BYTES = re.compile(rb'[^\s",;:]*[\x80-\xff][^\s",;:]*')
# A word with a letter beyond ASCII, or with a sign where another page has one.
_WORD = re.compile(r"[^\W\d_]*(?:[^\W\d_a-zA-Z]|[\xb2-\xbf])[^\W\d_]*")


def likeliest_code_page(piece: bytes) -> str:
    """Python's name of it."""
    from charset_normalizer import from_bytes  # 30 ms that files of UTF-8 need not wait

    sample = b""
    for match in _WORD_BYTES.finditer(piece):
        sample += match.group()[:LONGEST_LINE_BYTES] + b" "
        if len(sample) > SAMPLE_BYTES:
            break
    found = from_bytes(sample, cp_isolation=list(CODE_PAGES))
    best = found.best()
    if best is None:
        return CODE_PAGES[0]
    # Of a few letters several are as likely; the first of them in the list is the commonest.
    likely = [match for match in found if match.chaos <= best.chaos and match.coherence >= best.coherence]
    names = {name for match in likely for name in match.could_be_from_charset}
    page = next((name for name in CODE_PAGES if name in names), best.encoding)
    return _latin_page(piece) if page in _LATIN else page


def _latin_page(piece: bytes) -> str:
    """The one by which most words are of the language of their line."""
    lines = [line[:LONGEST_LINE_BYTES] for line in piece.split(b"\n") if not line.isascii()][:SAMPLE_LINES]
    return max(_LETTERS, key=lambda page: sum(_words_of_one_language(line, page) for line in lines))


def _words_of_one_language(line: bytes, page: str) -> int:
    text = line.decode(page, "replace")
    words = [word for word in _WORD.findall(text) if word.isupper() or word[1:] == word[1:].lower()]
    beyond = [{letter for letter in word if not letter.isascii()} for word in words]
    return max(sum(letters <= known for letters in beyond) for known in _LETTERS[page])
