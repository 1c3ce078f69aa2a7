"""One chain of events, whoever seals them: several nodes, commands beside them, and nodes that are
killed. Attack case GH-388."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import auditing
from another_node import another
from harness import Instance, Tenant
from protocol import token
from trial import eventually


@pytest.fixture(params=["postgres"])
def nodes() -> Iterator[list[Instance]]:
    with Instance("postgres") as first, another(first) as second, another(first) as third:
        yield [first, second, third]


def unsealed(instance: Instance) -> int:
    return instance.database.value("SELECT count(*) FROM event WHERE sequence IS NULL")


def numbers(tenant: Tenant) -> list[int]:
    return [row["sequence"] for row in tenant.instance.database.rows(
        f"SELECT sequence FROM event WHERE tenant_id = '{tenant.id}' ORDER BY sequence")]


def test_gh_388_three_nodes_make_one_chain(nodes: list[Instance], tmp_path: Path) -> None:
    tenants = [nodes[0].create_tenant() for _ in range(2)]
    clients = [tenant.create_client("machine") for tenant in tenants]
    is_over = threading.Event()

    def get_tokens(number: int) -> None:
        node, client = nodes[number % 3], clients[number % 2]
        for _ in range(40):
            answer = node.http.post(
                client.tenant.endpoint("token").replace(nodes[0].url, f"http://127.0.0.1:{node.port}"),
                headers={"Host": nodes[0].url.removeprefix("http://")},
                data={"grant_type": "client_credentials"}, auth=(client.id, client.secret))
            assert answer.status_code == 200

    def check() -> None:
        # Commands seal, too, while the nodes do.
        while not is_over.is_set():
            for tenant in tenants:
                assert tenant.cli("audit", "check")["result"] == "intact"

    with ThreadPoolExecutor(7) as pool:
        checking = pool.submit(check)
        for done in [pool.submit(get_tokens, number) for number in range(6)]:
            done.result()
        is_over.set()
        checking.result()
    eventually(lambda: unsealed(nodes[0]) == 0 and all(
        nodes[0].events(tenant)[-1]["kind"] == "access_token.issued" for tenant in tenants))
    key = nodes[1].cli("audit", "key")["thumbprint"]
    assert key == nodes[2].cli("audit", "key")["thumbprint"]
    for tenant in tenants:
        eventually(lambda: len(numbers(tenant)) >= 122 and unsealed(nodes[0]) == 0)
        found = numbers(tenant)
        assert found == list(range(1, len(found) + 1))
        file = auditing.export(tenant, tmp_path)
        auditing.second_opinion(file, key)
        assert len(auditing.events(file)) == len(found)


def test_gh_388_another_node_goes_on_when_the_one_that_seals_is_killed(
    nodes: list[Instance],
) -> None:
    tenant = nodes[0].create_tenant()
    holder = "SELECT holder FROM lease WHERE name = 'seal-events'"
    eventually(lambda: bool(nodes[0].database.rows(holder)) and unsealed(nodes[0]) == 0)
    for node in nodes[1:]:
        node.kill()
        tenant.create_user()
    eventually(lambda: unsealed(nodes[0]) == 0, seconds=30)
    assert tenant.cli("audit", "check")["result"] == "intact"
    for node in nodes[1:]:
        node.start()


def test_gh_388_nothing_is_lost_between_an_event_and_its_seal(
    own_instance: Instance, tmp_path: Path
) -> None:
    tenant = own_instance.create_tenant()
    client = tenant.create_client("machine")
    for _ in range(3):
        for _ in range(8):
            tenant.create_user()
            assert token(client, grant_type="client_credentials").status_code == 200
        own_instance.kill()
        own_instance.start()
    kinds = [event["kind"] for event in own_instance.events(tenant)]
    assert kinds.count("user.created") == 24
    # By a command alone, while no server runs.
    own_instance.stop()
    file = auditing.export(tenant, tmp_path)
    exported = [event["kind"] for event in auditing.events(file)]
    assert sorted(exported) == sorted(kinds)
    auditing.second_opinion(file, own_instance.cli("audit", "key")["thumbprint"])
    own_instance.start()
    assert tenant.cli("audit", "check")["events"] == len(kinds) + 1
