package db

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"time"

	"gorm.io/gorm"

	"gatehouse/devices"
	"gatehouse/devices/seal"
	"gatehouse/devices/trail"
)

// peopleKeys seals what the audit trail says of people, each under a key of their own
// that is kept in audit_keys under the data key. A key that is destroyed there is gone.
type peopleKeys struct {
	data *seal.Seal // nil: there is no data key

	mu   sync.Mutex
	made map[int64]personKey // opened before; the row in the database decides
}

// personKey is an opened key, and as it was sealed.
type personKey struct {
	sealed []byte
	key    *seal.Seal
}

// keyRow is one row of audit_keys.
type keyRow struct {
	ID     int64
	Person string
	Sealed []byte
}

// most keys are kept open; more than people work for a property.
const mostOpenKeys = 4096

func newPeopleKeys(dataKey []byte) (*peopleKeys, error) {
	p := &peopleKeys{made: map[int64]personKey{}}
	if len(dataKey) == 0 {
		return p, nil
	}
	var err error
	p.data, err = seal.New(dataKey, "gatehouse audit key")
	return p, err
}

type peopleKeysKey struct{}

// in gives the writer's connection its keys: every statement of a write carries them.
func (p *peopleKeys) in(ctx context.Context) context.Context {
	return context.WithValue(ctx, peopleKeysKey{}, p)
}

func peopleKeysOf(tx *gorm.DB) *peopleKeys {
	if p, ok := tx.Statement.Context.Value(peopleKeysKey{}).(*peopleKeys); ok {
		return p
	}
	return &peopleKeys{}
}

// aboutActor is what is sealed of the person who acts.
type aboutActor struct {
	Name    string `json:"name"`
	Address string `json:"address,omitempty"`
}

// sealedRow is an entry as it is stored, but for its place in the chain.
func sealedRow(tx *gorm.DB, a devices.AuditEntry) (trail.Row, error) {
	r := trail.Row{Actor: a.Actor, Verb: a.Verb, Site: string(a.Site), Object: a.Object, Detail: a.Detail, Outcome: a.Outcome}
	if !a.At.IsZero() {
		r.At = strconv.FormatInt(a.At.Truncate(time.Millisecond).UnixMicro(), 10)
	}
	p := peopleKeysOf(tx)
	var err error
	if a.Actor.IsPerson() && (a.Actor.Name != "" || a.Actor.Address != "") {
		r.Actor.Name, r.Actor.Address = "", ""
		if r.ActorSealed, err = p.hide(tx, a.Actor.Key(), "actor", aboutActor{a.Actor.Name, a.Actor.Address}); err != nil {
			return trail.Row{}, err
		}
	}
	if a.About != "" {
		r.ObjectSealed, err = p.hide(tx, a.Object, "object", json.RawMessage(a.About))
	}
	return r, err
}

// hide seals values of a person, under the newest key of that person or a new one.
func (p *peopleKeys) hide(tx *gorm.DB, person, place string, values any) (trail.Sealed, error) {
	text, err := json.Marshal(values)
	if err != nil {
		return trail.Sealed{}, err
	}
	id, key, err := p.of(tx, person)
	if err != nil {
		return trail.Sealed{}, err
	}
	return trail.Sealed{Key: id, Text: key.Hide(place, text)}, nil
}

func (p *peopleKeys) of(tx *gorm.DB, person string) (int64, *seal.Seal, error) {
	if p.data == nil {
		return 0, nil, &devices.Error{Op: "audit", Code: devices.Internal, Message: "there is no data key, and the entry tells of a person"}
	}
	var rows []keyRow
	err := tx.Raw("SELECT id, person, sealed FROM audit_keys WHERE person = ? AND sealed IS NOT NULL ORDER BY id DESC LIMIT 1", person).Scan(&rows).Error
	if err != nil {
		return 0, nil, err
	}
	if len(rows) == 1 {
		if key := p.open(rows[0]); key != nil { // nil: it was sealed under a data key that is lost
			return rows[0].ID, key, nil
		}
	}
	return p.make(tx, person)
}

func (p *peopleKeys) make(tx *gorm.DB, person string) (int64, *seal.Seal, error) {
	secret := make([]byte, seal.KeySize)
	_, _ = rand.Read(secret) // never fails: it ends the program instead
	row := keyRow{Person: person, Sealed: p.data.Hide(person, secret)}
	err := tx.Raw("INSERT INTO audit_keys (person, sealed, made) VALUES (?, ?, ?) RETURNING id", row.Person, row.Sealed, stamp(time.Now())).Scan(&row.ID).Error
	if err != nil {
		return 0, nil, err
	}
	key, err := valuesSeal(secret)
	return row.ID, key, err
}

func valuesSeal(secret []byte) (*seal.Seal, error) { return seal.New(secret, "gatehouse audit value") }

// open opens a key; nil if it is destroyed, or was sealed under another data key.
func (p *peopleKeys) open(row keyRow) *seal.Seal {
	if p.data == nil || len(row.Sealed) == 0 {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if k, ok := p.made[row.ID]; ok && bytes.Equal(k.sealed, row.Sealed) {
		return k.key
	}
	secret, err := p.data.Show(row.Person, row.Sealed)
	if err != nil {
		return nil
	}
	key, err := valuesSeal(secret)
	if err != nil {
		return nil
	}
	if len(p.made) >= mostOpenKeys {
		clear(p.made)
	}
	p.made[row.ID] = personKey{row.Sealed, key}
	return key
}

// opened are stored rows as entries: what is sealed of people is read where their key
// is still there.
func (p *peopleKeys) opened(tx *gorm.DB, rows []trail.Row) ([]devices.AuditRow, error) {
	keys, err := p.needed(tx, rows)
	if err != nil {
		return nil, err
	}
	out := make([]devices.AuditRow, 0, len(rows))
	for _, r := range rows {
		a, err := openedRow(r, keys)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

// needed are the keys of some rows that are still there.
func (p *peopleKeys) needed(tx *gorm.DB, rows []trail.Row) (map[int64]*seal.Seal, error) {
	wanted := map[int64]bool{}
	for _, r := range rows {
		for _, id := range []int64{r.ActorSealed.Key, r.ObjectSealed.Key} {
			if id != 0 {
				wanted[id] = true
			}
		}
	}
	keys := make(map[int64]*seal.Seal, len(wanted))
	if len(wanted) == 0 {
		return keys, nil
	}
	ids := make([]int64, 0, len(wanted))
	for id := range wanted {
		ids = append(ids, id)
	}
	var found []keyRow
	if err := tx.Raw("SELECT id, person, sealed FROM audit_keys WHERE id IN ? AND sealed IS NOT NULL", ids).Scan(&found).Error; err != nil {
		return nil, err
	}
	for _, row := range found {
		keys[row.ID] = p.open(row)
	}
	return keys, nil
}

func openedRow(r trail.Row, keys map[int64]*seal.Seal) (devices.AuditRow, error) {
	a := devices.AuditRow{ID: r.ID, AuditEntry: devices.AuditEntry{
		Actor: r.Actor, Verb: r.Verb, Site: devices.SiteID(r.Site), Object: r.Object, Detail: r.Detail, Outcome: r.Outcome,
	}}
	if r.At != "" {
		micro, err := strconv.ParseInt(r.At, 10, 64)
		if err != nil {
			return a, fmt.Errorf("audit row %d: %w", r.ID, err)
		}
		a.At = time.UnixMicro(micro).UTC()
	}
	if r.ActorSealed.Key != 0 {
		var about aboutActor
		if text := show(r.ActorSealed, "actor", keys); text == nil || json.Unmarshal(text, &about) != nil {
			a.Erased = true
		}
		a.Actor.Name, a.Actor.Address = about.Name, about.Address
	}
	if r.ObjectSealed.Key != 0 {
		text := show(r.ObjectSealed, "object", keys)
		a.Erased = a.Erased || text == nil
		a.Detail = devices.Merged(a.Detail, string(text))
	}
	return a, nil
}

// show opens sealed values; nil if they cannot be read any more.
func show(s trail.Sealed, place string, keys map[int64]*seal.Seal) []byte {
	key := keys[s.Key]
	if key == nil {
		return nil
	}
	text, err := key.Show(place, s.Text)
	if err != nil {
		return nil
	}
	return text
}
