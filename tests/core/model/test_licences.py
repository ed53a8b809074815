"""Licences in words."""

from workbench.core.model.licences import LICENCES, has_terms, licence_in_words


def test_that_a_licence_is_written_as_people_write_it() -> None:
    assert [licence_in_words(name) for name in ("apache-2.0", "llama3.1", "MIT", "other")] == [
        *("Apache-2.0", "Llama 3.1", "MIT", "its own"),
    ]
    assert licence_in_words("tongyi-qianwen") == "tongyi-qianwen"
    assert [licence_in_words(name) for name in ("", "unknown", " ")] == ["", "", ""]


def test_that_terms_are_told_from_licences_that_only_want_to_be_passed_on() -> None:
    assert [has_terms(name) for name in ("apache-2.0", "mit", "llama3.1", "gemma", "other", "tongyi-qianwen")] == [
        *(False, False, True, True, True, True),
    ]
    assert not has_terms("unknown")


def test_that_what_can_be_chosen_has_words() -> None:
    assert next(iter(LICENCES)) == "apache-2.0"
    assert all(LICENCES.values())
