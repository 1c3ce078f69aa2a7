"""The admin API against its own contract: schemathesis makes requests of it, right and wrong, and every
answer has to be one that the contract tells of, in the shape that it tells."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance, negative_data_rejection, response_schema_conformance,
    status_code_conformance)

from admin_api import Admin, administrator
from conftest import KINDS
from harness import Instance
from isolation import Holdings

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_schema_conformance, negative_data_rejection,
]
# What names something that there is, by the placeholder of the path.
KNOWN = {
    "user": "user", "client": "client", "resource": "resource", "organization": "organization",
    "key": "key", "role": "role", "group": "group", "consent": "consent", "host": "host",
    "invitation": "invitation", "issuer": "issuer", "policy": "policy", "secret": "secret",
    "token": "initial access token", "request": "request",
}


class Asked:
    """An installation with one of everything, and a key that is not used up."""

    def __init__(self, instance: Instance, holdings: Holdings) -> None:
        self.instance, self.holdings = instance, holdings
        self.owner = administrator(instance)
        self.schema = schemathesis.openapi.from_dict(
            instance.http.get(f"{instance.url}/api/v1/openapi.json").json())
        self.asked = 0

    @property
    def key(self) -> Admin:
        self.asked += 1
        if self.asked % 1_000 == 0:
            self.owner = administrator(self.instance)
        return self.owner


@pytest.fixture(scope="module", params=KINDS)
def asked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Asked]:
    with Instance(request.param) as instance:
        holdings = Holdings.of(instance.create_tenant(), tmp_path_factory.mktemp("files"))
        yield Asked(instance, holdings)
        holdings.forget_names()
        instance.secrets.clear()


@pytest.fixture
def contract(asked: Asked) -> object:
    return asked.schema


schema = schemathesis.pytest.from_fixture("contract")


def test_the_contract_is_one(asked: Asked) -> None:
    validate(asked.schema.raw_schema)


@schema.parametrize()
@settings(
    max_examples=8, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_the_contract_tells_of(
    case: schemathesis.Case, asked: Asked
) -> None:
    """Half of the requests are about what there is, the others about whatever comes."""
    if asked.asked % 2 == 0:
        for name in case.path_parameters or {}:
            if name == "tenant" and case.operation.definition.raw["operationId"] != "tenant_delete":
                case.path_parameters[name] = asked.holdings.tenant.slug
            elif name in KNOWN and KNOWN[name] in asked.holdings.ids:
                case.path_parameters[name] = asked.holdings.ids[KNOWN[name]]
    case.call_and_validate(
        base_url=f"{asked.instance.url}/api/v1", checks=CHECKS,
        headers={"Authorization": f"Bearer {asked.key.key}"}, timeout=30)
