CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES (1,'provider','2026-11-24 09:08:02',1,X'764BEAB483C0380E48FAF4784F35CF110747F7EF1B9C1900A2501422BEC9D1CD714322D4E8D2B9DE617FF120F2968F65',3502637);
INSERT INTO "_sqlx_migrations" VALUES (2,'approvals','2026-11-24 09:08:02',1,X'3A25311E07D65D1A0A8D70C8FB52BED993407C7502CF444E41179A58B0AB4672FBB50550AD661AB188E5B37D90C256F5',655177);
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
INSERT INTO "approval" VALUES ('apr_fbf21ef0a0dfbfeb72cb8546c71b2461','ArpWGpC3prbQAnOl3mdBImEQhAzOPAAKmNZiQC6SDJI','agent','Mandate chat','ZMIyd6P2IxFkZ9Jslj4JIuaXKNxstWws5-_Xal911X0','FSTuelUY9z_A7vzd3nFhgxGSBN1-6GO4ROVjQ64iUnE','usr_045a020095f1950101f6966bdc202f32','stocktrade','cac_bdbacd9b72c9691e9c1e3123d682c84f','StockTrade · Alice','{"currency":"USD","limit":"102.00","quantity":5,"side":"BUY","symbol":"WAYNE","type":"stock_order"}','5LVu7i4P-l6L7nq33EG_qIMq3AFUre8LrBoNoq4OGxI','C6 EK','You wrote in the chat that you want to buy 5 WAYNE.','openid','C0bhTgPiRgN7tRBxrIB4lI6ABVonuryYjHes703/C+ERTD0K4dJITKsFU7EpK8byRwm4dYnK2YWreIZhuWGqKEFE7frrTMv3RFQ7DphUVXCt9Po',NULL,NULL,NULL,1795511283825,1795511583825,'approved',1795511283836,1795511283847,1795511283854,NULL,5);
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
INSERT INTO "audit" VALUES ('aud_8328fd66242fdba7ab63cd8887e2d5e1',1795511283521,'login','usr_045a020095f1950101f6966bdc202f32',NULL,'null');
INSERT INTO "audit" VALUES ('aud_22615816b910f7d5ae8db2219376e72a',1795511283592,'account_connected','usr_045a020095f1950101f6966bdc202f32','agent','{"connection":"stocktrade","scopes":"portfolio:read trade:read trade:write"}');
INSERT INTO "audit" VALUES ('aud_7b3c272395e0b15532540a8ec184b904',1795511283862,'approval_exchanged','usr_045a020095f1950101f6966bdc202f32','agent','{"digest":"5LVu7i4P-l6L7nq33EG_qIMq3AFUre8LrBoNoq4OGxI","txn":"apr_fbf21ef0a0dfbfeb72cb8546c71b2461"}');
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
INSERT INTO "authorization_code" VALUES ('uI_CbbD7MYGD8rDtznK7iqIlgFSPLzBz00vzUQGLZQI','gnt_e57d7d305fb8ab327974aeb3b8b596a7','agent','http://agent.localhost:14511/auth/callback','0GzbwqaRKdcBI5Gus97gYY9eliQUQLxWqPZvvdJ1cT4','QlbL4Y6cGaaeb6OU7bgRU9gOt-rHr9UvC38bxGOFsfs',1795511343523,1795511283526);
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
INSERT INTO "authorization_grant" VALUES ('gnt_e57d7d305fb8ab327974aeb3b8b596a7','usr_045a020095f1950101f6966bdc202f32','agent','http://id.localhost:14512/userinfo','["openid","profile","email","offline_access"]','QsH9XJZVxudUXgce_0FN4Q98ABXhuHC7L6JDio1qBmg',1795511283,1795511283523,NULL);
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
INSERT INTO "client" VALUES ('agent','Mandate chat','nMEZXqk2gCHyjzRPN8wTZPYN272WUR_-cBsXGxBvkbI','["http://agent.localhost:14511/auth/callback","http://agent.localhost:14511/accounts/callback"]','["http://agent.localhost:14511/"]','["authorization_code","refresh_token","urn:openid:params:grant-type:ciba","urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token"]','["create:me:connected_accounts","read:me:connected_accounts","delete:me:connected_accounts"]','["http://id.localhost:14512/me/","http://id.localhost:14512/vault/"]',1,0,NULL,'http://agent.localhost:14511/ciba/ping','http://agent.localhost:14511/',0,0,1795511283134,1795511283526);
INSERT INTO "client" VALUES ('agent-mcp','Mandate','0ft9ch8mj3spbohtlXPU0x-OXDV9N0LynqIiL-EnbrA','[]','[]','["urn:openid:params:grant-type:ciba","urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token"]','[]','["http://id.localhost:14512/vault/"]',1,0,'http://agent.localhost:14511/mcp','http://agent.localhost:14511/ciba/ping',NULL,0,0,1795511283135,NULL);
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
INSERT INTO "connected_account" VALUES ('cac_bdbacd9b72c9691e9c1e3123d682c84f','usr_045a020095f1950101f6966bdc202f32','stocktrade','http://trade.localhost:14513/','usr_ccf948b4852ea0ca2f2f4eddacc66f15','Alice','portfolio:read trade:read trade:write','Npef4U9e27jgkAzZPZN8UVc21IkomdDg2CC/TkIq87AdM7aZGnBTfVs3dQN9dvB89T3Tzm84ptqfT1Nro0n+i0jKd4ODSBTnIMzNyd/i6J/UGj4',1795511283591);
CREATE TABLE consent (
    person TEXT NOT NULL,
    client TEXT NOT NULL,
    audience TEXT NOT NULL,
    redirect_host TEXT NOT NULL,
    scopes TEXT NOT NULL,
    given_at BIGINT NOT NULL,
    PRIMARY KEY (person, client, audience, redirect_host)
);
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
INSERT INTO "person" VALUES ('usr_045a020095f1950101f6966bdc202f32','http://trade.localhost:14513/','usr_ccf948b4852ea0ca2f2f4eddacc66f15',NULL,NULL,'Alice','alice@example.com',0,1795511283520);
CREATE TABLE refresh_token (
    id TEXT PRIMARY KEY,
    authorization_grant TEXT NOT NULL,
    client TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    rotated_at BIGINT
);
INSERT INTO "refresh_token" VALUES ('7l4qIwOjs_iW5vRUPC1FJFQEhVskrs2APLO1Vl7HwUo','gnt_e57d7d305fb8ab327974aeb3b8b596a7','agent',1795511283526,1795511283526,NULL);
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
INSERT INTO "session" VALUES ('bF32WvfaBup4kUtd85grPFpL2CDrN9OHRaEZkiyXc7E','usr_045a020095f1950101f6966bdc202f32','2F6V44dPl9jQWIs9+RCCHrZ2Ve9+2GLLL6+1kHziIblXC6B7BqDdBuEGmvBhgcF8RjEy9UyvMwh6RLnZp5MmzXMTolCd1Ji9Mf8n3Y1cKh0SSBsr/XGMDuq1wPAndI0yd/x49OxQQYkAus/hYewUAD2Y3VPZKzIltbbsT3OtvF7KQ0bYhTZtmWwTlLPm8bTxyVhK+zC3MnbW0lIRvrc5mcgAZ9NDXpkZ1+VDsUlS/LvGHLNGqj2YHqS9n1LpjjahgVZIH/WlQ0/KGh6bzlJcRkYOSrKBrAwVlkoWT1YRJyBXFqYK/k5pILG/uf5nl8uNQtUIQmCDnweyYHcP7KxtaddN4uWdIq2tcl3SkgdBAyRDJz2kySZ12nwRAXJKZtQa1i9A3V88kCNltJLAl9xz/a7hNviv95qGCejufeS0JPSXukUvHpb4wP1soFQquwFwDgr9DR4rV0TrxsQe8j8OIo0SJIh5ZMIMTk91R9MR08/+BQIs5weT6Cl0SGsfaOuCf6zWfVj9CEJb/EobcrhArGxPx/61W6O2UIUs6iSLAsIZtyMUNlEe1mC3fkwst9/vihDzZRIAwXcfMd0X7G67mvB718HxCAvA1qk39IE+hHU3u9C0vphpfFPx8Riu98BX4edxmm4HyX1M1oEtaZOFYHTDwmFfGjDrSe8WslQX95QwDkMovB04kbcBgGc2y2zDj9Valc9lzejqRJgEBFzETu7uzjrKbVa73rv7vHJlFpdzi1njrKj/Lz54qYTFoI1Gj+hcuivXl8f7YarbCjXanH5l7tn9NrjGPrdVgnEywvDCFofKhkwzQblE4bmCYlKQO4KcHguycd12M5qkZdapqXKYAYhUubGTNXGZUw9NV8cD3B8/lbHTxuyfIZOFEC4xyk4A7cYduUKcnl09tVW7YA8LF5VAVjYKWIRpTPe8SmmX6WVLepXKlMFxSOrL56bT8klJ3X0PfvMXeq/7Tu8WvBWDqYxZCMhQbKh09aePdwKvo+Ucs2hTOWF87/gEvHp6ku9rJfei8Rcn0eg9IBAz9o1DaXAbGJpItgNK8L+TnEnAKa/EocGlX7iOnZxdkLTXTTOr4M/Ce79Ew9h9YUz4dD72kyIKXsiy7+REuojtjn3xgDtMjmAJGwYObnZN2A2rQMrjC90U/+t5WzSWFP65h/DuFvXpiM94EifF/BTgYqEfjeLpY0AalRqmMrqnfdUavDyx2biH7tCzNDfhZ0OjX13CA3diySZ4MCuC+MFjhRbgeJVeIFV6j4RZJ1aotXDYfSGD/PKcHsJ99raKFB40lYG0vC/+T9OLhmIdv0yQOD7HOk4psTn+2M18TOl1Y3g6SiPOdtc7t+9cvRE7DgJBerMdLWzjmNLEPHe8',1795511283521,1795511283521);
CREATE TABLE signing_key (
    slot TEXT PRIMARY KEY,
    private TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
INSERT INTO "signing_key" VALUES ('current','H74ktYrkwUBpPId8fQW5rwLAe/HR0f64Uk65PGKJo4Sps41sQ28jthBQcTinf7J18gM2P2JjsfhkK/8QtVf2+/agVPU9aMT/nH9yPQMkoz/fSi5mZIg1WKms6/CinvetRuqv0LlnxZyE0xTX/RXSo9E7+Kv6FIZ7KMs2FjqlyC42b4otpDkNm8rQx32mrbeqfhop2VCAP6eReDJlYfRQJGfKVLhA0l/FUDaGAFR/UAgEVzvA/CRAgh/SXDvO+dwW8wXKIF6G9QLaKLKe1gfwFlSt159RhCBqTeB45CJcTpThtC89CO4eBts34ehrE8uvoepDuHZkYSK8rw82miR5h1av4MTwR8g0Ml5BWzbZm7oy7rwSsxxfzcwT/mR5vOEVaqR8jUnpW2TfvXcJuNGIUugsPs+yLiNbkUkJPgbGID5sgVV8R8ojyKX+hoeTG7QWdEwhhHVOtBbL5I7TNpuDXEpRvWpF1fGFVuCUtFv9lF8RP6IKB9Yyn2rFv5mS8FlwPdE8QImoEEYHRGt3b8ACRkb5LYiMFde51Fnb87bwJnSddjrpu4qsiuU/mZlr59wuIACbVGxUdA5HVrf5Jj8o7ioXJcPfkQpjrsOseGzpOwRg3asNj9wDfz6FFYhm+qa4YPk8Nuh5GBMmZRQqozTbWjXivqIfCoTHvQ7onrC0P6q9Pif4XFgbZRyOWHy4F5MByN/wTVe6JTEr8AO4g5wusCOoPWzPHNFp/lDSl8BkQn/JntepxR/282+vHXgO2xPuwVv5eD6fIzfbRGfSn+kL54rWWOSR+BpsUkTOjLSB9zDF9lnyd8tKb9oK9nHTQhi1Cl6W93lecRa5x8Tyumdnk3U38jHnVnmwXUJ9DfmQFm9YPI1/dy95xwLDzfxiF+klVKCaGfKzUhXW7y+LMr7s0qqZ3rElg1mSIn7Ztnbyo5m6+PknXwNoKqE/DAWFtOiFc3Xd+BHpocAkW880AzGg5lscJrVZYWQHK8jcZJjJ2EEZajb4TrifoyITvnrxko/rGnpyybSugUNsvaqHU4WfoAZKq7DdKoDy+rdA3Bq+WN+Apptd3pb8aHEJp1Pbcjg3+/PQ33/8XnkGQZuM4AjCdRXMKib6APkuCy8ZrDHWcodZ0zomiWpdsOyelkUUJ4yqFX2nBR5b8xH3VR1SlqMs9ibqF44pB4YSsRsgcmdIYFyoOOYmXHcnm94MX3uk3gt7TClApm6aAf92l58FEjVnQ470GwVPyrUQUw8nCqKF3pjaB08Vcd9LPoxJFcLIAwQ5uS/Ou1nwEf51F6sLnrUeQV3uSUBB1RsRsX0Ww0oMXG/TrSbPSyrdB/tbeGbQpsoa91jqerwurFWS1myo+e0Rr8sqeutoLsYrtq5xs6STNtyXgtYFwXn9zVOf4uzZls9gQ+cIC0ytmsEuSnerWalpMvanK6xUE6WOeHFzbJeYE0I8Bt8DBjj2VCa819S0wGxYiIiu55JpkvfCWaqCp7j57c3Ya/2Aj8ty62Ej/53NDfHCmWEVKrP9xkWKDOqKGBO80rXMn0UuixWo4Kg8R54hsB7ZLLR/AgztMN4BM7mvERJeksw1JbCvR7V5Om2EmvhZbLlH0GHaPlZn8I/v1grA/QS8FnLsjAgNIwFAhxYiOe/s6Mak3Mvrg7RbeZzm0vB43Ah8vj01E5XPQongNR2dl6OiyhJ5T2q1c1qD7NAnrH7zKsYHHElQ6+uv1j7C3sce2SIVS6WE07Rmn2oamaAvVDSg6x3lhBx+vzzZJuvxmn10sdECWgYb26Ifyv9+EDRo5EhYA10OJ6N/TBuVbqSwCC1n/QI5AoCiqkjN6s7l0E8HoXiO117IrspjPWjkCTHKB1ww+kC0ngFp5hs+eEU6MhTUY3z0DeggT7Ceqsu9lS/VnJ5ppTEK0M8bkL0ucTTV6iuP6sCFoPbiHvx24o1+tjbAEBNZV3OfAjddX9TwC2zWYDO+/PDfKuf1LesIod+GmKuvg/Jv+4EPEomVe2jBG6z5HupooVi/HfAyET2NHWaOp9LPuUFPlVUgwvek5HjFQLsGkBwdvDezdHqeLTjCfu9MDhR7YOJmdV29CXNagQzNfIiKssqjK92Rwi8dI5/f+HD2FfuBAwCxSWS56qhcgRV6ZtOIpd10KvscrF++yPjDUucuFTbO7LJBCD6yDLUt1erB33QUvn4p+xog+N3xno1MIFFvoGf2rCAUCw',1795511283128);
CREATE TABLE statement_jti (
    issuer TEXT NOT NULL,
    jti TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, jti)
);
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
INSERT INTO "upstream_token" VALUES ('cac_bdbacd9b72c9691e9c1e3123d682c84f','portfolio:read trade:read trade:write','HraFjmzbiYpQ9ZbjLeGj0lG88fOkeRLhRxNGZpJxlJVBySDXcVQwAbWib1qpsouU3b/XSgnW54fGE/qXS4LK2zyE8faxMTvVMfppFn1WMeYK9br4tYLoTFPwx9U0/qYDzbdbje702QmKrH0KO/GAu8bpYFsB5sF6bTUMXj7/3c5+Gg/bHJDipixbSsvb/D7Pfam84whHi4So8iUBbh2pXcmt3aq5HPZsolef6zXPDutDYF3sKyKq9YVC3wlmyXPp9jepLTFV9uhtV44hnGs6gcNHD1JyOed0H9Ks9jbOEoBubzZ6zps68grPirB+g2KyLe/5su724MIlrkd5pZMkRxh+AzvNkAmI1VEz1bMaaCsRkU8Si9Uu3LaXLm+hmSOlwVzWU82CNQb2B6UfsXROGtzMdRRKmRC3bY3ETYFsnUeujfeNXtmsVN82R+mw1n0ZSnarqBkX488r1vr3/Iv5NfjhxsND0ltlHpZBuFBATDF027SFPU9RGqM1HoKo7NrfNgePSeJPw7nO7eMVhZ9EpcnXkBF5JTdFojOUy62sIOl5sUJtNWVSjrQKHLDu8a2fcjvjoo/XER79ZiT3/pWMCksgkQYZe9756PalstMiFVFxrKm+Lj5KwOXX7owo/dnzpjyVaU125/ocolFTGR+QY+/ydaFi6jvqcKnG8mPH9omQLT42ZGE3dFUhI7igugQ+HtEtn310BcrYnkPRsPxRV4kfFcx/sK4mntA/aWVjYUEmb1bhfH2qT66BcoeQiZwYTIpjChfG36ZATOoc3+EiIFjsIesIcoC6wb6hRDGkEh+pZRDC0wZoEa/WwBrOdpm4wNPfiC/8TLdmTqljAjtHkXUxzTZ9VYE/RaTdLnrC6SJtVQrtRpAGJ15YMtaeysZo1+/GWA3fj3W1M85nnh0Hpo85k/yzsAQZW7O/TNzp+XvmuQ9wMCdvHPVDInhrCZcCnp8TxxxzcjPzqR7TYBLwCHnpjrnXTCwRlGYTU5jhBqrK0UXE/qTSqgRme4fn5gXRXZ/qVaQowkQJ53aJb2tkocopA9SDnrL11oMRHgwRQGPIJUsBdNuXsA90VlSv7rpaBeUlz/v+1QG0bnfXtJK3vseQpQfk+RCGLibF5dqVF1MK/oa9Vm/LOcU27HhFpRQSRh2cTBjtXn9K4AwV+NGz3ttbq2l3T1wIdDwqUEOBtbOxQmQQKjEK6v9NjAff9tGiKx7FkJtR3bj3+ZdrH2pR6BFKHH6366gMTRd7l6k3d6QVZVwgD7/mccYr0iJejrrZBFQha/1i0cTOFvN+cCfr+PaRv2f8Tg0v2EZWbCMJx2NFB/T35pXxegTX1bWSqCLQOwfz9SiMaBHFn2+oTP7OCFeqsdaK','openid portfolio:read trade:read trade:write profile offline_access',1795514883813);
CREATE INDEX approval_of_person ON approval (person, asked_at);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX authorization_grant_of_person ON authorization_grant (person, client);
CREATE INDEX outbox_due ON outbox (next_at);
CREATE INDEX refresh_token_of_grant ON refresh_token (authorization_grant);
