-- What happened around a moment is read by its time.
CREATE INDEX commands_issued ON commands (site, issued, device);
CREATE INDEX state_changes_arrived ON state_changes (arrived_at, device);
CREATE INDEX alarm_entries_at ON alarm_entries (at);
