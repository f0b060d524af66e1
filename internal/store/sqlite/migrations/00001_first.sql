-- +goose Up
CREATE TABLE incidents (
    id            TEXT PRIMARY KEY,
    revision      BIGINT NOT NULL,
    class         TEXT NOT NULL,
    severity      BIGINT NOT NULL,
    started       BIGINT NOT NULL, -- all times: microseconds since the Unix epoch
    ended         BIGINT NOT NULL,
    detected      BIGINT NOT NULL,
    recorded      BIGINT NOT NULL,
    updated       BIGINT NOT NULL,
    state         TEXT NOT NULL DEFAULT 'open',
    note          TEXT NOT NULL DEFAULT '',
    state_by      TEXT NOT NULL DEFAULT '',
    state_at      BIGINT NOT NULL DEFAULT 0,
    suppressed_by BIGINT NOT NULL DEFAULT 0,
    addresses     TEXT NOT NULL, -- ' 192.0.2.1 192.0.2.2 '
    ports         TEXT NOT NULL, -- ' 22 80 '
    search        TEXT NOT NULL, -- lower case
    body          TEXT NOT NULL  -- the incident as JSON
);
CREATE INDEX incidents_by_detected ON incidents (detected, id);
CREATE INDEX incidents_by_ended ON incidents (ended);

CREATE TABLE incident_history (
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    revision    BIGINT NOT NULL,
    recorded    BIGINT NOT NULL,
    body        TEXT NOT NULL,
    PRIMARY KEY (incident_id, revision)
);

CREATE TABLE incident_evidence (
    incident_id TEXT NOT NULL REFERENCES incidents (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL,
    recorded    BIGINT NOT NULL,
    body        BLOB NOT NULL,
    PRIMARY KEY (incident_id, kind)
);

CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    sink       TEXT NOT NULL,
    key        TEXT NOT NULL,
    revision   BIGINT NOT NULL,
    kind       TEXT NOT NULL,
    body       TEXT NOT NULL,
    state      TEXT NOT NULL DEFAULT 'pending',
    attempts   BIGINT NOT NULL DEFAULT 0,
    created    BIGINT NOT NULL,
    next_try   BIGINT NOT NULL,
    held       TEXT NOT NULL DEFAULT '',
    last_error TEXT NOT NULL DEFAULT '',
    delivered  BIGINT NOT NULL DEFAULT 0,
    batch      BIGINT NOT NULL DEFAULT 0,
    UNIQUE (sink, key, revision, kind)
);
CREATE INDEX outbox_pending ON outbox (sink, next_try) WHERE state = 'pending';
CREATE INDEX outbox_pending_keys ON outbox (sink, key, id) WHERE state = 'pending';
CREATE INDEX outbox_by_delivery ON outbox (sink, delivered);

CREATE TABLE suppressions (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    source      TEXT NOT NULL,
    destination TEXT NOT NULL,
    network     TEXT NOT NULL,
    ports       TEXT NOT NULL, -- '22,80'
    class       TEXT NOT NULL,
    expires     BIGINT NOT NULL,
    reason      TEXT NOT NULL,
    author      TEXT NOT NULL,
    created     BIGINT NOT NULL,
    removed     BIGINT NOT NULL DEFAULT 0,
    hits        BIGINT NOT NULL DEFAULT 0,
    last_hit    BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE audit (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      BIGINT NOT NULL,
    author  TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail  TEXT NOT NULL
);
CREATE INDEX audit_by_subject ON audit (subject, id);

CREATE TABLE series (
    name       TEXT NOT NULL,
    resolution BIGINT NOT NULL, -- seconds
    at         BIGINT NOT NULL, -- begin of the interval
    n          BIGINT NOT NULL,
    sum        REAL NOT NULL,
    min        REAL NOT NULL,
    max        REAL NOT NULL,
    PRIMARY KEY (name, resolution, at)
) WITHOUT ROWID;
CREATE INDEX series_by_age ON series (resolution, at);

CREATE TABLE secrets (
    bucket  TEXT NOT NULL,
    key     TEXT NOT NULL,
    value   BLOB NOT NULL,
    expires BIGINT NOT NULL, -- 0: never
    PRIMARY KEY (bucket, key)
);

CREATE TABLE health (
    id BIGINT PRIMARY KEY,
    at BIGINT NOT NULL
);

-- +goose Down
DROP TABLE health;
DROP TABLE secrets;
DROP TABLE series;
DROP TABLE audit;
DROP TABLE suppressions;
DROP TABLE outbox;
DROP TABLE incident_evidence;
DROP TABLE incident_history;
DROP TABLE incidents;
