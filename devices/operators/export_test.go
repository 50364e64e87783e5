package operators

import (
	"context"

	"golang.org/x/crypto/argon2"
)

// HashForTest hashes with other costs than the present ones.
func HashForTest(password string, memory, passes uint32) string {
	p, salt := params{memory: memory, passes: passes, threads: 1}, random(saltSize)
	return format(p, salt, argon2.IDKey([]byte(password), salt, passes, memory, 1, hashSize))
}

// CheapForTest makes passwords cost next to nothing: with the race detector one takes a third of
// a second.
func CheapForTest(s *Service) { s.hasher.cost = params{memory: 64, passes: 1, threads: 1} }

// PresentForTest makes them cost what they do.
func PresentForTest(s *Service) { s.hasher.cost = present() }

// QueueForTest fills the queue of hashes and gives what ends that.
func QueueForTest(ctx context.Context, s *Service) (release func(), err error) {
	releaseFirst, err := s.hasher.acquire(ctx)
	if err != nil {
		return nil, err
	}
	s.hasher.waiting.Add(maxWaiting)
	return func() { s.hasher.waiting.Add(-maxWaiting); releaseFirst() }, nil
}
