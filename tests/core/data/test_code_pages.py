"""Which code page a few words are in."""

import json

import pytest

from workbench.core.data.code_pages import likeliest_code_page

# ruff: noqa: RUF001
WORDS = {
    "cp1252": ["Où est la gare ?", "Ich heiße Jörg.", "Hvad hedder du? Jeg bor på Færøerne.", "Perché è così?", "naïve",
               "It’s a “good” day – really.", "El Niño", "Zürich", "Hvernig hefur þú það?"],
    "cp1250": ["Jak se máš? Mám se dobře, děkuji.", "Volám sa Ľuboš.", "Őt hívják Árvíztűrőnek.", "Đorđe Čečić",
               "Gdzie jest dworzec? Tuż za rogiem, koło kościoła.", "Câţi ani ai? Şapte."],
    "cp1254": ["Nasılsın? İyiyim, teşekkür ederim."],
    "cp1257": ["Ačiū, labai gerai, šiandien gražu."],
    "cp1251": ["Как дела? Хорошо.", "Що це? Це їжак."],
    "cp1253": ["Πού είναι ο σταθμός;"],
    "cp932": ["元気ですか。はい、元気です。"],
    "gb18030": ["你好吗？我很好，谢谢。"],
}  # fmt: skip


@pytest.mark.parametrize(("page", "text"), [(page, text) for page, texts in WORDS.items() for text in texts])
def test_that_a_few_words_are_enough_in_any_format(page: str, text: str) -> None:
    for written in (
        f"question,answer\n{text},{text}\n",
        json.dumps({"prompt": text, "completion": text}, ensure_ascii=False),
        text,
        "Hello,there\n" * 20 + text,
    ):
        assert written.encode(page).decode(likeliest_code_page(written.encode(page))) == written


def test_that_bytes_of_no_page_have_the_commonest() -> None:
    assert likeliest_code_page(bytes(range(128, 256)) * 9) in ("cp1252", "cp1256")
