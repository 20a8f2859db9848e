"""The claims about the template: each holds, and each is seen to fail on a template that was changed for it."""

import pytest

from tests.support import claims_on_api, claims_on_functions, claims_on_monitoring, claims_on_storage
from tests.support.stack_template import CLAIMS, Stack, translation

MODULES = (claims_on_api, claims_on_functions, claims_on_monitoring, claims_on_storage)


@pytest.mark.parametrize("name", CLAIMS)
def test_template_keeps_claim(name: str) -> None:
    CLAIMS[name].holds(Stack(translation()))


@pytest.mark.parametrize("name", CLAIMS)
def test_changed_template_breaks_claim(name: str) -> None:
    with pytest.raises(AssertionError):
        CLAIMS[name].holds(Stack(CLAIMS[name].broken_template()))


def test_no_claim_goes_unseen() -> None:
    assert {each.holds.__module__ for each in CLAIMS.values()} == {module.__name__ for module in MODULES}
