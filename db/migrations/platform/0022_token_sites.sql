ALTER TABLE api_tokens ADD COLUMN part TEXT NOT NULL DEFAULT '{}'; -- JSON scope: sites that it is limited to; {}: all of its maker's
