-- 0001-main-job

CREATE TABLE instance (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    key_check BYTEA NOT NULL,
    base_url TEXT,
    created_at BIGINT NOT NULL
);

CREATE TABLE lease (
    name TEXT NOT NULL PRIMARY KEY,
    holder TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE tenant (
    tenant_id TEXT NOT NULL PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    registration_open BIGINT NOT NULL,
    explains_errors BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    disabled_at BIGINT
);

CREATE TABLE event (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    subject TEXT,
    occurred_at BIGINT NOT NULL,
    request_id TEXT NOT NULL,
    address TEXT,
    detail TEXT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE signing_key (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    public_key TEXT NOT NULL,
    sealed_key BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    activates_at BIGINT NOT NULL,
    retires_at BIGINT,
    removed_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
);

CREATE TABLE user_account (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT,
    email TEXT,
    email_key TEXT,
    email_verified_at BIGINT,
    username TEXT,
    username_key TEXT,
    password_hash TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    disabled_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, email_key),
    UNIQUE (tenant_id, username_key),
    FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
);

CREATE TABLE client (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    post_logout_redirect_uris TEXT NOT NULL,
    scope TEXT NOT NULL,
    policies TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    disabled_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
);

CREATE TABLE client_secret (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    digest BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, client_id, digest),
    FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE browser_session (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    digest BYTEA NOT NULL,
    user_id TEXT NOT NULL,
    authenticated_at BIGINT NOT NULL,
    authentication_methods TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, digest),
    FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
        ON DELETE CASCADE
);

CREATE INDEX browser_session_by_user ON browser_session (tenant_id, user_id);

CREATE INDEX browser_session_by_expiry ON browser_session (expires_at);

CREATE TABLE interaction (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    browser_digest BYTEA NOT NULL,
    client_id TEXT NOT NULL,
    request TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    account_chosen_at BIGINT,
    finished_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX interaction_by_expiry ON interaction (expires_at);

CREATE TABLE authorization_grant (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    scope TEXT NOT NULL,
    audience TEXT NOT NULL,
    offline BIGINT NOT NULL,
    authenticated_at BIGINT NOT NULL,
    authentication_methods TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
        ON DELETE CASCADE
);

CREATE INDEX authorization_grant_by_user ON authorization_grant (tenant_id, user_id);

CREATE INDEX authorization_grant_by_session ON authorization_grant (tenant_id, session_id);

CREATE INDEX authorization_grant_by_client ON authorization_grant (tenant_id, client_id);

CREATE INDEX authorization_grant_by_expiry ON authorization_grant (expires_at);

CREATE TABLE one_time_secret (
    tenant_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    digest BYTEA NOT NULL,
    client_id TEXT,
    user_id TEXT,
    grant_id TEXT,
    payload TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    consumed_at BIGINT,
    PRIMARY KEY (tenant_id, purpose, digest)
);

CREATE INDEX one_time_secret_by_expiry ON one_time_secret (expires_at);

CREATE TABLE refresh_token (
    tenant_id TEXT NOT NULL,
    digest BYTEA NOT NULL,
    grant_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    consumed_at BIGINT,
    PRIMARY KEY (tenant_id, digest),
    FOREIGN KEY (tenant_id, grant_id) REFERENCES authorization_grant (tenant_id, id)
        ON DELETE CASCADE
);

CREATE INDEX refresh_token_by_grant ON refresh_token (tenant_id, grant_id);

CREATE INDEX refresh_token_by_expiry ON refresh_token (expires_at);

CREATE TABLE revoked_access_token (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE INDEX revoked_access_token_by_expiry ON revoked_access_token (expires_at);

-- 0002-registry

ALTER TABLE instance ADD COLUMN epoch BIGINT NOT NULL DEFAULT 0;

CREATE TABLE tenant_change (
    tenant_id TEXT NOT NULL PRIMARY KEY,
    epoch BIGINT NOT NULL
);

CREATE INDEX tenant_change_by_epoch ON tenant_change (epoch);

-- 0003-limits

CREATE TABLE tenant_limit (
    tenant_id TEXT NOT NULL,
    name TEXT NOT NULL,
    allowed BIGINT NOT NULL,
    span BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, name),
    FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
);

CREATE TABLE attempt_counter (
    tenant_id TEXT NOT NULL,
    key BYTEA NOT NULL,
    attempts BIGINT NOT NULL,
    window_ends_at BIGINT NOT NULL,
    exceeded_at BIGINT,
    PRIMARY KEY (tenant_id, key)
);

CREATE INDEX attempt_counter_by_end ON attempt_counter (window_ends_at);

CREATE TABLE known_device (
    tenant_id TEXT NOT NULL,
    digest BYTEA NOT NULL,
    user_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, digest, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
        ON DELETE CASCADE
);

CREATE INDEX known_device_by_user ON known_device (tenant_id, user_id, last_used_at);

CREATE INDEX known_device_by_expiry ON known_device (expires_at);

-- 0004-resources

CREATE TABLE resource (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    indicator TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    policies TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    disabled_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, indicator),
    FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
);

CREATE TABLE opaque_access_token (
    tenant_id TEXT NOT NULL,
    digest BYTEA NOT NULL,
    client_id TEXT NOT NULL,
    grant_id TEXT,
    claims TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, digest),
    FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, grant_id) REFERENCES authorization_grant (tenant_id, id)
        ON DELETE CASCADE
);

CREATE INDEX opaque_access_token_by_client ON opaque_access_token (tenant_id, client_id);

CREATE INDEX opaque_access_token_by_grant ON opaque_access_token (tenant_id, grant_id);

CREATE INDEX opaque_access_token_by_expiry ON opaque_access_token (expires_at);

-- 0005-client-assertions

ALTER TABLE client ADD COLUMN authentication TEXT;

CREATE TABLE client_assertion (
    tenant_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    digest BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    reused_at BIGINT,
    PRIMARY KEY (tenant_id, client_id, digest)
);

CREATE INDEX client_assertion_by_expiry ON client_assertion (expires_at);

-- 0006-requests

ALTER TABLE authorization_grant ADD COLUMN claims TEXT;

-- 0007-dpop

ALTER TABLE authorization_grant ADD COLUMN confirmation TEXT;

CREATE TABLE dpop_proof (
    tenant_id TEXT NOT NULL,
    digest BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, digest)
);

CREATE INDEX dpop_proof_by_expiry ON dpop_proof (expires_at);

-- 0008-device

CREATE TABLE device_authorization (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    user_code BYTEA,
    client_id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    scope TEXT NOT NULL,
    code_challenge TEXT,
    address TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    poll_interval BIGINT NOT NULL,
    polled_at BIGINT,
    decided_at BIGINT,
    grant_id TEXT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, user_code),
    FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX device_authorization_by_expiry ON device_authorization (expires_at);

-- 0009-logout

CREATE TABLE session_client (
    tenant_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, session_id, client_id, issuer),
    FOREIGN KEY (tenant_id, session_id) REFERENCES browser_session (tenant_id, id)
        ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX session_client_by_client ON session_client (tenant_id, client_id);

CREATE TABLE logout_delivery (
    tenant_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    user_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, session_id, client_id, issuer),
    FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX logout_delivery_by_client ON logout_delivery (tenant_id, client_id);

CREATE INDEX logout_delivery_by_due ON logout_delivery (due_at);

-- 0010-registration

ALTER TABLE tenant ADD COLUMN registration_policy TEXT;

ALTER TABLE client ADD COLUMN registration TEXT;

ALTER TABLE client ADD COLUMN registration_digest BYTEA;

ALTER TABLE client ADD COLUMN unused_until BIGINT;

CREATE INDEX client_by_unused_until ON client (unused_until);

CREATE TABLE initial_access_token (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    digest BYTEA NOT NULL,
    uses_left BIGINT NOT NULL,
    limits TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, digest),
    FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
);

CREATE INDEX initial_access_token_by_expiry ON initial_access_token (expires_at);

-- 0011-pairwise

CREATE TABLE tenant_secret (
    tenant_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    sealed_secret BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, purpose),
    FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
);

-- 0012-grants

CREATE TABLE exchange_policy (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    rule TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX exchange_policy_by_client ON exchange_policy (tenant_id, client_id);

CREATE TABLE trusted_issuer (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    terms TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    disabled_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, issuer),
    FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
);

CREATE TABLE trusted_subject (
    tenant_id TEXT NOT NULL,
    trusted_issuer_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, trusted_issuer_id, subject),
    FOREIGN KEY (tenant_id, trusted_issuer_id) REFERENCES trusted_issuer (tenant_id, id)
        ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
        ON DELETE CASCADE
);

CREATE INDEX trusted_subject_by_user ON trusted_subject (tenant_id, user_id);

CREATE TABLE grant_assertion (
    tenant_id TEXT NOT NULL,
    digest BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    reused_at BIGINT,
    PRIMARY KEY (tenant_id, digest)
);

CREATE INDEX grant_assertion_by_expiry ON grant_assertion (expires_at);

CREATE TABLE backchannel_authentication (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    issuer TEXT NOT NULL,
    scope TEXT NOT NULL,
    binding_message TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    poll_interval BIGINT NOT NULL,
    polled_at BIGINT,
    decided_at BIGINT,
    grant_id TEXT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
        ON DELETE CASCADE
);

CREATE INDEX backchannel_authentication_by_user
    ON backchannel_authentication (tenant_id, user_id);

CREATE INDEX backchannel_authentication_by_expiry
    ON backchannel_authentication (expires_at);

-- 0013-consent

CREATE TABLE consent (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    scope TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, user_id, client_id, resource),
    FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
        ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX consent_by_client ON consent (tenant_id, client_id);

ALTER TABLE interaction ADD COLUMN session_id TEXT;

ALTER TABLE interaction ADD COLUMN decided_by TEXT;

ALTER TABLE interaction ADD COLUMN allowed_scope TEXT;

-- 0014-addresses

ALTER TABLE tenant ADD COLUMN primary_host TEXT;

ALTER TABLE tenant ADD COLUMN allowed_origins TEXT;

CREATE TABLE tenant_domain (
    tenant_id TEXT NOT NULL,
    host TEXT NOT NULL,
    proof TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    verified_at BIGINT,
    checked_at BIGINT,
    missing_since BIGINT,
    PRIMARY KEY (tenant_id, host),
    FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
);

CREATE UNIQUE INDEX tenant_domain_in_use ON tenant_domain (host)
WHERE verified_at IS NOT NULL;

-- 0015-authorization-details

ALTER TABLE resource ADD COLUMN authorization_details_types TEXT;

ALTER TABLE authorization_grant ADD COLUMN authorization_details TEXT;

-- 0017-ciba-ping

ALTER TABLE logout_delivery RENAME TO delivery;

ALTER TABLE delivery RENAME COLUMN session_id TO subject;

ALTER TABLE delivery ADD COLUMN kind TEXT NOT NULL DEFAULT 'logout';

DROP INDEX logout_delivery_by_client;

DROP INDEX logout_delivery_by_due;

CREATE INDEX delivery_by_client ON delivery (tenant_id, client_id);

CREATE INDEX delivery_by_due ON delivery (due_at);

ALTER TABLE backchannel_authentication ADD COLUMN notification BYTEA;

-- 0018-organizations

CREATE TABLE organization (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    metadata TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    suspended_at BIGINT,
    suspension_reason TEXT,
    suspended_by TEXT,
    removed_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, slug),
    FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
);

CREATE INDEX organization_by_removal ON organization (removed_at);

CREATE TABLE organization_role (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, organization_id, name),
    FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
);

CREATE TABLE membership (
    tenant_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    title TEXT,
    scopes TEXT NOT NULL,
    is_owner BIGINT NOT NULL,
    joined_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    suspended_at BIGINT,
    PRIMARY KEY (tenant_id, organization_id, user_id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id)
        ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
        ON DELETE CASCADE
);

CREATE INDEX membership_by_user ON membership (tenant_id, user_id);

CREATE INDEX membership_by_ownership
    ON membership (tenant_id, organization_id) WHERE is_owner = 1;

CREATE TABLE membership_role (
    tenant_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, organization_id, user_id, role_id),
    FOREIGN KEY (tenant_id, organization_id, user_id)
        REFERENCES membership (tenant_id, organization_id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, role_id) REFERENCES organization_role (tenant_id, id)
);

CREATE INDEX membership_role_by_role ON membership_role (tenant_id, role_id);

ALTER TABLE authorization_grant ADD COLUMN organization_id TEXT;

ALTER TABLE interaction ADD COLUMN organization_id TEXT;

-- 0019-logos

ALTER TABLE client ADD COLUMN logos TEXT;

CREATE TABLE logo (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    format TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    content BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX logo_by_client ON logo (tenant_id, client_id);

-- 0020-consents-by-organization

CREATE TABLE former_consent AS SELECT * FROM consent;

DROP TABLE consent;

CREATE TABLE consent (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, user_id, client_id, organization_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
        ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX consent_by_client ON consent (tenant_id, client_id);

CREATE INDEX consent_by_organization
    ON consent (tenant_id, organization_id);

CREATE TABLE consent_part (
    tenant_id TEXT NOT NULL,
    consent_id TEXT NOT NULL,
    resource TEXT NOT NULL,
    scope TEXT NOT NULL,
    PRIMARY KEY (tenant_id, consent_id, resource),
    FOREIGN KEY (tenant_id, consent_id) REFERENCES consent (tenant_id, id)
        ON DELETE CASCADE
);

INSERT INTO consent (tenant_id, id, user_id, client_id, organization_id, created_at,
    updated_at)
SELECT tenant_id, MIN(id), user_id, client_id, '', MIN(created_at), MAX(updated_at)
FROM former_consent GROUP BY tenant_id, user_id, client_id;

INSERT INTO consent_part (tenant_id, consent_id, resource, scope)
SELECT f.tenant_id, c.id, f.resource, f.scope FROM former_consent AS f
JOIN consent AS c
    ON c.tenant_id = f.tenant_id AND c.user_id = f.user_id AND c.client_id = f.client_id;

DROP TABLE former_consent;

ALTER TABLE authorization_grant ADD COLUMN consent_id TEXT;

UPDATE authorization_grant SET consent_id = (
    SELECT c.id FROM consent AS c
    WHERE c.tenant_id = authorization_grant.tenant_id
        AND c.user_id = authorization_grant.user_id
        AND c.client_id = authorization_grant.client_id)
WHERE revoked_at IS NULL;

ALTER TABLE organization ADD COLUMN publisher_name TEXT;

CREATE INDEX authorization_grant_by_consent
    ON authorization_grant (tenant_id, consent_id) WHERE consent_id IS NOT NULL;

-- 0021-organization-groups

CREATE TABLE organization_group (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    name TEXT NOT NULL,
    is_owner BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, organization_id, name),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id)
        ON DELETE CASCADE
);

CREATE TABLE organization_group_role (
    tenant_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    role_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, group_id, role_id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES organization_group (tenant_id, id)
        ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, role_id) REFERENCES organization_role (tenant_id, id)
);

CREATE INDEX organization_group_role_by_role
    ON organization_group_role (tenant_id, role_id);

CREATE TABLE membership_group (
    tenant_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    group_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, organization_id, user_id, group_id),
    FOREIGN KEY (tenant_id, organization_id, user_id)
        REFERENCES membership (tenant_id, organization_id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, group_id) REFERENCES organization_group (tenant_id, id)
        ON DELETE CASCADE
);

CREATE INDEX membership_group_by_group
    ON membership_group (tenant_id, group_id, user_id);

-- 0022-invitations

CREATE TABLE invitation (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    inviter TEXT,
    title TEXT,
    scopes TEXT NOT NULL,
    roles TEXT NOT NULL,
    issuer TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    accepted_at BIGINT,
    accepted_by TEXT,
    revoked_at BIGINT,
    secret_digest BYTEA,
    letter_due_at BIGINT,
    letter_attempts BIGINT NOT NULL,
    letter_sent_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id)
        ON DELETE CASCADE
);

CREATE UNIQUE INDEX invitation_by_address
    ON invitation (tenant_id, organization_id, email_key)
    WHERE accepted_at IS NULL AND revoked_at IS NULL;

CREATE UNIQUE INDEX invitation_by_secret ON invitation (tenant_id, secret_digest);

CREATE INDEX invitation_by_organization ON invitation (tenant_id, organization_id, id);

CREATE INDEX invitation_by_expiry ON invitation (expires_at);

CREATE INDEX invitation_by_letter ON invitation (letter_due_at);

-- 0023-changes

CREATE TABLE access_change (
    tenant_id TEXT NOT NULL,
    transaction_number BIGINT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    user_id TEXT,
    known_to TEXT NOT NULL,
    organization_id TEXT,
    client_id TEXT,
    grants TEXT NOT NULL,
    token_id TEXT,
    audience TEXT,
    occurred_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, transaction_number, id),
    FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
);

CREATE INDEX access_change_by_number ON access_change (transaction_number);

CREATE INDEX access_change_by_time ON access_change (occurred_at);

-- 0024-api-keys

CREATE TABLE api_key (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    digest BYTEA NOT NULL,
    name TEXT NOT NULL,
    beginning TEXT NOT NULL,
    user_id TEXT,
    organization_id TEXT,
    audience TEXT NOT NULL,
    scopes TEXT NOT NULL,
    networks TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, digest),
    FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
        ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id)
        ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, organization_id, user_id)
        REFERENCES membership (tenant_id, organization_id, user_id) ON DELETE CASCADE
);

CREATE INDEX api_key_by_user ON api_key (tenant_id, user_id);

CREATE INDEX api_key_by_organization ON api_key (tenant_id, organization_id, user_id);

-- 0025-organization-domains

CREATE TABLE organization_domain (
    tenant_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    host TEXT NOT NULL,
    proof TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    verified_at BIGINT,
    checked_at BIGINT,
    missing_since BIGINT,
    joins BIGINT NOT NULL,
    roles TEXT NOT NULL,
    required BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, organization_id, host),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id)
        ON DELETE CASCADE
);

CREATE UNIQUE INDEX organization_domain_in_use ON organization_domain (tenant_id, host)
WHERE verified_at IS NOT NULL;

CREATE INDEX organization_domain_by_check ON organization_domain (checked_at)
WHERE verified_at IS NOT NULL;

CREATE TABLE organization_departure (
    tenant_id TEXT NOT NULL,
    organization_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    departed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, organization_id, user_id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id)
        ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
        ON DELETE CASCADE
);

CREATE INDEX organization_departure_by_user ON organization_departure (tenant_id, user_id);

ALTER TABLE organization ADD COLUMN session_length BIGINT;

ALTER TABLE browser_session ADD COLUMN through_organization_id TEXT;

ALTER TABLE authorization_grant ADD COLUMN through_organization_id TEXT;

-- 0028-owners

CREATE TABLE former_logo AS SELECT * FROM logo;

DROP TABLE logo;

CREATE TABLE logo (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    client_id TEXT,
    organization_id TEXT,
    format TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    content BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CHECK ((client_id IS NULL) <> (organization_id IS NULL)),
    FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id)
        ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id)
        ON DELETE CASCADE
);

INSERT INTO logo (tenant_id, id, client_id, format, width, height, content, created_at)
SELECT tenant_id, id, client_id, format, width, height, content, created_at
FROM former_logo;

DROP TABLE former_logo;

CREATE INDEX logo_by_client ON logo (tenant_id, client_id) WHERE client_id IS NOT NULL;

CREATE INDEX logo_by_organization
    ON logo (tenant_id, organization_id) WHERE organization_id IS NOT NULL;

ALTER TABLE organization ADD COLUMN logos TEXT;

ALTER TABLE client ADD COLUMN organization_id TEXT;

UPDATE client SET organization_id = COALESCE((
    SELECT MAX(o.id) FROM organization AS o
    WHERE o.tenant_id = client.tenant_id
        AND client.policies LIKE '%"organization":"' || o.id || '"%'), 'removed')
WHERE policies LIKE '%"organization":"%';

CREATE INDEX client_by_organization
    ON client (tenant_id, organization_id) WHERE organization_id IS NOT NULL;

-- 0029-administrators

CREATE TABLE administrator_key (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    digest BYTEA NOT NULL,
    name TEXT NOT NULL,
    beginning TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
);

CREATE UNIQUE INDEX administrator_key_by_digest ON administrator_key (digest);

CREATE TABLE administrator_request (
    tenant_id TEXT NOT NULL,
    administrator_key_id TEXT NOT NULL,
    digest BYTEA NOT NULL,
    fingerprint BYTEA NOT NULL,
    status BIGINT,
    sealed_answer BYTEA,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, administrator_key_id, digest),
    FOREIGN KEY (tenant_id, administrator_key_id)
        REFERENCES administrator_key (tenant_id, id) ON DELETE CASCADE
);

CREATE INDEX administrator_request_by_expiry ON administrator_request (expires_at);

CREATE TABLE refused_request (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    occurred_at BIGINT NOT NULL,
    client_id TEXT,
    rule TEXT NOT NULL,
    error TEXT,
    content TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
);

CREATE INDEX refused_request_by_time ON refused_request (tenant_id, occurred_at);

CREATE INDEX refused_request_by_expiry ON refused_request (expires_at);

-- 0030-audit-trails

ALTER TABLE event ADD COLUMN sequence BIGINT;

ALTER TABLE event ADD COLUMN hash BYTEA;

CREATE INDEX event_unsealed ON event (id) WHERE sequence IS NULL;

CREATE UNIQUE INDEX event_by_sequence
    ON event (tenant_id, sequence) WHERE sequence IS NOT NULL;

CREATE TABLE event_checkpoint (
    tenant_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    token TEXT NOT NULL,
    signed_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, number)
);

-- 0031-memberships-by-user

DROP INDEX membership_by_user;

CREATE INDEX membership_by_user ON membership (tenant_id, user_id, organization_id);

CREATE INDEX membership_group_by_user
    ON membership_group (tenant_id, user_id, organization_id, group_id);

-- 0032-administrators

CREATE TABLE administrator (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    created_by TEXT NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id)
);

CREATE INDEX administrator_by_user ON administrator (user_id);

INSERT INTO administrator (tenant_id, user_id, role, created_at, created_by)
SELECT tenant_id, id, 'owner', created_at, 'operator' FROM user_account
WHERE tenant_id = 'ten_00000000000000000000000000';

-- 0034-configuration

CREATE TABLE configuration_mark (
    tenant_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    manager TEXT NOT NULL,
    name TEXT NOT NULL,
    marked_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, kind, object_id)
);

CREATE UNIQUE INDEX configuration_mark_by_name
    ON configuration_mark (tenant_id, manager, kind, name);

CREATE TABLE client_use (
    tenant_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    day BIGINT NOT NULL,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    uses BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, client_id, day, kind, target)
);

CREATE INDEX client_use_by_day ON client_use (day);

-- 0035-activity

CREATE TABLE activity (
    tenant_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    began_at BIGINT NOT NULL,
    measure TEXT NOT NULL,
    happened BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, client_id, began_at, measure),
    FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id) ON DELETE CASCADE
);

CREATE INDEX activity_by_time ON activity (began_at);

CREATE TABLE active_user (
    tenant_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES user_account (tenant_id, id)
        ON DELETE CASCADE
);

CREATE INDEX active_user_by_time ON active_user (tenant_id, last_seen_at);

-- 0036-branding

ALTER TABLE tenant ADD COLUMN branding TEXT;

ALTER TABLE tenant ADD COLUMN logos TEXT;

CREATE TABLE former_logo AS SELECT * FROM logo;

DROP TABLE logo;

CREATE TABLE logo (
    tenant_id TEXT NOT NULL,
    id TEXT NOT NULL,
    client_id TEXT,
    organization_id TEXT,
    format TEXT NOT NULL,
    width BIGINT NOT NULL,
    height BIGINT NOT NULL,
    content BYTEA NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CHECK (client_id IS NULL OR organization_id IS NULL),
    FOREIGN KEY (tenant_id) REFERENCES tenant (tenant_id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, client_id) REFERENCES client (tenant_id, id)
        ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, organization_id) REFERENCES organization (tenant_id, id)
        ON DELETE CASCADE
);

INSERT INTO logo (tenant_id, id, client_id, organization_id, format, width, height, content,
    created_at)
SELECT tenant_id, id, client_id, organization_id, format, width, height, content, created_at
FROM former_logo;

DROP TABLE former_logo;

CREATE INDEX logo_by_client ON logo (tenant_id, client_id) WHERE client_id IS NOT NULL;

CREATE INDEX logo_by_organization
    ON logo (tenant_id, organization_id) WHERE organization_id IS NOT NULL;
