package devices

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// BatchID names a Batch.
type BatchID string

// Batch is one order to many devices of a site: who gave it and why, and the
// command of each device. It is stored before the first of them is sent.
type Batch struct {
	ID      BatchID           `json:"id"`
	Key     string            `json:"key"`
	Site    SiteID            `json:"site"`
	Zone    ZoneID            `json:"zone,omitempty"`   // of an order to a zone
	Listed  []DeviceID        `json:"listed,omitempty"` // of an order to devices that were named
	Action  Action            `json:"action"`
	Args    map[string]string `json:"args,omitempty"`
	Reason  string            `json:"reason"`
	Actor   Actor             `json:"actor"`
	Issued  time.Time         `json:"issued"` // wall clock
	TTL     time.Duration     `json:"ttl"`
	Members []Member          `json:"members"`
}

// Member is one device of a batch.
type Member struct {
	Device  DeviceID  `json:"device"`
	Command CommandID `json:"command"`           // the id that its command has, if it was made
	Code    Code      `json:"code,omitempty"`    // why no command was made
	Problem string    `json:"problem,omitempty"` // the same, for people
}

// BatchRequest is what somebody wants many devices to do: of exactly one of
// Devices, Zone and Site. A zone or site means its devices that can do it.
type BatchRequest struct {
	Request // Reason is required
	Devices []DeviceID
	Zone    ZoneID
	Site    SiteID
}

// BatchResult is a batch and what became of each of its commands, in the order of
// its members; a command without id was not made (or is not yet).
type BatchResult struct {
	Batch
	Commands []Command
}

// BatchStore keeps batches. See Store for what all its methods promise.
type BatchStore interface {
	// AddBatch stores a new batch with its audit entry. If there is one with this
	// key it changes nothing and returns that one with existed true.
	AddBatch(ctx context.Context, b Batch, a AuditEntry) (stored Batch, existed bool, err error)
	// SaveBatch stores what became of the members: only those of b are used.
	SaveBatch(ctx context.Context, b Batch) error
	Batch(ctx context.Context, id BatchID) (Batch, error)
	// Batches, newest first.
	Batches(ctx context.Context, q BatchQuery) ([]Batch, error)
}

// BatchQuery selects batches; what is zero does not narrow.
type BatchQuery struct {
	Site   SiteID
	Before BatchID // those that are older than this one; of one that does not exist there are none
	Limit  int
}

const (
	mostMembers = 1000
	// senders is how many commands of a batch are given at once: enough to share
	// commits.
	senders = 32
	// batchWait is how long an answer to an order to many waits for all of its commands.
	batchWait = 2 * time.Second
)

// SendBatch orders many devices of one site to do the same, each once, and returns
// when each command is handed over, or refused, or after 2 s: the rest goes on, and
// Batch tells of it. What Send promises
// holds for each; one that is refused or offline holds up no other. The same key of
// the same actor gives the first batch again. Errors: as Send has them, for Field
// also devices, zone, site; Invalid if nothing there can do it.
func (c *Control) SendBatch(ctx context.Context, a Actor, r BatchRequest) (BatchResult, error) {
	const op = "batch.send"
	asked := c.d.Now()
	if !c.group.enter() {
		return BatchResult{}, stopping(op)
	}
	defer c.group.leave()
	if r.TTL == 0 {
		r.TTL = DefaultTTL
	}
	units, site, err := c.batchUnits(op, r)
	if err != nil {
		return BatchResult{}, err
	}
	b, err := c.draftBatch(op, a, r, units, site, asked)
	if err != nil {
		return BatchResult{}, err
	}
	entry := c.audit(a, "batch.send", site, "batch:"+string(b.ID), map[string]any{
		"action": r.Action, "args": r.Args, "reason": r.Reason, "zone": r.Zone, "devices": len(units), "ttlMs": b.TTL.Milliseconds(),
	})
	c.orders.begin(b.ID) // before anybody can see it, and stop it
	stored, existed, err := c.d.Store.AddBatch(c.group.life, b, entry)
	if err != nil || existed {
		c.orders.finish(b)
	}
	switch {
	case err != nil:
		return BatchResult{}, fmt.Errorf("%s: %w", op, err)
	case existed && !stored.sameOrder(b):
		return BatchResult{}, &Error{Op: op, Code: Conflict, Field: "key", Message: "this key was used for another order; every new order needs a new key"}
	case existed:
		return c.resultOf(ctx, stored)
	}
	return c.resultOf(ctx, c.sendAll(b, units, r.Request, asked))
}

// sendAll gives the devices of a batch their commands, and goes on after batchWait.
func (c *Control) sendAll(b Batch, units []*unit, r Request, asked time.Time) Batch {
	done := b
	done.Members = slices.Clone(b.Members)
	over := make(chan struct{})
	c.group.start(func() {
		defer close(over)
		defer c.orders.finish(b)
		c.sendMembers(&done, units, r, asked)
	})
	timer := time.NewTimer(batchWait)
	defer timer.Stop()
	select {
	case <-over:
		return done
	case <-timer.C:
		return b
	}
}

// sameOrder is whether two batches ask for the same. Who is a member of a zone or
// site may have changed between them.
func (b Batch) sameOrder(o Batch) bool {
	return b.Site == o.Site && b.Zone == o.Zone && slices.Equal(b.Listed, o.Listed) && b.Action == o.Action &&
		maps.Equal(b.Args, o.Args) && b.Reason == o.Reason && b.TTL == o.TTL
}

func (c *Control) draftBatch(op string, a Actor, r BatchRequest, units []*unit, site SiteID, asked time.Time) (Batch, error) {
	id, err := newID(op)
	if err != nil {
		return Batch{}, err
	}
	b := Batch{
		ID: BatchID(id), Key: keyOf(a, r.Request), Site: site, Zone: r.Zone, Listed: r.Devices,
		Action: r.Action, Args: maps.Clone(r.Args), Reason: r.Reason, Actor: a,
		Issued: asked.UTC().Truncate(time.Millisecond), TTL: r.TTL.Truncate(time.Millisecond),
	}
	for _, u := range units {
		command, err := newID(op)
		if err != nil {
			return Batch{}, err
		}
		b.Members = append(b.Members, Member{Device: u.device.ID, Command: CommandID(command)})
	}
	return b, nil
}

// sendMembers gives each device its command and notes who was refused.
func (c *Control) sendMembers(b *Batch, units []*unit, r Request, asked time.Time) {
	r.Key = "batch-" + string(b.ID)
	next := make(chan int)
	var work sync.WaitGroup
	for range min(senders, len(units)) {
		work.Go(func() {
			for i := range next {
				c.sendMember(&b.Members[i], units[i], b.Actor, r, asked)
			}
		})
	}
	for i := range units {
		next <- i
	}
	close(next)
	work.Wait()
	refused := slices.ContainsFunc(b.Members, func(m Member) bool { return m.Code != "" })
	if !refused {
		return
	}
	if err := c.d.Store.SaveBatch(c.group.life, *b); err != nil {
		c.d.Log.Error("the refusals of a batch are not saved", "batch", b.ID, "err", err)
	}
}

func (c *Control) sendMember(m *Member, u *unit, a Actor, r Request, asked time.Time) {
	const op = "batch.send"
	err := u.check(op, r)
	d := u.registered()
	if why := c.orders.haltedNow(Command{ID: m.Command, Actor: a, Action: r.Action, Site: d.Site, Zone: d.Zone}, asked); why != "" {
		err = &Error{Op: op, Code: Cancelled, Message: why}
	}
	if err == nil {
		_, err = c.orderAs(c.group.life, op, m.Command, u, a, r, asked)
	}
	if CodeOf(err) == Refused {
		c.auditRefused(c.group.life, u, a, r, err)
	}
	if err != nil {
		m.Code, m.Problem = CodeOf(err), messageOf(err)
	}
}

// Batch gives one batch and what became of it.
func (c *Control) Batch(ctx context.Context, id BatchID) (BatchResult, error) {
	b, err := c.d.Store.Batch(ctx, id)
	if err != nil {
		return BatchResult{}, err
	}
	return c.resultOf(ctx, b)
}

// Batches gives batches, the newest first, without what became of their commands.
func (c *Control) Batches(ctx context.Context, q BatchQuery) ([]Batch, error) {
	return c.d.Store.Batches(ctx, q)
}

func (c *Control) resultOf(ctx context.Context, b Batch) (BatchResult, error) {
	r := BatchResult{Batch: b, Commands: make([]Command, len(b.Members))}
	for i, m := range b.Members {
		cmd, err := c.Command(ctx, m.Command)
		if err != nil && CodeOf(err) != NotFound {
			return BatchResult{}, fmt.Errorf("batch.get: %w", err)
		}
		if err == nil {
			r.Commands[i] = cmd
		}
	}
	return r, nil
}
