package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gatehouse/broker"
	"gatehouse/devices"
	"gatehouse/web"
)

// auditRecord is an audit trail that may be out of order.
type auditRecord struct {
	err   error
	verbs []string
}

func (t *auditRecord) Record(_ context.Context, _ devices.Actor, verb, _ string, _ map[string]any) error {
	if t.err == nil {
		t.verbs = append(t.verbs, verb)
	}
	return t.err
}

func inTracer(t *testing.T, test func(t *testing.T, tr *tracer, audit *auditRecord)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b, err := broker.New(t.Context(), broker.Options{Authorizer: &authorizer{}})
		if err != nil {
			t.Fatal(err)
		}
		audit := &auditRecord{}
		tr := &tracer{broker: b, audit: audit}
		test(t, tr, audit)
		if err := errors.Join(tr.Close(), b.Close()); err != nil {
			t.Error(err)
		}
	})
}

func TestATraceEndsByItself(t *testing.T) {
	t.Parallel()
	inTracer(t, func(t *testing.T, tr *tracer, _ *auditRecord) {
		say := func() {
			if err := tr.broker.Publish(t.Context(), broker.Message{Topic: "a"}); err != nil {
				t.Fatal(err)
			}
		}
		order := web.NewTrace{Filter: "#", Seconds: 10, Limit: 100}
		if _, err := tr.StartTrace(t.Context(), devices.Actor{}, order); err != nil {
			t.Fatal(err)
		}
		say()
		<-time.After(9 * time.Second)
		if now, _ := tr.Trace(); !now.Running || len(now.Events) == 0 {
			t.Fatalf("after 9 s: %+v", now)
		}
		<-time.After(time.Second)
		synctest.Wait()
		before, _ := tr.Trace()
		say()
		after, _ := tr.Trace()
		if after.Running || len(after.Events) != len(before.Events) {
			t.Fatalf("after 10 s: %+v", after)
		}
		if _, err := tr.StartTrace(t.Context(), devices.Actor{}, order); err != nil {
			t.Fatalf("the next one: %v", err)
		}
		if now, _ := tr.Trace(); !now.Running || len(now.Events) != 0 {
			t.Fatalf("the next one is %+v", now)
		}
	})
}

func TestATraceThatCannotBeAuditedIsNotStarted(t *testing.T) {
	t.Parallel()
	inTracer(t, func(t *testing.T, tr *tracer, audit *auditRecord) {
		audit.err = errors.New("the disk is full")
		order := web.NewTrace{Client: "c", Seconds: 10, Limit: 100}
		if _, err := tr.StartTrace(t.Context(), devices.Actor{}, order); !errors.Is(err, audit.err) {
			t.Fatalf("got %v", err)
		}
		if now, ok := tr.Trace(); ok {
			t.Fatalf("there is %+v", now)
		}
	})
}

func TestATraceThatTheBrokerDoesNotTakeIsTheAskersFaultAndNotAudited(t *testing.T) {
	t.Parallel()
	inTracer(t, func(t *testing.T, tr *tracer, audit *auditRecord) {
		refused := func(q web.NewTrace, code devices.Code, field, message string) {
			t.Helper()
			q.Seconds, q.Limit = 10, 100
			_, err := tr.StartTrace(t.Context(), devices.Actor{}, q)
			var e *devices.Error
			if !errors.As(err, &e) || e.Code != code || e.Field != field || !strings.Contains(e.Message, message) {
				t.Errorf("%.40q: got %v, want %v of %q: %s", q.Filter, err, code, field, message)
			}
		}
		refused(web.NewTrace{Filter: strings.Repeat("a/", 64) + "a"}, devices.Invalid, "filter", "topic filter has too many levels")
		refused(web.NewTrace{Filter: "$share/g/#"}, devices.Invalid, "filter", "write the filter behind the prefix: #")
		refused(web.NewTrace{Filter: "$queue/a/b"}, devices.Invalid, "filter", "write the filter behind the prefix: a/b")
		refused(web.NewTrace{Filter: "$local/+"}, devices.Invalid, "filter", "write the filter behind the prefix: +")
		refused(web.NewTrace{Filter: "$share"}, devices.Invalid, "filter", "no topic begins with $share")
		refused(web.NewTrace{Filter: "$share/g"}, devices.Invalid, "filter", "no topic begins with $share")
		for range 16 {
			trace, err := tr.broker.Trace(broker.TraceQuery{Filter: "#"})
			if err != nil {
				t.Fatal(err)
			}
			defer trace.Stop()
		}
		refused(web.NewTrace{Filter: "#"}, devices.Conflict, "", "stop one first")
		if now, ok := tr.Trace(); ok || len(audit.verbs) > 0 {
			t.Errorf("audited: %q, there is %+v", audit.verbs, now)
		}
	})
}

func TestATraceThatCannotBeAuditedLeavesItsPlace(t *testing.T) {
	t.Parallel()
	inTracer(t, func(t *testing.T, tr *tracer, audit *auditRecord) {
		order := web.NewTrace{Client: "c", Seconds: 10, Limit: 100}
		audit.err = errors.New("the disk is full")
		for range 20 {
			if _, err := tr.StartTrace(t.Context(), devices.Actor{}, order); !errors.Is(err, audit.err) {
				t.Fatalf("got %v", err)
			}
		}
		audit.err = nil
		if _, err := tr.StartTrace(t.Context(), devices.Actor{}, order); err != nil {
			t.Fatal(err)
		}
	})
}
