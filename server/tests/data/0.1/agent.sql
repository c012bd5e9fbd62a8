CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
INSERT INTO "_sqlx_migrations" VALUES (1,'agent','2026-11-24 09:08:02',1,X'9FC722A0E436CCD07053BCCF2FF66391F4E21B41765D14BA5B5CF9D3422FD6357F812084DC04E13A40EE7D21428451F4',1808323);
CREATE TABLE call (
    id TEXT PRIMARY KEY,
    turn TEXT NOT NULL REFERENCES turn (id),
    position BIGINT NOT NULL,
    tool TEXT NOT NULL,
    arguments TEXT NOT NULL,
    -- called, login, connect, prepared, requested, approved, answered
    state TEXT NOT NULL,
    -- The scopes that a connection lacks, as JSON.
    scopes TEXT,
    -- When to poll or try again; at once where something happened outside since it was looked at last.
    due_at BIGINT NOT NULL,
    poked BIGINT NOT NULL,
    -- What the model is told, as JSON, once answered.
    answer TEXT,
    -- What became of an approval: placed, refused, denied, expired, withdrawn.
    outcome TEXT,
    -- What is asked to be approved, as JSON, and the key and code under which it is asked.
    prepared TEXT,
    key TEXT,
    code TEXT,
    -- The token that the ping brings: its hash to find the call by, itself sealed to send it again.
    ping_hash TEXT UNIQUE,
    ping_token TEXT,
    -- The identity service's answer; the request's id sealed.
    auth_req_id TEXT,
    txn TEXT,
    page TEXT,
    asked_at BIGINT,
    expires_at BIGINT,
    interval_ms BIGINT,
    -- The person withdrew it in the chat.
    withdraw BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
INSERT INTO "call" VALUES ('call_af3fc16ba978974d8af2b9b2480e8826','trn_e0ddb3501a56e517d01229a5dd93807e',100,'create_order','{"quantity":5,"reason":"You wrote in the chat that you want to buy 5 WAYNE.","side":"BUY","symbol":"WAYNE"}','answered',NULL,1795511288830,0,'{"data":{"approvalCode":"C6 EK","createdAt":"2026-11-24T09:08:03.866Z","currency":"USD","id":"ord_61d7438b359cdd8bd5a614a55feb57dc","limit":"102.00","placedBy":"Mandate chat","price":"100.00","quantity":5,"side":"BUY","status":"FILLED","symbol":"WAYNE","updatedAt":"2026-11-24T09:08:03.866Z"},"message":"The person approved it, and it was placed, once.","status":"placed"}','placed','{"detail":{"type":"stock_order","symbol":"WAYNE","side":"BUY","quantity":5,"limit":"102.00","currency":"USD"},"title":"Buy 5 WAYNE","facts":[["Stock","Wayne Enterprises (WAYNE)"],["Shares","5"],["Price now","100.00 USD"],["Estimated cost","about 500.00 USD"],["Limit","102.00 USD or less a share, 2 % beside the market"],["At most","510.00 USD"],["Account","StockTrade"]],"agent_message":"You wrote in the chat that you want to buy 5 WAYNE."}','ZMIyd6P2IxFkZ9Jslj4JIuaXKNxstWws5-_Xal911X0','C6 EK','AEAH2FZ03GZMY-2aWX5E0E9Aq4pidDyeBk5Zes0EFmg','tZaijTiX7ZacTRAw8EpFhwjMPFr0zChuHCm8Q4RKPfV4ow3zXCREjom0WUZZk6z/L9eltNmST+OPUHCYFt5VPqgsGjeqSHsUal69nbs4Gc6DMGo','frJzrEeajILQDcqbIfPI5GhkyNKvXaUyIHUqR4OxEO0h5dX3Yw52pvf6lCI/ND9ZNRldUM7DZ35fVbTel3AFt3YoW+Vw0Pd+iLjLbj0b75HV0+U','apr_fbf21ef0a0dfbfeb72cb8546c71b2461','http://id.localhost:14512/approvals/apr_fbf21ef0a0dfbfeb72cb8546c71b2461',1795511283822,1795511583823,5000,0,1795511283808);
CREATE TABLE event (
    thread TEXT NOT NULL REFERENCES thread (id),
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    PRIMARY KEY (thread, seq)
);
INSERT INTO "event" VALUES ('thr_9862885758ad452658cddfaa513f7bb5',1,1795511283614,'{"title":{"title":"Buy 5 WAYNE"}}');
INSERT INTO "event" VALUES ('thr_9862885758ad452658cddfaa513f7bb5',2,1795511283614,'{"message":{"id":"msg_6881d4d7f416357a186b68706376ed55","text":"Buy 5 WAYNE"}}');
INSERT INTO "event" VALUES ('thr_9862885758ad452658cddfaa513f7bb5',3,1795511283614,'{"turn":{"turn":"trn_e0ddb3501a56e517d01229a5dd93807e"}}');
INSERT INTO "event" VALUES ('thr_9862885758ad452658cddfaa513f7bb5',4,1795511283649,'{"delta":{"turn":"trn_e0ddb3501a56e517d01229a5dd93807e","part":0,"text":"I''ll "}}');
INSERT INTO "event" VALUES ('thr_9862885758ad452658cddfaa513f7bb5',5,1795511283680,'{"delta":{"turn":"trn_e0ddb3501a56e517d01229a5dd93807e","part":0,"text":"ask for "}}');
INSERT INTO "event" VALUES ('thr_9862885758ad452658cddfaa513f7bb5',6,1795511283711,'{"delta":{"turn":"trn_e0ddb3501a56e517d01229a5dd93807e","part":0,"text":"your approval "}}');
INSERT INTO "event" VALUES ('thr_9862885758ad452658cddfaa513f7bb5',7,1795511283743,'{"delta":{"turn":"trn_e0ddb3501a56e517d01229a5dd93807e","part":0,"text":"to buy 5 "}}');
INSERT INTO "event" VALUES ('thr_9862885758ad452658cddfaa513f7bb5',8,1795511283774,'{"delta":{"turn":"trn_e0ddb3501a56e517d01229a5dd93807e","part":0,"text":"WAYNE."}}');
INSERT INTO "event" VALUES ('thr_9862885758ad452658cddfaa513f7bb5',9,1795511283809,'{"block":{"turn":"trn_e0ddb3501a56e517d01229a5dd93807e","part":0,"html":"<p>I''ll ask for your approval to buy 5 WAYNE.</p>\n"}}');
INSERT INTO "event" VALUES ('thr_9862885758ad452658cddfaa513f7bb5',10,1795511283809,'{"call":{"turn":"trn_e0ddb3501a56e517d01229a5dd93807e","call":"call_af3fc16ba978974d8af2b9b2480e8826","tool":"create_order","input":"{\n  \"quantity\": 5,\n  \"reason\": \"You wrote in the chat that you want to buy 5 WAYNE.\",\n  \"side\": \"BUY\",\n  \"symbol\": \"WAYNE\"\n}","state":"running"}}');
INSERT INTO "event" VALUES ('thr_9862885758ad452658cddfaa513f7bb5',11,1795511283822,'{"card":{"turn":"trn_e0ddb3501a56e517d01229a5dd93807e","call":"call_af3fc16ba978974d8af2b9b2480e8826","body":{"approval":{"title":"Buy 5 WAYNE","facts":[["Stock","Wayne Enterprises (WAYNE)"],["Shares","5"],["Price now","100.00 USD"],["Estimated cost","about 500.00 USD"],["Limit","102.00 USD or less a share, 2 % beside the market"],["At most","510.00 USD"],["Account","StockTrade"]],"code":"","page":"","asked_at":1795511283822,"expires_at":0,"state":"asking"}}}}');
INSERT INTO "event" VALUES ('thr_9862885758ad452658cddfaa513f7bb5',12,1795511283830,'{"card":{"turn":"trn_e0ddb3501a56e517d01229a5dd93807e","call":"call_af3fc16ba978974d8af2b9b2480e8826","body":{"approval":{"title":"Buy 5 WAYNE","facts":[["Stock","Wayne Enterprises (WAYNE)"],["Shares","5"],["Price now","100.00 USD"],["Estimated cost","about 500.00 USD"],["Limit","102.00 USD or less a share, 2 % beside the market"],["At most","510.00 USD"],["Account","StockTrade"]],"code":"C6 EK","page":"http://id.localhost:14512/approvals/apr_fbf21ef0a0dfbfeb72cb8546c71b2461","asked_at":1795511283822,"expires_at":1795511583823,"state":"waiting"}}}}');
INSERT INTO "event" VALUES ('thr_9862885758ad452658cddfaa513f7bb5',13,1795511283832,'{"end":{"turn":"trn_e0ddb3501a56e517d01229a5dd93807e","outcome":"waiting"}}');
INSERT INTO "event" VALUES ('thr_9862885758ad452658cddfaa513f7bb5',14,1795511283852,'{"turn":{"turn":"trn_e0ddb3501a56e517d01229a5dd93807e"}}');
INSERT INTO "event" VALUES ('thr_9862885758ad452658cddfaa513f7bb5',15,1795511283852,'{"card":{"turn":"trn_e0ddb3501a56e517d01229a5dd93807e","call":"call_af3fc16ba978974d8af2b9b2480e8826","body":{"approval":{"title":"Buy 5 WAYNE","facts":[["Stock","Wayne Enterprises (WAYNE)"],["Shares","5"],["Price now","100.00 USD"],["Estimated cost","about 500.00 USD"],["Limit","102.00 USD or less a share, 2 % beside the market"],["At most","510.00 USD"],["Account","StockTrade"]],"code":"C6 EK","page":"http://id.localhost:14512/approvals/apr_fbf21ef0a0dfbfeb72cb8546c71b2461","asked_at":1795511283822,"expires_at":1795511583823,"state":"approved"}}}}');
INSERT INTO "event" VALUES ('thr_9862885758ad452658cddfaa513f7bb5',16,1795511283867,'{"card":{"turn":"trn_e0ddb3501a56e517d01229a5dd93807e","call":"call_af3fc16ba978974d8af2b9b2480e8826","body":{"approval":{"title":"Buy 5 WAYNE","facts":[["Stock","Wayne Enterprises (WAYNE)"],["Shares","5"],["Price now","100.00 USD"],["Estimated cost","about 500.00 USD"],["Limit","102.00 USD or less a share, 2 % beside the market"],["At most","510.00 USD"],["Account","StockTrade"]],"code":"C6 EK","page":"http://id.localhost:14512/approvals/apr_fbf21ef0a0dfbfeb72cb8546c71b2461","asked_at":1795511283822,"expires_at":1795511583823,"state":{"placed":{"order":{"id":"ord_61d7438b359cdd8bd5a614a55feb57dc","symbol":"WAYNE","side":"BUY","quantity":5,"price":"100.00","limit":"102.00","status":"FILLED","placedBy":{"who":"agent","name":"Mandate chat","txn":"apr_fbf21ef0a0dfbfeb72cb8546c71b2461","code":"C6 EK","approvedAt":"2026-11-24T09:08:03.000Z"},"createdAt":"2026-11-24T09:08:03.866Z","updatedAt":"2026-11-24T09:08:03.866Z"}}}}}}}');
INSERT INTO "event" VALUES ('thr_9862885758ad452658cddfaa513f7bb5',17,1795511283867,'{"returned":{"turn":"trn_e0ddb3501a56e517d01229a5dd93807e","call":"call_af3fc16ba978974d8af2b9b2480e8826","ok":true,"summary":"Bought 5 WAYNE at 100.00 USD","output":"{\n  \"approvalCode\": \"C6 EK\",\n  \"createdAt\": \"2026-11-24T09:08:03.866Z\",\n  \"currency\": \"USD\",\n  \"id\": \"ord_61d7438b359cdd8bd5a614a55feb57dc\",\n  \"limit\": \"102.00\",\n  \"placedBy\": \"Mandate chat\",\n  \"price\": \"100.00\",\n  \"quantity\": 5,\n  \"side\": \"BUY\",\n  \"status\": \"FILLED\",\n  \"symbol\": \"WAYNE\",\n  \"updatedAt\": \"2026-11-24T09:08:03.866Z\"\n}","ms":45,"view":{"orders":{"orders":[{"id":"ord_61d7438b359cdd8bd5a614a55feb57dc","symbol":"WAYNE","side":"BUY","quantity":5,"price":"100.00","limit":"102.00","status":"FILLED","placedBy":{"who":"agent","name":"Mandate chat","txn":"apr_fbf21ef0a0dfbfeb72cb8546c71b2461","code":"C6 EK","approvedAt":"2026-11-24T09:08:03.000Z"},"createdAt":"2026-11-24T09:08:03.866Z","updatedAt":"2026-11-24T09:08:03.866Z"}]}}}}');
CREATE TABLE message (
    id TEXT PRIMARY KEY,
    thread TEXT NOT NULL REFERENCES thread (id),
    key TEXT NOT NULL,
    text TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (thread, key)
);
INSERT INTO "message" VALUES ('msg_6881d4d7f416357a186b68706376ed55','thr_9862885758ad452658cddfaa513f7bb5','P-_2mXJ5wod2r-YpNnLr_0LpikFQgWDunYYMoFP-m9g','Buy 5 WAYNE',1795511283614);
CREATE TABLE once (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    holder TEXT NOT NULL,
    value TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE TABLE person (
    id TEXT PRIMARY KEY,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT,
    email TEXT,
    -- Sealed: the identity service's refresh token.
    refresh_token TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (issuer, subject)
);
INSERT INTO "person" VALUES ('per_9720b183b67b36902bcaed54f9c98cbc','http://id.localhost:14512/','usr_045a020095f1950101f6966bdc202f32','Alice','alice@example.com','VgHkry5dkmVF8Egkb8AZEW9DIObP2dQhzEkDgrGaxgQQN0scYXI4z71isxIa946/gisMEaH994QV9Gw0/lz72CuTOeasJsl81MDxWm5rhwjQxG4',1795511283534,1795511283534);
CREATE TABLE session (
    id TEXT PRIMARY KEY,
    person TEXT,
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
INSERT INTO "session" VALUES ('57eaCk_JLZzPIRaCbtoAt0bTGO85cdzd2fZQTTzo5yQ','per_9720b183b67b36902bcaed54f9c98cbc','5eaJuD3RojC+xtIbv0Yk1EHYr7Hcgd2i0BF1oAQIMZa2ZnHkLNzDQOM0/BXrHgH8xKFrs/N4/w0UaDSuIpBPeVZs5jvvcO61zs8EjRX2svk3cpTetp58z8XGngFD/ygFYL/wIFP/MgIctU9N7gtGIESlsmgInPzYUiWcV4lsR1jtoqKM7bb1qpJNZBWv3u50ITrsutldSk9fABMy+iGLF1aqOsyqf2XUQztmggkSh/FE5Dbqfuwc52jYpS5iviSAZSa93T4al72GXAhCJG7WXuJqu4s4IgaAGvl4h//zer7aQsuyL1+1ROoXpdt8lnWzP91dZ4SEbovvsjTfYiVdz/JmiHrmEFOYptCzIN7L6JyvZZzlVCToVR27n8rqaEpH0EDI+gpDd68YZM+4ZXzXq3eXAdTD//HzqADZuRP8pCe9TYGhzwXO91YYpz1lJJUhZ5fsOEzvFdwOWCuhoTkfxB9bn7tT9rDPpR5brHh+yRKZkNWGnJFV61BeIkTObQUDxla/izkfp1mPbkVktUhDp3+6l+Go9YMLRVwAcg+l5UkHMsserdndr+UBODYnTvPwtbT1XJR2ntnRwAILk1tslUV2SH8cDne3wQQI+Xcon/K0dxAW8pO9JB8EWeO8cK5O1uYPEvmFgUvQ59CffX73SKCjEYUap+xseCmrAy0bHE9krzGbx0oRokP7ULehdDDpXbC92SWmYGwqkKKL8LDXWt03IgPWpGJFeVqo+hRFB543xDub7tq/yCrtMbl+WVgv5eweXbinC0/3H2OIC0req5m7Z3ZB90k9QlZOquwLoYX10qT5byogursWUclUC8arYjNomGWIoXhaUzkzMHtdVyS6V0s7mmPMMwfVDUC2o5v25eOS9Vb+c+OEgi32rth0xM8q9cXkC1GLC4MKqCYqDV6v6Fa5baOYtByQitAa17HxaO1WTk8WCE+DocKky2xAbAXGU0rVUHvZRf/+0kyS+YvuDJJ11wDWyRFlZCwoTyShSQU3pegNChTxN/uU4V5XIL3gjxXgDoz+e/WldloYAIZXbnAdSc40yZWrWFuwEfuOOWnIVDUBA2wPEANjmevSxXntZdjXhnVWr2FgRRRDXZWLlanPQQvdknZeO/vAU80KvuR6GYdcpY8ngqu1dBXt093capPEWLxv5jN0rDHRcO2HYozaMIgh95XdGJ9SLUs7qr+SEh/Gwxsb32BKJKMUG5+aFYK5wsk8lOJQ/o3hqDZdqpT5FyTqw69jChJZOjcAiDiO94zqLwBRBRGYwJCWgolAz1M',1795511283535,1795511283535);
CREATE TABLE thread (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    -- The browser's key for the message that opened it: sent again, it opens nothing more.
    key TEXT NOT NULL,
    title TEXT NOT NULL,
    -- The last event's number.
    seq BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (owner, key)
);
INSERT INTO "thread" VALUES ('thr_9862885758ad452658cddfaa513f7bb5','p:per_9720b183b67b36902bcaed54f9c98cbc','P-_2mXJ5wod2r-YpNnLr_0LpikFQgWDunYYMoFP-m9g','Buy 5 WAYNE',17,1795511283614,1795511283867);
CREATE TABLE turn (
    id TEXT PRIMARY KEY,
    thread TEXT NOT NULL REFERENCES thread (id),
    message TEXT NOT NULL REFERENCES message (id),
    -- Whose turn it is: the person that the message had, or none for a visitor.
    person TEXT,
    -- running, waiting, done, failed, cancelled
    state TEXT NOT NULL,
    owner TEXT,
    due_at BIGINT NOT NULL,
    -- Counts what happened to it from outside: so a wake while it runs is not lost.
    woken BIGINT NOT NULL,
    -- Somebody asked for it to end.
    cancel BIGINT NOT NULL,
    -- Whether its thread shows it as running, and the part of its answer that is open.
    shown BIGINT NOT NULL,
    part BIGINT NOT NULL,
    open BIGINT NOT NULL,
    -- How often the model was asked.
    asked BIGINT NOT NULL,
    -- The model's messages since the person's, as JSON.
    history TEXT NOT NULL,
    -- The number of the message's event in its thread: the order of turns.
    seq BIGINT NOT NULL
);
INSERT INTO "turn" VALUES ('trn_e0ddb3501a56e517d01229a5dd93807e','thr_9862885758ad452658cddfaa513f7bb5','msg_6881d4d7f416357a186b68706376ed55','per_9720b183b67b36902bcaed54f9c98cbc','running',NULL,0,1,0,1,1,0,1,'[{"text":"I''ll ask for your approval to buy 5 WAYNE.","calls":[{"id":"call_af3fc16ba978974d8af2b9b2480e8826","name":"create_order","arguments":"{\"quantity\":5,\"reason\":\"You wrote in the chat that you want to buy 5 WAYNE.\",\"side\":\"BUY\",\"symbol\":\"WAYNE\"}"}]}]',3);
CREATE INDEX call_of_turn ON call (turn, position);
CREATE INDEX thread_of_owner ON thread (owner, updated_at);
CREATE INDEX turn_due ON turn (state, due_at);
CREATE UNIQUE INDEX turn_of_thread ON turn (thread, seq);
