package configs

import "log/slog"

// Log is how much is logged, and in which form.
type Log struct {
	Level  string `key:"level"`  // debug, info, warn, error
	Format string `key:"format"` // text, json
}

func defaultLog() Log { return Log{Level: "info", Format: "text"} }

// SlogLevel is Level as log/slog knows it; info if Level is not valid.
func (l Log) SlogLevel() slog.Level {
	switch l.Level {
	case "debug":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	default:
		return slog.LevelInfo
	}
}
