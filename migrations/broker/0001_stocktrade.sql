-- StockTrade: sessions, the market, accounts with their ledger, orders.
-- Money is in whole cents, times are milliseconds since 1970 (UTC).

CREATE TABLE session (
    id TEXT PRIMARY KEY,
    person TEXT,
    data TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);

CREATE TABLE once (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    holder TEXT NOT NULL,
    value TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

-- A stock's price now. `tick` counts the steps of its walk: the next step follows from seed, symbol and tick alone.
CREATE TABLE stock (
    symbol TEXT PRIMARY KEY,
    price BIGINT NOT NULL CHECK (price > 0),
    open BIGINT NOT NULL,
    tick BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Prices of the past. `level` says how long one is kept: 0 every price, 1 the first of a minute, 2 of an hour.
CREATE TABLE price (
    symbol TEXT NOT NULL REFERENCES stock (symbol),
    at BIGINT NOT NULL,
    value BIGINT NOT NULL,
    level BIGINT NOT NULL,
    PRIMARY KEY (symbol, at)
);

CREATE INDEX price_age ON price (level, at);

-- One per person, who is known by issuer and subject. `orders` counts its orders, and is what a transaction
-- writes first, so that an account's orders are placed one after another.
CREATE TABLE account (
    id TEXT PRIMARY KEY,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    cash BIGINT NOT NULL CHECK (cash >= 0),
    orders BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    UNIQUE (issuer, subject)
);

CREATE TABLE holding (
    account TEXT NOT NULL REFERENCES account (id),
    symbol TEXT NOT NULL REFERENCES stock (symbol),
    shares BIGINT NOT NULL CHECK (shares >= 0),
    cost BIGINT NOT NULL,
    PRIMARY KEY (account, symbol)
);

-- Who placed an order is written with it: `you`, or an agent with its approval. An approval places one order
-- (issuer, txn); so does a review by hand (account, key).
CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id),
    number BIGINT NOT NULL,
    symbol TEXT NOT NULL REFERENCES stock (symbol),
    side TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    limit_price BIGINT,
    price BIGINT NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    placed_by TEXT NOT NULL,
    agent_name TEXT,
    asked_by TEXT,
    approval_issuer TEXT,
    txn TEXT,
    code TEXT,
    approved_at BIGINT,
    key TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (account, number),
    UNIQUE (approval_issuer, txn),
    UNIQUE (account, key)
);

CREATE INDEX orders_txn ON orders (account, txn);

-- What came into an account and what left it. The sums are the account's cash and its holdings' shares.
CREATE TABLE movement (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES account (id),
    order_id TEXT REFERENCES orders (id),
    at BIGINT NOT NULL,
    cash BIGINT NOT NULL,
    symbol TEXT,
    shares BIGINT NOT NULL
);

CREATE INDEX movement_account ON movement (account, at);
