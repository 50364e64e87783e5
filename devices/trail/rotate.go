package trail

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"gatehouse/devices"
)

// keyInUse is the key that the trail names last; nil: none yet.
func (s *Service) keyInUse(ctx context.Context) (*Key, error) {
	made, err := s.d.Store.LastOf(ctx, VerbKey)
	if err != nil {
		return nil, err
	}
	cut, err := s.d.Store.LastOf(ctx, VerbCut)
	if err != nil {
		return nil, err
	}
	if made != nil && (cut == nil || cut.ID < made.ID) {
		var d KeyDetail
		err := json.Unmarshal([]byte(made.Detail), &d)
		return &d.Key, err
	}
	if cut != nil {
		var d CutDetail
		err := json.Unmarshal([]byte(cut.Detail), &d)
		return &d.Head.Key, err
	}
	return nil, nil
}

func (s *Service) keyEntry(by devices.Actor, d KeyDetail) devices.AuditEntry {
	return s.entry(by, VerbKey, "audit:key", d)
}

func textOf(detail any) string {
	text, err := json.Marshal(detail)
	if err != nil { // keys, hashes, numbers and times: never
		return "{}"
	}
	return string(text)
}

// Rotate takes a new key into use: the old one signs it, in a row of the trail, and is
// forgotten. Heads that the old one signed stay good.
func (s *Service) Rotate(ctx context.Context, by devices.Actor) (Key, error) {
	s.turning.Lock() // no cut is signed with the old key after the row of the new one
	defer s.turning.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	next := NewSigner()
	// The new key is on the disk before the trail names it, and the old one until then: a
	// crash in between is seen by finishRotation.
	if err := next.save(s.keyFile() + nextFile); err != nil {
		return Key{}, err
	}
	if err := s.d.Store.Add(ctx, s.keyEntry(by, s.signer.Hand(next.Public()))); err != nil {
		return Key{}, fmt.Errorf("audit key: %w", err)
	}
	key := next.Public()
	s.signer, s.status.Key = next, key
	return key, s.finishRotation(&key)
}

// finishRotation takes the next key's file into use if the trail names that key, and
// forgets it otherwise.
func (s *Service) finishRotation(used *Key) error {
	path := s.keyFile()
	next, there, err := LoadSigner(path + nextFile)
	if err != nil || !there {
		return err
	}
	if used == nil || next.Public() != *used {
		return removeIfThere(path + nextFile)
	}
	if err := os.Rename(path+nextFile, path); err != nil {
		return fmt.Errorf("audit key: %w", err)
	}
	return nil
}
