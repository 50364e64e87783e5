-- The audit trail is searched by site, also by one that few rows are of.
CREATE INDEX audit_site ON audit (site);
