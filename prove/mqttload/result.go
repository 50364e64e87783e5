package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"
)

// result is what a run was. What does not apply to its mode is 0.
type result struct {
	Mode string `json:"mode"`
	QoS  int    `json:"qos"`
	Unit string `json:"unit"` // what is counted: message, will, connection, command, acknowledgement

	Sent       int    `json:"sent"`
	Wanted     int    `json:"wanted"`
	Received   int    `json:"received"`
	Lost       int    `json:"lost"`
	Doubled    int    `json:"doubled"`
	Disordered int    `json:"disordered"`
	Foreign    int    `json:"foreign"` // none of this run, or damaged
	Error      string `json:"error,omitempty"`

	Seconds      float64 `json:"seconds"`
	PerSecond    float64 `json:"per_second"`
	CPUMicros    float64 `json:"cpu_us"`     // of the broker, per unit
	OwnCPUMicros float64 `json:"own_cpu_us"` // of the generator, per unit
	P50Micros    float64 `json:"p50_us"`
	P99Micros    float64 `json:"p99_us"`
	MaxMicros    float64 `json:"max_us"`

	KiBBefore  int     `json:"kib_before"` // memory of the broker
	KiBAfter   int     `json:"kib_after"`
	KiBLeft    int     `json:"kib_left"`    // after all have gone
	KiBEach    float64 `json:"kib_each"`    // per unit
	KiBKept    float64 `json:"kib_kept"`    // per unit, after all have gone
	SetSeconds float64 `json:"set_seconds"` // to set retained messages
}

// add counts what a subscriber got.
func (r *result) add(t *tally) {
	r.Wanted += t.wanted()
	r.Received += t.received
	r.Lost += t.lost()
	r.Doubled += t.doubled
	r.Disordered += t.disordered
	r.Foreign += t.foreign
}

// latencies says how long something took each time.
func (r *result) latencies(all []time.Duration) {
	if len(all) == 0 {
		return
	}
	slices.Sort(all)
	r.P50Micros = micros(percentile(all, 50))
	r.P99Micros = micros(percentile(all, 99))
	r.MaxMicros = micros(all[len(all)-1])
}

// percentile is the smallest of the sorted values that p percent do not exceed.
func percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// print writes the JSON for programs and a line for people.
func (r *result) print(machine, people io.Writer) {
	fmt.Fprintf(people, "%s QoS %d: %d of %d %ss in %.2f s (%.0f/s)", r.Mode, r.QoS, r.Received, r.Wanted, r.Unit, r.Seconds, r.PerSecond)
	fmt.Fprintf(people, ", lost %d, doubled %d, out of order %d", r.Lost, r.Doubled, r.Disordered)
	if r.Foreign > 0 {
		fmt.Fprintf(people, ", FOREIGN %d", r.Foreign)
	}
	if r.CPUMicros > 0 {
		fmt.Fprintf(people, "; broker %.2f µs CPU each", r.CPUMicros)
	}
	if r.P50Micros > 0 {
		fmt.Fprintf(people, "; p50 %.0f µs, p99 %.0f µs, worst %.0f µs", r.P50Micros, r.P99Micros, r.MaxMicros)
	}
	if r.KiBEach > 0 {
		fmt.Fprintf(people, "; broker %.2f KiB each, %.2f KiB when all have gone", r.KiBEach, r.KiBKept)
	}
	if r.Error != "" {
		fmt.Fprintf(people, "; FAILED: %s", r.Error)
	}
	fmt.Fprintln(people)
	line, err := json.Marshal(r)
	if err != nil { // there is no value in it that JSON lacks
		fmt.Fprintln(people, "mqttload:", err)
		return
	}
	fmt.Fprintf(machine, "%s\n", line)
}
