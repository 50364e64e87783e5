package statistics_test

import (
	"encoding/json"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gatehouse/devices/statistics"
)

// TestQuantilesAreWithinTwoPercentAndTheLongestIsExact compares with all times, in
// one histogram and in several that were stored and added.
func TestQuantilesAreWithinTwoPercentAndTheLongestIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ms := rapid.SliceOfN(rapid.Int64Range(0, 10_000_000), 1, 300).Draw(t, "ms")
		var parts [3]statistics.Counts
		for i, v := range ms {
			parts[i%3].Confirmed.Add(time.Duration(v) * time.Millisecond)
		}
		var sum statistics.Counts
		for _, p := range parts {
			b, err := p.MarshalBinary()
			if err != nil {
				t.Fatal(err)
			}
			var back statistics.Counts
			if err := back.UnmarshalBinary(b); err != nil {
				t.Fatal(err)
			}
			sum.Merge(back)
		}
		slices.Sort(ms)
		h := sum.Confirmed
		if h.Count != uint64(len(ms)) || h.Max.Milliseconds() != ms[len(ms)-1] {
			t.Fatalf("%d times up to %s", h.Count, h.Max)
		}
		for _, q := range []float64{0, 0.5, 0.95, 0.99, 1} {
			exact := float64(ms[max(1, int(math.Ceil(q*float64(len(ms)))))-1])
			got := float64(h.Quantile(q).Milliseconds())
			if math.Abs(got-exact) > max(1, exact*0.02+1) {
				t.Fatalf("quantile %v is %v ms, exactly %v", q, got, exact)
			}
		}
	})
}

func TestATimeBeforeTheEventIsNone(t *testing.T) {
	t.Parallel()
	var h statistics.Histogram
	h.Add(-time.Hour)
	h.Add(60 * 365 * 24 * time.Hour)
	if h.Count != 2 || h.Quantile(0.5) > time.Millisecond || h.Max != 400*24*time.Hour {
		t.Errorf("%d, %s, %s", h.Count, h.Quantile(0.5), h.Max)
	}
	var none statistics.Histogram
	if none.Quantile(0.5) != 0 {
		t.Error("nothing has a median")
	}
}

func TestCountsComeBackAsTheyWereStored(t *testing.T) {
	t.Parallel()
	c := statistics.Counts{Orders: 7, Denied: 2, Passages: map[string]statistics.Hours{"in": {3: 4, 23: 1}, "": {0: 9}}}
	c.Confirmed.Add(1200 * time.Millisecond)
	c.Uploads.Add(0)
	b, err := c.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var back statistics.Counts
	if err := back.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(c, back) {
		t.Errorf("%+v came back as %+v", c, back)
	}
	if c.Passed() != 14 {
		t.Errorf("%d passed", c.Passed())
	}
	for n := range b {
		if err := new(statistics.Counts).UnmarshalBinary(b[:n]); err == nil {
			t.Errorf("%d of %d bytes were taken", n, len(b))
		}
	}
}

// FuzzCounts: whatever is stored, reading it ends, and what is taken is written the
// same again.
func FuzzCounts(f *testing.F) {
	c := statistics.Counts{Orders: 1, Passages: map[string]statistics.Hours{"in": {1: 2}}}
	c.Confirmed.Add(time.Second)
	seed, err := c.MarshalBinary()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(seed)
	f.Add([]byte{1, 0, 0, 255, 255, 255, 255, 15})
	f.Fuzz(func(t *testing.T, data []byte) {
		var c statistics.Counts
		if c.UnmarshalBinary(data) != nil {
			return
		}
		b, err := c.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		var again statistics.Counts
		if err := again.UnmarshalBinary(b); err != nil {
			t.Fatalf("%v in %x", err, b)
		}
		if _, err := json.Marshal(again.Confirmed); err != nil {
			t.Fatal(err)
		}
	})
}
