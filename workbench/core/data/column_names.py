"""What columns are called, in many languages: the one list by which a column is known for what it holds."""

import re
import unicodedata
from functools import cache

# In the order of preference within a line; case, accents, spaces, "_" and "-" make no difference.
_WORDS = {
    "prompt": """
        prompt question instruction query request user human problem task ask input q
        frage fragestellung eingabe anweisung aufgabe anfrage benutzer
        consigne demande requête énoncé entrée utilisateur
        pregunta instrucción consulta solicitud entrada usuario
        domanda istruzione richiesta quesito utente
        pergunta questão instrução solicitação usuário
        vraag opdracht invoer vraagstelling
        pytanie polecenie zapytanie zadanie
        вопрос запрос инструкция задание ввод питання запитання
        otázka dotaz kérdés fråga spørgsmål spørsmål kysymys întrebare ερώτηση soru câuhỏi pertanyaan
        سؤال السؤال שאלה प्रश्न
        问题 提问 问 指令 提示 输入 提示词 問題 提問
        質問 問い 指示 入力 プロンプト 質問文 질문 지시 입력 프롬프트
    """,
    "completion": """
        completion answer response output reply assistant gpt chatgpt bot target solution result expected a
        summary translation highlights tldr zusammenfassung übersetzung
        antwort ausgabe lösung ergebnis erwiderung
        réponse sortie solution résultat
        respuesta salida solución contestación
        risposta uscita soluzione
        resposta saída solução
        antwoord uitvoer oplossing
        odpowiedź wynik rozwiązanie
        ответ вывод решение результат відповідь
        odpověď válasz svar vastaus răspuns απάντηση cevap yanıt câutrảlời trảlời jawaban
        جواب إجابة الجواب الإجابة תשובה उत्तर
        回答 答案 答 回复 输出 答复 完成 解答
        答え 応答 返答 出力 回答文 답변 응답 출력 정답
    """,  # noqa: RUF001
    "input": """
        input context passage background document kontext eingabe contexte entrée contexto entrada contesto
        ingresso invoer kontekst контекст ввод 输入 上下文 背景 入力 文脈 입력 문맥
    """,
    "system": """
        system systemprompt systemmessage sysprompt systeminstruction persona systemanweisung systemtext systemnachricht
        invitesystème sistema promptdesistema системный системныйпромпт 系统 系统提示 システム システムプロンプト 시스템
    """,
    "messages": """
        messages conversations conversation dialog dialogue dialogs chat turns thread history
        gespräch unterhaltung nachrichten discussion conversación conversazione conversa gesprek rozmowa
        диалог сообщения 对话 消息 会話 メッセージ 대화
    """,
    "text": """
        text content body document article passage story inhalt texte contenu texto contenido testo contenuto conteúdo
        tekst treść текст содержание 文本 内容 正文 テキスト 本文 텍스트 본문
    """,
    "chosen": "chosen chosenresponse preferred accepted win winner better chosenanswer bevorzugt gewählt",
    "rejected": "rejected rejectedresponse dispreferred declined lose loser worse rejectedanswer abgelehnt verworfen",
    "history": "history verlauf historique historial 历史 履歴",
    "tools": "tools functions availabletools availablefunctions",
    "group": """
        group category topic kind type class label domain subject split wording difficulty level language source
        gruppe kategorie thema art fach catégorie thème categoría tema categoria onderwerp kategoria
        категория тема 类别 类型 分类 カテゴリ 分類 분류
    """,
}  # fmt: skip
# A column holds nothing to learn from where one of these is a word of its name.
_ASIDE = {"id", "ids", "uuid", "index", "idx", "key", "number", "nr", "no", "date", "time", "timestamp", "length"}
_ASIDE |= {"count", "score", "rating", "url"}
_WORD = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![^\W\d_A-Z])")


@cache
def normal(name: str) -> str:
    """A name as names are compared: without case, accents, outer space, spaces, underscores and hyphens."""
    spelled = unicodedata.normalize("NFKD", name.strip()).casefold()
    return "".join(letter for letter in spelled if letter not in " _-\u00a0" and unicodedata.category(letter) != "Mn")


@cache
def names(role: str) -> tuple[str, ...]:
    """What columns of a role are called, as `normal` spells them, the commonest first."""
    return tuple(dict.fromkeys(normal(word) for word in _WORDS[role].split()))


def is_called(name: str, role: str) -> bool:
    """Whether a column's whole name is one of a role."""
    return normal(name) in names(role)


def has_word(name: str, role: str) -> bool:
    """Whether one word of a column's name is one of a role, as in "Customer question" and "modelAnswer"."""
    words = _words(name)
    return len(words) > 1 and not words & _ASIDE and any(word in words for word in names(role) if len(word) > 1)


def is_aside(name: str) -> bool:
    """Whether a column's name says that it holds an id, a date or the like."""
    return bool(_words(name) & _ASIDE)


def _words(name: str) -> set[str]:
    return {normal(word) for word in _WORD.findall(name)}
