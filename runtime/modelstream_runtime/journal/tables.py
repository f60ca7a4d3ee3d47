"""The tables of the journal, in the SQL that all its databases have in common."""

from __future__ import annotations

from typing import Final

VERSION: Final = 2
"""Of the tables. A journal of a newer version is left alone."""

TABLES: Final = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    # `number` counts purchases as they were added, `position` is their place in the input.
    """
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
        updated DOUBLE PRECISION NOT NULL,
        added DOUBLE PRECISION,
        source TEXT,
        hidden INTEGER NOT NULL DEFAULT 0
    )
    """,
    "CREATE INDEX purchases_by_state ON purchases (state, position)",
    "CREATE INDEX purchases_by_task ON purchases (task_id) WHERE task_id IS NOT NULL",
    # One row for each time that a paid request was sent, so that a late answer to an old attempt is never lost.
    """
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
    )
    """,
    "CREATE INDEX attempts_by_number ON attempts (number)",
    # A single row: how many purchases are reserved, and how many are allowed.
    "CREATE TABLE budget (only_row INTEGER PRIMARY KEY, reserved BIGINT NOT NULL, allowed BIGINT)",
    "INSERT INTO budget VALUES (1, 0, NULL)",
    # One row for each API key, by its fingerprint: the pause and the pace that all its users share.
    """
    CREATE TABLE accounts (
        account TEXT NOT NULL PRIMARY KEY,
        paused_until DOUBLE PRECISION NOT NULL DEFAULT 0,
        next_start DOUBLE PRECISION NOT NULL DEFAULT 0,
        setbacks INTEGER NOT NULL DEFAULT 0,
        stopped TEXT
    )
    """,
    "CREATE TABLE runners (runner TEXT NOT NULL PRIMARY KEY, host TEXT NOT NULL, pid BIGINT NOT NULL, "
    "started DOUBLE PRECISION NOT NULL, ended DOUBLE PRECISION)",
)

CHANGES: Final = {
    2: (
        "ALTER TABLE purchases ADD COLUMN added DOUBLE PRECISION",
        "ALTER TABLE purchases ADD COLUMN source TEXT",
        "ALTER TABLE purchases ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX purchases_by_task ON purchases (task_id) WHERE task_id IS NOT NULL",
    ),
}
"""Version to what makes the tables of the version before into it."""
