from protocol import *
def test_flow(client, user):
    t = tokens(client, user, scope="openid email offline_access")
    assert userinfo(client.tenant, t["access_token"]).json()["sub"] == user.id
    assert refresh(client, t["refresh_token"]).status_code == 200
