package ledger

import (
	"context"
	"fmt"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/wire"
)

// MaxAmount bounds one amount, in minor units either way, so that no sum of a
// ledger can overflow.
const MaxAmount = 1_000_000_000_000

// Take books a batch of billing messages of one device, in their order, and
// answers for each: nil means that it is owned durably, as a row, as the
// repetition of a row, or in quarantine. An error is temporary: offer that
// message and all after it again. All rows of a batch are one transaction.
func (l *Ledger) Take(ctx context.Context, reports []devices.Report) []error {
	answers := make([]error, len(reports))
	entries := make([]Entry, 0, len(reports))
	of := make([]int, len(reports)) // index in entries; -1: none
	problems := make([]string, len(reports))
	for i, r := range reports {
		e, problem := l.entry(r)
		of[i], problems[i] = -1, problem
		if problem == "" {
			of[i] = len(entries)
			entries = append(entries, e)
		}
	}
	results, err := l.book(ctx, entries)
	if err != nil {
		for i := range answers {
			answers[i] = err
		}
		return answers
	}
	conflict := make([]bool, len(reports))
	for i := range reports {
		if conflict[i] = of[i] >= 0 && results[of[i]].Conflict; conflict[i] {
			problems[i] = fmt.Sprintf("id: the ledger already has %q of this device with other content; a billing event never changes, a correction is a new event that names the old one in corrects", entries[of[i]].EventID)
		}
	}
	l.quarantine(ctx, reports, problems, conflict, answers)
	l.announce(reports, entries, of, results, problems)
	return answers
}

func (l *Ledger) book(ctx context.Context, entries []Entry) ([]Result, error) {
	if len(entries) == 0 {
		return nil, nil
	}
	results, err := l.d.Store.AddEntries(ctx, entries)
	if err != nil {
		return nil, fmt.Errorf("ledger.take: %w", err)
	}
	if len(results) != len(entries) {
		return nil, &devices.Error{Op: "ledger.take", Code: devices.Internal,
			Message: fmt.Sprintf("the store answered for %d of %d entries", len(results), len(entries))}
	}
	return results, nil
}

// quarantine puts away every message with a problem. After a failure nothing
// more is written: what follows it will be offered again.
func (l *Ledger) quarantine(ctx context.Context, reports []devices.Report, problems []string, conflict []bool, answers []error) {
	for i, r := range reports {
		if problems[i] == "" {
			continue
		}
		why := devices.Malformed
		if conflict[i] {
			why = devices.OtherContent
		}
		err := l.d.Quarantine.Quarantine(ctx, devices.Quarantined{
			Device: r.Device, Site: r.Site, Topic: r.Topic, Payload: r.Payload,
			Problem: problems[i], Why: why, Arrived: r.Arrived,
		})
		if err != nil {
			for j := i; j < len(answers); j++ {
				answers[j] = fmt.Errorf("ledger.take: quarantine: %w", err)
			}
			return
		}
		l.d.Log.Warn("billing message quarantined", "device", r.Device, "problem", problems[i])
	}
}

// announce names every site that has something new, once.
func (l *Ledger) announce(reports []devices.Report, entries []Entry, of []int, results []Result, problems []string) {
	told := make(map[devices.SiteID]bool, 1)
	for i, r := range reports {
		site := r.Site
		if of[i] >= 0 {
			site = entries[of[i]].Site
			if problems[i] == "" && results[of[i]].Existed {
				continue
			}
		}
		if !told[site] {
			told[site] = true
			l.d.Changed(site)
		}
	}
}

// entry reads one message. A problem is for people and names the field.
func (l *Ledger) entry(r devices.Report) (e Entry, problem string) {
	p, err := wire.DecodeBilling(r.Payload)
	if err != nil {
		return Entry{}, err.Error()
	}
	if problem := check(p); problem != "" {
		return Entry{}, problem
	}
	site, zone, known := l.d.Zone(r.Device)
	if !known {
		return Entry{}, fmt.Sprintf("device: %q is not in the registry", r.Device)
	}
	return Entry{
		Device: r.Device, EventID: devices.EventID(p.ID), Site: site, Zone: zone, Seq: p.Seq,
		Amount: Money{Amount: p.Amount, Currency: p.Currency}, For: p.For,
		Passage: devices.EventID(p.Event), Corrects: devices.EventID(p.Corrects),
		DeviceTime: time.UnixMilli(p.At).UTC(), ArrivedAt: r.Arrived.UTC(),
	}, ""
}

// check holds what makes a well-formed billing event one that can be booked.
func check(p wire.BillingPayload) string {
	switch {
	case p.Amount > MaxAmount || p.Amount < -MaxAmount:
		return fmt.Sprintf("amount: must be between %d and %d minor units", -MaxAmount, MaxAmount)
	case p.Corrects == "" && p.Amount < 0:
		return "amount: must not be negative unless corrects names the billing event that this one corrects"
	case p.Corrects != "" && p.Amount == 0:
		return "amount: a correction must change something, so it cannot be 0"
	case p.Corrects != "" && p.Corrects == p.ID:
		return "corrects: a billing event cannot correct itself; it needs an id of its own"
	}
	return ""
}

// SameContent is true if both rows say the same of the same billing event: what
// the device said counts, not when it came or where the device stood.
func (e Entry) SameContent(o Entry) bool {
	return e.Device == o.Device && e.EventID == o.EventID && e.Seq == o.Seq && e.Amount == o.Amount &&
		e.For == o.For && e.Passage == o.Passage && e.Corrects == o.Corrects && e.DeviceTime.Equal(o.DeviceTime)
}
