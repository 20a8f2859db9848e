"""Accept, and entity tags, as RFC 9110 reads them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicles.entrypoints.http.messages import entity_tags, preferred
from vehicles.entrypoints.http.problems import ProblemError

_OFFERED = ("application/json", "text/csv", "text/html")


@pytest.mark.parametrize(
    ("accept", "expected"),
    (
        *((accept, "application/json") for accept in ("", " , ,", "*/*", "image/gif, *; q=.2, */*; q=.2")),
        *((accept, "text/html") for accept in ("TEXT/HTML", "text/html;level=1", "text/html; Q=1")),
        ("text/*", "text/csv"),
        ("text/html;q=0.2, text/csv;q=0.8", "text/csv"),
        ("text/html;q=0.5, text/csv;q=0.5", "text/csv"),
        ("text/*;q=0.9, text/csv;q=0.1", "text/html"),
        ("*/*;q=0.1, text/html;q=0.2", "text/html"),
        ("*/*, application/json;q=0", "text/csv"),
        ("text/html;q=1.000, text/csv;q=0.999", "text/html"),
        ("text/html;q=1.001, text/csv;q=0.1", "text/csv"),
        ("text/html;q=0.2, text/html;q=0.9, text/csv;q=0.5", "text/html"),
        ("text/html;q=0.9, text/html;q=0.2, text/csv;q=0.5", "text/html"),
        ("text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "text/html"),
        *((f"text/html;q={quality}", None) for quality in ("0", "-1", "2", "inf", "x", "nan")),
        *((accept, None) for accept in ("image/png", "text", "*")),
    ),
)
def test_accept_is_ranked(accept: str, expected: str | None) -> None:
    assert preferred(accept, _OFFERED) == expected


@given(st.text(st.characters()))
def test_any_accept_answered(accept: str) -> None:
    assert preferred(accept, _OFFERED) in {*_OFFERED, None}


@pytest.mark.parametrize(
    ("value", "strong", "weak"),
    (
        ("*", None, None),
        ('"a"', {"a"}, {"a"}),
        ('""', {""}, {""}),
        ('W/"a"', set(), {"a"}),
        ('"a",W/"b" , "c"', {"a", "c"}, {"a", "b", "c"}),
        ('"a,b"', {"a,b"}, {"a,b"}),
        ('"W/"', {"W/"}, {"W/"}),
        (',, "a",\t,"b",', {"a", "b"}, {"a", "b"}),
        ('"\xe4"', {"\xe4"}, {"\xe4"}),
    ),
)
def test_entity_tags_read(value: str, strong: set[str] | None, weak: set[str] | None) -> None:
    assert (entity_tags("If-Match", value, weak=False), entity_tags("If-None-Match", value, weak=True)) == (
        strong,
        weak,
    )


@pytest.mark.parametrize(
    "value", ("", ",", "a", '"a', 'a"', '"a" "b"', '*,"a"', 'w/"a"', 'W/ "a"', '"a b"', '"a"\n', '"\x7f"')
)
def test_malformed_tags_refused(value: str) -> None:
    with pytest.raises(ProblemError, match="invalid-parameter") as rejection:
        entity_tags("If-Match", value, weak=False)
    (error,) = rejection.value.errors
    assert (rejection.value.detail, error["detail"]) == (
        "The header If-Match is invalid.",
        'write an entity tag in quotation marks, as in `ETag`: "3f9c…", or *',
    )


@pytest.mark.parametrize("separator", (",", " ", "\t", '"'))
def test_hostile_length_refused(separator: str) -> None:
    with pytest.raises(ProblemError):
        entity_tags("If-Match", '"a"' + separator * 30_000 + "x", weak=False)
