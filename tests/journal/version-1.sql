CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE purchases (
    number BIGINT NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    position BIGINT NOT NULL,
    model TEXT NOT NULL,
    request TEXT NOT NULL,
    digest TEXT NOT NULL,
    state TEXT NOT NULL,
    reference TEXT,
    account TEXT,
    runner TEXT,
    task_id TEXT,
    url TEXT,
    file TEXT,
    bytes BIGINT,
    sha256 TEXT,
    reason TEXT,
    updated DOUBLE PRECISION NOT NULL
);
CREATE INDEX purchases_by_state ON purchases (state, position);
CREATE TABLE attempts (
    reference TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL REFERENCES purchases (number),
    attempt INTEGER NOT NULL,
    runner TEXT NOT NULL,
    account TEXT NOT NULL,
    payload_digest TEXT NOT NULL,
    started DOUBLE PRECISION NOT NULL,
    ended DOUBLE PRECISION,
    outcome TEXT,
    task_id TEXT,
    reason TEXT
);
CREATE INDEX attempts_by_number ON attempts (number);
CREATE TABLE budget (only_row INTEGER PRIMARY KEY, reserved BIGINT NOT NULL, allowed BIGINT);
INSERT INTO budget VALUES (1, 0, NULL);
CREATE TABLE accounts (
    account TEXT NOT NULL PRIMARY KEY,
    paused_until DOUBLE PRECISION NOT NULL DEFAULT 0,
    next_start DOUBLE PRECISION NOT NULL DEFAULT 0,
    setbacks INTEGER NOT NULL DEFAULT 0,
    stopped TEXT
);
CREATE TABLE runners (runner TEXT NOT NULL PRIMARY KEY, host TEXT NOT NULL, pid BIGINT NOT NULL, started DOUBLE PRECISION NOT NULL, ended DOUBLE PRECISION);
