ALTER TABLE operator_sessions RENAME COLUMN token_hash TO session;
ALTER TABLE operator_sessions ADD COLUMN token BLOB NOT NULL DEFAULT x'';
UPDATE operator_sessions SET token = session;
CREATE UNIQUE INDEX operator_sessions_token ON operator_sessions (token);
