package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// LogQuery says which lines of the log are wanted.
type LogQuery struct {
	Level    string // the least; empty: any
	Text     string // in message or attributes, in any case; empty: any
	Requests bool   // also the line that each HTTP request has
	Before   int64  // number of a line: only older ones; 0: from the newest
	Limit    int    // 0: every one that is kept
}

// LogLine is one line of the server's log.
type LogLine struct {
	Number     int64     `json:"number" doc:"counts from the start of the server"`
	At         time.Time `json:"at"`
	Level      string    `json:"level" enum:"DEBUG,INFO,WARN,ERROR"`
	Message    string    `json:"message" doc:"in English"`
	Attributes string    `json:"attributes" doc:"key=value, with a space between"`
}

// LogPage is a part of the lines that are kept.
type LogPage struct {
	Lines  []LogLine `json:"lines" doc:"the newest first"`
	More   bool      `json:"more" doc:"there are older ones that match"`
	Kept   int       `json:"kept" doc:"how many lines are kept"`
	Missed int64     `json:"missed" doc:"how many came before those: they are only where the server writes its log"`
}

// LogFilter says which lines are wanted.
type LogFilter struct {
	Level    string `query:"level" enum:"DEBUG,INFO,WARN,ERROR" doc:"the least; any if it is left out"`
	Text     string `query:"text" maxLength:"200" doc:"in message or attributes, in any case"`
	Requests bool   `query:"requests" doc:"also the line that each HTTP request has"`
}

func (f LogFilter) query() LogQuery {
	return LogQuery{Level: f.Level, Text: f.Text, Requests: f.Requests}
}

type logRequest struct {
	LogFilter
	Before int64 `query:"before" minimum:"0" doc:"number of a line: only older ones"`
	Limit  int   `query:"limit" minimum:"1" maximum:"500" default:"100"`
}

func (s *Server) systemLogRoutes(a *api) {
	add(a, operation(http.MethodGet, "/system/log", "getSystemLog", "system", "The newest lines of the server's log", 200),
		func(_ context.Context, i *logRequest) (*out[LogPage], error) {
			q := i.query()
			q.Before, q.Limit = i.Before, i.Limit
			p := s.deps.System.Log(q)
			p.Lines = each(p.Lines, func(l LogLine) LogLine { return l })
			return &out[LogPage]{p}, nil
		})
	add(a, operation(http.MethodGet, "/system/log/export", "exportSystemLog", "system", "Every line that is kept and matches as a text file, the oldest first", 200),
		func(_ context.Context, i *LogFilter) (*file, error) {
			lines := s.deps.System.Log(i.query()).Lines
			slices.Reverse(lines)
			var b bytes.Buffer
			for _, l := range lines {
				fmt.Fprintf(&b, "%s %s %s %s\n", l.At.UTC().Format("2006-01-02T15:04:05.000Z"), l.Level, strconv.Quote(l.Message), l.Attributes)
			}
			return fileOf("gatehouse-"+s.now().UTC().Format("2006-01-02-150405")+".log", "text/plain; charset=utf-8", b.Bytes()), nil
		})
}
