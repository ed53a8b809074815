"""Keys and card numbers are found where they stand, and ordinary text has none."""

import pytest

from workbench.core.tokens.prepared.secrets import secrets_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("aws AKIA" + "IOSFODNN7EXAMPLE end", ["an AWS key"]),
        ("token ghp_" + "a1B2" * 9, ["a GitHub token"]),
        ("github_pat_" + "A1b2_" * 12, ["a GitHub token"]),
        ("key sk-" + "aB3d" * 12, ["an API key"]),
        ("key sk-proj-" + "aB3d_" * 12, ["an API key"]),
        ("key sk-ant-api03-" + "aB3d-" * 12, ["an API key"]),
        ("hf_" + "aBcD" * 9, ["a Hugging Face token"]),
        ("xoxb-" + "1234567890-" * 3 + "abc", ["a Slack token"]),
        ("AIza" + "Sy0-_" * 7, ["a Google key"]),
        ("sk_live_" + "4eC3" * 6, ["a Stripe key"]),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", ["a private key"]),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", ["a private key"]),
        ("-----BEGIN PGP PRIVATE KEY BLOCK-----", ["a private key"]),
        ("pay with 4111 1111 1111 1111 now", ["a card number"]),
        ("5555-5555-5555-4444", ["a card number"]),
        ("378282246310005", ["a card number"]),
        ("AKIA" + "IOSFODNN7EXAMPLE and 4111111111111111", ["an AWS key", "a card number"]),
    ],
)
def test_that_a_key_or_a_card_number_is_found(text: str, found: list[str]) -> None:
    assert secrets_in([text]) == [found]
    assert secrets_in(["none", "1" * 12, text, ""]) == [[], [], found, []]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "The risk-averse hf_user asked ghp_ and sk-learn about AKIA.",
        "4111 1111 1111 1112",  # its check digit is another one
        "0000000000000000",
        "1234567890123456",
        "a phone: +49 170 1234567, an ISBN: 978-3-16-148410-0",
        "3.14159265358979323846",
        "2026-11-29 02:40:43 and 1732848043000",
        "a PRIVATE KEY is nothing to share",
    ],
)
def test_that_ordinary_text_holds_none(text: str) -> None:
    assert secrets_in([text, text]) == [[], []]
