"""The public face: frozen names, light to import, and no name without a home."""

import forgetscope


def test_the_public_names_are_frozen():
    assert forgetscope.__all__ == [
        "Comparison",
        "Diagnosis",
        "DomainPolicy",
        "ForgetscopeError",
        "ForgettingCallback",  # forgetting is measured where it happens: in any HF trainer
        "Policy",
        "Study",
        "Verdict",
        "diff",
        "evaluate",
    ]


def test_every_public_name_can_be_had():
    for name in forgetscope.__all__:
        assert getattr(forgetscope, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(forgetscope, "evalaute")
