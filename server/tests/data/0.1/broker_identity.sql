CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES (1,'provider','2026-11-24 09:08:03',1,X'764BEAB483C0380E48FAF4784F35CF110747F7EF1B9C1900A2501422BEC9D1CD714322D4E8D2B9DE617FF120F2968F65',1285127);
INSERT INTO "_sqlx_migrations" VALUES (2,'approvals','2026-11-24 09:08:03',1,X'3A25311E07D65D1A0A8D70C8FB52BED993407C7502CF444E41179A58B0AB4672FBB50550AD661AB188E5B37D90C256F5',638977);
CREATE TABLE approval (
    id TEXT PRIMARY KEY,
    -- The auth_req_id is made again from client and idempotency key by HMAC; here is only its hash.
    auth_req_hash TEXT NOT NULL UNIQUE,
    client TEXT NOT NULL,
    client_name TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    -- SHA-256 of what was asked: the same key with another request is refused.
    request_digest TEXT NOT NULL,
    person TEXT NOT NULL,
    connection TEXT NOT NULL,
    -- The connected account that it is about, and what the page calls it.
    account TEXT NOT NULL,
    account_label TEXT NOT NULL,
    -- The one entry of authorization_details in its canonical form (RFC 8785), and the SHA-256 of that.
    detail TEXT NOT NULL,
    digest TEXT NOT NULL,
    code TEXT NOT NULL,
    agent_message TEXT,
    scope TEXT NOT NULL,
    -- Sealed.
    notification_token TEXT,
    -- For a call at /mcp: the MCP client.
    caller TEXT,
    caller_name TEXT,
    caller_verified BIGINT,
    asked_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    -- waiting, approved, denied, withdrawn
    state TEXT NOT NULL,
    decided_at BIGINT,
    -- When the client first had its token, and when the provider's token for it was issued.
    redeemed_at BIGINT,
    used_at BIGINT,
    polled_at BIGINT,
    -- Seconds between two polls.
    poll_interval BIGINT NOT NULL
);
CREATE TABLE approval_block (
    person TEXT NOT NULL,
    client TEXT NOT NULL,
    client_name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (person, client)
);
CREATE TABLE audit (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    person TEXT,
    client TEXT,
    detail TEXT NOT NULL
);
INSERT INTO "audit" VALUES ('aud_206e8878dab2aa2c3120522c06517b10',1795511283508,'login','usr_ccf948b4852ea0ca2f2f4eddacc66f15',NULL,'null');
INSERT INTO "audit" VALUES ('aud_359d173e11b53245de73109444a8bcdc',1795511283570,'consent_given','usr_ccf948b4852ea0ca2f2f4eddacc66f15','tenant-vault','{"audience":"http://trade.localhost:14513/api","scopes":["openid","portfolio:read","trade:read","trade:write","profile","offline_access"]}');
INSERT INTO "audit" VALUES ('aud_74b720f2f98032d715a3e5a391fc4dfc',1795511283859,'order_token_issued','usr_ccf948b4852ea0ca2f2f4eddacc66f15','tenant-vault','{"act":{"iss":"http://id.localhost:14512/","name":"Mandate chat","sub":"agent"},"details":{"currency":"USD","limit":"102.00","quantity":5,"side":"BUY","symbol":"WAYNE","type":"stock_order"},"issuer":"http://id.localhost:14512/","txn":"apr_fbf21ef0a0dfbfeb72cb8546c71b2461"}');
CREATE TABLE authorization_code (
    id TEXT PRIMARY KEY,
    authorization_grant TEXT NOT NULL,
    client TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    code_challenge TEXT NOT NULL,
    nonce TEXT,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
INSERT INTO "authorization_code" VALUES ('YyZJUkFXN3_2BfRvgiM_Gi8l372HXgDctBQh-y_d8hA','gnt_08ae624f51bc2a149324c55a68efe00e','tenant-login','http://id.localhost:14512/login/callback','Tgp8h4kldkrfabURN3tQgYr_4O-PJPNHfnmBhQKb6uE','Kg_62fafdms35uOrgnTclPUSJRUuPb_Rvb70Plqo1WQ',1795511343510,1795511283513);
INSERT INTO "authorization_code" VALUES ('YENHv2nPo5vJeHawgW7E4Fh_LDNH8tYNdWHF0cWKU2k','gnt_80b43d80ab9d20ab47167f5a3e00d07f','tenant-vault','http://id.localhost:14512/connected-accounts/callback','t1VyiHwJ-CwwXUFxHNlva3s1QAaZCzy_ulJJPjyc4ao','zotJ4iF2oev6BcN_2K95Ps6dYOGCsifYHWLwqv2R994',1795511343570,1795511283574);
CREATE TABLE authorization_grant (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    client TEXT NOT NULL,
    audience TEXT NOT NULL,
    scopes TEXT NOT NULL,
    sid TEXT NOT NULL,
    auth_time BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
INSERT INTO "authorization_grant" VALUES ('gnt_08ae624f51bc2a149324c55a68efe00e','usr_ccf948b4852ea0ca2f2f4eddacc66f15','tenant-login','http://trade.localhost:14513/userinfo','["openid","profile","email"]','QX4NsPdSfmSjMVB6cR2Lu3I7fd9BhTieQmFid-rtpNw',1795511283,1795511283510,NULL);
INSERT INTO "authorization_grant" VALUES ('gnt_80b43d80ab9d20ab47167f5a3e00d07f','usr_ccf948b4852ea0ca2f2f4eddacc66f15','tenant-vault','http://trade.localhost:14513/api','["openid","portfolio:read","trade:read","trade:write","profile","offline_access"]','QX4NsPdSfmSjMVB6cR2Lu3I7fd9BhTieQmFid-rtpNw',1795511283,1795511283570,NULL);
CREATE TABLE client (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    secret TEXT,
    redirect_uris TEXT NOT NULL,
    post_logout_redirect_uris TEXT NOT NULL,
    grants TEXT NOT NULL,
    scopes TEXT NOT NULL,
    audiences TEXT NOT NULL,
    first_party BIGINT NOT NULL,
    registered BIGINT NOT NULL,
    resource_server TEXT,
    ping TEXT,
    home TEXT,
    approval_required BIGINT NOT NULL,
    disabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT
);
INSERT INTO "client" VALUES ('tenant-login','Mandate identity','fLHi-0b0CLUtYkjZacutjHrW0ZEAvZBd-GTl-7x9eyU','["http://id.localhost:14512/login/callback"]','["http://id.localhost:14512/oidc/logout/callback"]','["authorization_code"]','[]','[]',1,0,NULL,NULL,'http://id.localhost:14512/',0,0,1795511283335,1795511283513);
INSERT INTO "client" VALUES ('tenant-vault','Mandate','MRZFfq1duvJJT9hwnwL1zk14gg2uDiDe9DkU71xzFkg','["http://id.localhost:14512/connected-accounts/callback"]','[]','["authorization_code","refresh_token","urn:ietf:params:oauth:grant-type:token-exchange"]','["portfolio:read","trade:read","trade:write"]','["http://trade.localhost:14513/api"]',0,0,NULL,NULL,NULL,1,0,1795511283335,1795511283574);
INSERT INTO "client" VALUES ('stocktrade','StockTrade','npdNDrN6Z3DWsUAPn-1BQbkW0AkhtDK5kQjoWasduIU','["http://trade.localhost:14513/auth/callback"]','["http://trade.localhost:14513/"]','["authorization_code"]','[]','[]',1,0,NULL,NULL,'http://trade.localhost:14513/',0,0,1795511283335,NULL);
CREATE TABLE connect_session (
    -- The hash of the auth_session.
    id TEXT PRIMARY KEY,
    ticket_hash TEXT NOT NULL UNIQUE,
    -- The hash of the state at the provider, once the browser was sent there.
    state_hash TEXT UNIQUE,
    -- The hash of the connect_code, once the provider's grant is here.
    code_hash TEXT UNIQUE,
    person TEXT NOT NULL,
    client TEXT NOT NULL,
    connection TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    state TEXT NOT NULL,
    code_challenge TEXT NOT NULL,
    -- The scopes asked for, by spaces; then those granted.
    scopes TEXT NOT NULL,
    -- begun, sent, pending
    stage TEXT NOT NULL,
    issuer TEXT,
    subject TEXT,
    name TEXT,
    -- Sealed.
    refresh_token TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE TABLE connected_account (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    connection TEXT NOT NULL,
    issuer TEXT NOT NULL,
    -- The person's id at the provider.
    subject TEXT NOT NULL,
    -- The person's name there.
    name TEXT,
    scopes TEXT NOT NULL,
    -- Sealed.
    refresh_token TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    -- One account a person and connection; and an account belongs to one person.
    UNIQUE (person, connection),
    UNIQUE (connection, issuer, subject)
);
CREATE TABLE consent (
    person TEXT NOT NULL,
    client TEXT NOT NULL,
    audience TEXT NOT NULL,
    redirect_host TEXT NOT NULL,
    scopes TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (person, client, audience, redirect_host)
);
INSERT INTO "consent" VALUES ('usr_ccf948b4852ea0ca2f2f4eddacc66f15','tenant-vault','http://trade.localhost:14513/api','id.localhost:14512','["openid","portfolio:read","trade:read","trade:write","profile","offline_access"]',1795511283570);
CREATE TABLE once (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    holder TEXT NOT NULL,
    value TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    -- ping, revoke
    kind TEXT NOT NULL,
    -- The approval, or the connection.
    subject TEXT NOT NULL,
    -- Sealed: the token to revoke. A ping makes its body again.
    secret TEXT,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    give_up_at BIGINT NOT NULL
);
CREATE TABLE person (
    id TEXT PRIMARY KEY,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    login TEXT UNIQUE,
    password TEXT,
    name TEXT NOT NULL,
    email TEXT,
    disabled BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (issuer, subject)
);
INSERT INTO "person" VALUES ('usr_ccf948b4852ea0ca2f2f4eddacc66f15','http://trade.localhost:14513/','usr_ccf948b4852ea0ca2f2f4eddacc66f15','alice@example.com','$argon2id$v=19$m=19456,t=2,p=1$WdDx4sCrZ/90rmNhVOfY7w$IxBwPFJTmvKMNEYfBJzVXHRCWmkLJ3gm+f6A/fyJlAo','Alice','alice@example.com',0,1795511283360);
INSERT INTO "person" VALUES ('usr_634c08b0248019c5fbe4651a686b8c2f','http://trade.localhost:14513/','usr_634c08b0248019c5fbe4651a686b8c2f','bob@example.com','$argon2id$v=19$m=19456,t=2,p=1$O2OL3vYmSsVFADRoVe5C4A$pWyQs1lV9kP8t0OmHhDuk8RTkb3M+96op8g57PB471I','Bob','bob@example.com',0,1795511283389);
CREATE TABLE refresh_token (
    id TEXT PRIMARY KEY,
    authorization_grant TEXT NOT NULL,
    client TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    rotated_at BIGINT
);
INSERT INTO "refresh_token" VALUES ('aN8YAUxXtpd4HN36O6ZLoDWIU8k4LYdSh8DbUxh0b8M','gnt_80b43d80ab9d20ab47167f5a3e00d07f','tenant-vault',1795511283574,1795511283574,NULL);
CREATE TABLE revoked_token (
    jti TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE TABLE session (
    id TEXT PRIMARY KEY,
    person TEXT,
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
INSERT INTO "session" VALUES ('NE2H5VzDYBvcRNAWk87Tu_9fzUEPSNS07rISnxl3qpE','usr_ccf948b4852ea0ca2f2f4eddacc66f15','VIKgViZOGNeJBcO9azetQGbbUqH3OOIBwyJ8j++tYSVfr17hnIft94gOWti3Dsg0U5XxcINwjs97oZ/l6aYold3r6gE/tPJW4o43jmDnBGepUShOfxY',1795511283508,1795511283508);
CREATE TABLE signing_key (
    slot TEXT PRIMARY KEY,
    private TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
INSERT INTO "signing_key" VALUES ('current','SRXrw3q50o5EYp9UsIhKnFRlOQNxgG+lJjVOpPg0+tVSxsnKBjSFPBBwKV7noq/V6h+qfy1yTTkCV6JDV9e9AOlLDimWk3SS4xAd+ozzT7DWZNUysPLiFnvi3d7V/nQIyWgFxrXTGZW06YXGXVQGrgks2+B1vGiTezhiJua22c1VMcXF9PtJ8eLc6CoScrxGovPrvTaTlIeD2TS9uf1ssQ9sNP5Gi6FkfPnNs7hv67vSIXiiqhe0uNqmyu6S35AQ1nzk0xhWRnSWS2KTKGKfW2cFOf4T+B4ftdRdOLikKqIybvORFWIJbmB5TjZew6VbSziR/cGAxAVZcIxlVs1IpU1HesvAX67WaK/6SgC5KSZRfePcR6YUSiIWmJYnGAgnTgJfrEMhZCT7TR+LGaRoL3Aa6TOk0V/dn0KNc/oeKNHdgn2hxmMqPseLdgXRAJlrwQwJPi7adDyR9hfmcVT6KgIcS44X8h9dOGytFslClmuaCpwaJ+f2qMWGvRpLKU94xdZVV6AyK2Hw25TQ9Hesb9X6/rMgvUd+D0OmYgINPdODxIQrG9tAMpDIyxOiWsxlHA/ONhW5TL5efg4TCBhCLgjB7GHk3+GOW2HZS0iNKTfEbstRs2h4YJNOjl0oC2DwrfnwgqLYkFBumPn3o56dUXnLIuDU1a4YAjZ4XX67UYnGFxn+oYubq3B62zIlVg0+Vc7LMoYAc3TT7mIAYrcv/+8zsrEq/pcGQDTum44N7+3rRYovn/ukqVsFQOIvqd7gKPvyqcthuGN73uEeD1KGB734aSf6dUWVteEYo1trr4Yqw51hilHp+NqfrKKRWemPCwumHzsqVaZnFiK4lFeH38+5rQHZHYrkReNCLojDQmFgJYrF4B7JIQ4mmftUE+jUjyoiPrZOF7Xm/TEIkZhrnS1Hj5pXHIiGZl1BWdnpUnqEyMGTkSAr5MECgoHYbtY2JIlyq7Ek1Br/UAgCeeD+GEGSMOGs0PPJVjSkN1QTUDn1Em3CazrodHXiEZ4IK4jcGlMLcFRi+hq4Mx1P6nkt9oVtPIff77GxyZ6zUM689xCLy9m/n4SSXz/wPPV9F5ODoWpQp/kEkTX4vlj4+ZMKBjzRJWaSC4U7JXnqwCFlCi4bRSvyCV+mH5HqFCCffMGNktfVx/H2hByMY53lFz8HuR/5xcci4Uy9tjDGlig0D1LA4hne4JLCAPGVu+nm2FXQJaQ4zFPGFtfB8eygPnwui8uNt2Ig58xUKxhfrcpJxlvI4wiNpHOB79np2Vu5Go9yMP85puIHgeutroeJYQoG+qelu6HvbgD1UZlpIssjsX3CHgDkRvunKmX0kc3RFa2Zj9a+kBVWknI/XTLNAuSWGj/mb16/AdOwKOPZ9+limvn4whvEO0c0sTbPMgmUcnkw9otAK0/74f/z7vJTS9vsN2ERqNkt4QJu98mwincF1mCv+m/UsIIR+ievKfraSzsQcXf+1H9aKklb139rotZu3egFo29bIzguMPe4PeKm3dOp83sw0PdSws7DElDMQJCtcv314xb/bqqmzqY0IXxFpytrXs8e0bbbt3cNup0Cj1BGMlreRiUBsYHPcb7pl9C6UmSUAeUHrgKX5WQYbPrtv/v8ZPBZ9ymYuYoh18o8pxctt1hCFho+Ubolq7IZnt6qMCa/B0JI2PhxtWezVJCVaOf4SGAJjIkSZT31Ol283jP85LD9S74mOdKEp4K4Hp7/4HoiBTfGU/6CjH55Ll/Rb2S2StqfMlFxAmG8VXaOeCizDZdnkgMqmSO16ADilWPdJaYmkJ7483gPMbAGJ4zjqzIs6aZ1okQjIcY2vDW+Xg6dFtROj79kL/0imQmu9AYWU3Q11Hyl3y+nOytbrEmTDffciGi4XCxJUbletVdnQbqA3La79OqB8hRMmkY6J7a8qTRf/OtB5DG1n/kZlrwR8oeSMXrG/ckEaeug39ZbObxxJXEhVe/RslGV5ifHs5NA6+d+hVVqny0Xo7x4wEYwD2LiZjgIApPFD4CjgvvvCnLKrYesfaP4ag8scP26xPKy2LlGD5gOq48SsoSfuhd6sCnKfW8Vw6eaGcfbxyQGwsKj+3KDV1Cv/eCWeqddPJUkgVps4XokatC5ZeCYF3pOVHuHkGJActvgtyeAMHKQIpyRXY1mmTTFWyZoNKTi51AaV+KPjQRFJKHKqFgDJyaiap9nx9JLHpiwtQP74U098ks',1795511283332);
CREATE TABLE statement_jti (
    issuer TEXT NOT NULL,
    jti TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, jti)
);
INSERT INTO "statement_jti" VALUES ('http://id.localhost:14512/','95cbbadbec40818cff512687b30912a5',1795511523000);
CREATE TABLE upstream_token (
    account TEXT NOT NULL,
    -- The scopes it was asked for.
    scopes TEXT NOT NULL,
    -- Sealed.
    token TEXT NOT NULL,
    granted TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (account, scopes)
);
CREATE INDEX approval_of_person ON approval (person, asked_at);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX authorization_grant_of_person ON authorization_grant (person, client);
CREATE INDEX outbox_due ON outbox (next_at);
CREATE INDEX refresh_token_of_grant ON refresh_token (authorization_grant);
