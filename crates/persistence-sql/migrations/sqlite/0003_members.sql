-- Who takes part in the cluster. One file has one server: the table is here so that every backend keeps the same promises.
CREATE TABLE member (
    member BLOB PRIMARY KEY,
    services TEXT NOT NULL,
    beat INTEGER NOT NULL,
    draining INTEGER NOT NULL CHECK (draining IN (0, 1)),
    format INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
