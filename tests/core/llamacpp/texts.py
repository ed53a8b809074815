"""200 texts in several scripts, for tokenizers that ought to split them alike."""

# ruff: noqa: RUF001  letters that look alike are what is to be told apart

_SENTENCES = (
    "The quick brown fox doesn't jump over 1234567 lazy dogs.",
    "Größe, Übermaß und Straße: schöne Wörter aus Zürich.",
    "Où est passée la crème brûlée de l'été à Nîmes ?",
    "¿Dónde está el niño? ¡Mañana será otro día!",
    "Привет, мир! Как поживаешь сегодня вечером?",
    "Γειά σου Κόσμε, τι κάνεις σήμερα;",
    "שלום עולם, מה שלומך היום?",
    "مرحبا بالعالم، كيف حالك اليوم؟",
    "नमस्ते दुनिया, आज आप कैसे हैं?",
    "হ্যালো বিশ্ব, আজ কেমন আছেন?",
    "வணக்கம் உலகம், இன்று எப்படி இருக்கிறீர்கள்?",
    "สวัสดีชาวโลก วันนี้เป็นอย่างไรบ้าง",
    "你好，世界！今天天气怎么样？",
    "こんにちは世界。今日の天気はどうですか？",
    "안녕하세요 세계, 오늘 날씨가 어때요?",
    "Xin chào thế giới, hôm nay bạn thế nào?",
    "Merhaba dünya, İstanbul'da ılık bir gün.",
    "გამარჯობა მსოფლიო, როგორ ხარ?",
    "Բարեւ աշխարհ, ինչպե՞ս ես։",
    "ሰላም ልዑል፣ እንዴት ነህ?",
    "def f(x, *, y=1.5e-3):\n\treturn {'a': x**2, \"b\": y // 3}",
    '{"id": 42, "tags": ["<b>", "&amp;"], "ok": true}',
    "😀 👩‍🔬 🇨🇭 ½ ² ™ — “quotes” … €100,000.50",
    "   indented\n\n\n  twice\t\ttabbed\r\nand returned   ",
    "I'LL say it's DON'T we'VE they'd SHOULDN'T",
)
_FORMS = ("{}", " {}", "{}\n", "{}{}", "({})", "1. {}\n2. {}", "{}  {}", "<<{}>>")
TEXTS = tuple(form.format(*[text] * form.count("{}")) for text in _SENTENCES for form in _FORMS)
