"""Discovery lists exactly what works: every member of the metadata is known here, and every value
that one names is used, by requests that anybody could send."""

from __future__ import annotations

from pathlib import Path

import pytest

import authorization_details as rich
from harness import Tenant
from metadata_uses import USES
from walk import Walk


@pytest.fixture
def whole_tenant(tenant: Tenant) -> Tenant:
    """A tenant of which the metadata tells everything that it can."""
    rich.bank(tenant)
    return tenant


@pytest.mark.parametrize("member", USES)
def test_what_the_metadata_names_works(
    whole_tenant: Tenant, tmp_path: Path, member: str
) -> None:
    USES[member](Walk(whole_tenant, tmp_path), whole_tenant.metadata[member])


def test_the_metadata_names_nothing_else(whole_tenant: Tenant) -> None:
    assert set(whole_tenant.metadata) == set(USES)
