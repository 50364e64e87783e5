package trail

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Broken is the first place where the trail is not what was written.
type Broken struct {
	Row  int64 // 0: of no row
	What string
}

// Error implements error.
func (b *Broken) Error() string {
	if b.Row == 0 {
		return b.What
	}
	return fmt.Sprintf("row %d: %s", b.Row, b.What)
}

// Report is what a verified trail is.
type Report struct {
	First int64 // the oldest row that is there; 0: none
	Last  Mark
	Key   Key // that signs heads now; zero: none yet
	Heads int // that agree with a row
	Older int // that tell of rows which were removed when they were old enough
	// Notes say what is in order but worth knowing.
	Notes []string
}

// Checker follows a trail from its beginning and stops at the first thing that is wrong.
// The zero Checker is not usable: see NewChecker.
type Checker struct {
	report Report
	floor  Mark
	cut    *CutDetail // says where the floor is; it has to stand in the chain
	met    bool       // cut was found
	keys   []Key
	wanted map[int64][]Named // heads by their row
}

// Named is a head with the name of its file.
type Named struct {
	Head
	Name string
}

// NewChecker begins at the first row, or after the last removed one that the row of a cut
// (nil: there was none) tells of. Each head has to agree with its row.
func NewChecker(cut *Row, heads []Named) (*Checker, error) {
	c := &Checker{wanted: map[int64][]Named{}}
	if cut != nil {
		d, err := cutOf(cut)
		if err != nil {
			return nil, err
		}
		c.cut, c.floor = &d, d.Head.Mark()
	}
	c.report.Last = c.floor
	for _, h := range heads {
		if err := h.Verify(); err != nil {
			return nil, &Broken{What: h.Name + ": " + err.Error()}
		}
		switch {
		case h.Row < c.floor.Row:
			c.report.Older++
		case h.Row == c.floor.Row && h.Hash == c.floor.Hash:
			c.report.Heads++
		case h.Row == c.floor.Row:
			return nil, differs(h)
		default:
			c.wanted[h.Row] = append(c.wanted[h.Row], h)
		}
	}
	return c, nil
}

func cutOf(r *Row) (CutDetail, error) {
	var d CutDetail
	if err := json.Unmarshal([]byte(r.Detail), &d); err != nil {
		return d, &Broken{Row: r.ID, What: "it tells of a cut and does not say where: " + err.Error()}
	}
	if err := d.Head.Verify(); err != nil {
		return d, &Broken{Row: r.ID, What: "the head of the cut that it tells of: " + err.Error()}
	}
	return d, nil
}

// Add takes the next row; a *Broken if it is not what was written.
func (c *Checker) Add(r *Row) error {
	last := c.report.Last
	if r.ID != last.Row+1 {
		return c.gap(r, last)
	}
	if r.Next(last.Hash) != r.Hash {
		return &Broken{Row: r.ID, What: "its hash does not fit: this row or the one before it was changed, put in or moved"}
	}
	for _, h := range c.wanted[r.ID] {
		if h.Hash != r.Hash {
			return differs(h)
		}
		c.report.Heads++
	}
	if c.report.First == 0 {
		c.report.First = r.ID
	}
	c.report.Last = Mark{r.ID, r.Hash}
	switch r.Verb {
	case VerbKey:
		return c.key(r)
	case VerbCut:
		return c.cutRow(r)
	}
	return nil
}

func (c *Checker) gap(r *Row, last Mark) error {
	if last == c.floor && c.floor.Row == 0 {
		return &Broken{Row: 1, What: fmt.Sprintf("the trail begins with row %d, and no row tells of a cut", r.ID)}
	}
	if r.ID <= last.Row {
		return &Broken{Row: r.ID, What: "it was put in: the row has been removed, or is there twice"}
	}
	return &Broken{Row: last.Row + 1, What: fmt.Sprintf("it is missing; row %d follows", r.ID)}
}

func differs(h Named) error {
	return &Broken{Row: h.Row, What: fmt.Sprintf("it is not the row that was signed on %s (%s): the trail was written anew, up to here or from before on",
		h.At.Format("2006-01-02 15:04:05Z"), h.Name)}
}

// key takes a key into use.
func (c *Checker) key(r *Row) error {
	var d KeyDetail
	if err := json.Unmarshal([]byte(r.Detail), &d); err != nil {
		return &Broken{Row: r.ID, What: "it takes a key into use and does not say which: " + err.Error()}
	}
	known := c.report.Key != Key{}
	if !known && d.Previous != nil {
		c.use(*d.Previous)
		known = true
	}
	switch {
	case !known:
	case d.Previous == nil:
		c.note("row %d: the key before it was lost or replaced: the new one is not signed by it", r.ID)
	case !d.handed(c.report.Key):
		return &Broken{Row: r.ID, What: "it takes a key into use that the key before it has not signed"}
	}
	c.use(d.Key)
	return nil
}

func (c *Checker) use(k Key) {
	c.report.Key = k
	if !slices.Contains(c.keys, k) {
		c.keys = append(c.keys, k)
	}
}

// cutRow is a row that tells of a cut: of the one that made the floor, or an earlier one.
func (c *Checker) cutRow(r *Row) error {
	d, err := cutOf(r)
	if err != nil {
		return err
	}
	if (c.report.Key != Key{}) && d.Head.Key != c.report.Key {
		return &Broken{Row: r.ID, What: "the cut that it tells of was signed with another key"}
	}
	c.use(d.Head.Key)
	if d.Head.Mark() == c.floor {
		c.met = true
	}
	return nil
}

func (c *Checker) note(format string, args ...any) {
	c.report.Notes = append(c.report.Notes, fmt.Sprintf(format, args...))
}

// Last is the row that was taken last.
func (c *Checker) Last() Mark { return c.report.Last }

// End says what the trail is, after its last row. ever is the greatest number that a row
// ever had, as the database remembers it; 0: it is not known.
func (c *Checker) End(ever int64) (Report, error) {
	last := c.report.Last
	for _, row := range slices.Sorted(maps.Keys(c.wanted)) {
		heads := c.wanted[row]
		if row > last.Row {
			return c.report, &Broken{Row: last.Row + 1, What: fmt.Sprintf("it is missing: the trail ends with row %d, and %s was signed when it had row %d",
				last.Row, heads[0].Name, row)}
		}
		for _, h := range heads {
			if !slices.Contains(c.keys, h.Key) {
				return c.report, &Broken{Row: row, What: h.Name + " is signed with a key that the trail does not name"}
			}
		}
	}
	if c.cut != nil && !c.met {
		return c.report, &Broken{What: "the cut that the trail begins with is not told of by a row of it"}
	}
	if ever > last.Row {
		return c.report, &Broken{Row: last.Row + 1, What: fmt.Sprintf("it is missing: the database has had %d rows", ever)}
	}
	return c.report, nil
}
