"""What counts as an address of ours; tests/journeys/test_redirects.py asks a browser about the same ones."""

import pytest

from lopso.web.local_address import is_local, local_path, written
from tests.web.local_addresses import NOT_OURS, OURS


@pytest.mark.parametrize("address", OURS)
def test_address_of_ours_is_local(address: str) -> None:
    assert is_local(address)
    assert local_path(address, "/x") == address
    assert written(address) == address


@pytest.mark.parametrize("address", NOT_OURS)
def test_address_that_leaves_or_can_be_misread_is_not_local(address: str) -> None:
    assert not is_local(address)
    assert local_path(address, "/x") == "/x"


def test_no_address_is_the_fallback() -> None:
    assert local_path(None) == "/"
    assert local_path(None, "/x") == "/x"


def test_address_put_together_is_escaped() -> None:
    assert written("/lịch/a b\n?x=ộ") == "/l%E1%BB%8Bch/a%20b%0A?x=%E1%BB%99"
    assert written("/\ud800") == "/?"
