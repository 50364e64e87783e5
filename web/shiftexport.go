package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"gatehouse/devices/feed"
)

// shiftColumns are the columns of the file, in English as those of the list of devices.
var shiftColumns = []string{
	"id", "site", "booth", "person", "devices", "began", "ended", "how", "ended_by", "handed_to", "taken_by", "passages", "opens", "open_alarms",
	"ledger_rows", "currency", "taken_minor", "counted_minor", "difference_minor", "remark",
}

type shiftExportRequest struct {
	ShiftFilter
	Format string `query:"format" enum:"csv,xlsx" default:"csv"`
}

// shiftExportRoute gives shifts as a file: one line for each currency of a shift, so that columns can be added up.
func (s *Server) shiftExportRoute(a *api) {
	op := operation(http.MethodGet, "/shifts/export", "exportShifts", "shifts", "Shifts as CSV or XLSX, newest first, one line for each currency; more than 5,000 shifts are refused", 200)
	add(a, op, func(ctx context.Context, i *shiftExportRequest) (*file, error) {
		list, err := s.deps.Shifts.Export(ctx, s.shiftQuery(ctx, i.ShiftFilter))
		if err != nil {
			return nil, err
		}
		lines := [][]string{shiftColumns}
		for _, x := range list {
			lines = append(lines, shiftLines(s.shiftOf(ctx, x, false))...)
		}
		return s.tableFile("shifts", i.Format, "Shifts", lines)
	})
}

// shiftLines are the lines of a shift: one for each currency, or one without any.
func shiftLines(x Shift) [][]string {
	c := ShiftCounts{}
	if x.Counts != nil {
		c = *x.Counts
	}
	names := ""
	for i, d := range x.Devices {
		if i > 0 {
			names += ", "
		}
		names += d.Name
	}
	head := []string{string(x.ID), string(x.Site), x.Booth, x.Person.Name, names, x.Began.Format(time.RFC3339), "", string(x.How), nameOf(x.EndedBy), nameOf(x.To), "", "", "", "", ""}
	if x.Ended != nil {
		head[6] = x.Ended.Format(time.RFC3339)
		copy(head[11:], []string{integer(c.Passages), integer(c.Opens), strconv.Itoa(len(c.Alarms)), integer(c.Rows)})
	}
	if x.Taken != nil {
		head[10] = x.Taken.By.Name
	}
	var lines [][]string
	for _, currency := range currenciesOf(c.Takings, x.Counted) {
		line := append(slices.Clone(head), currency, amountIn(c.Takings, currency), amountIn(x.Counted, currency), amountIn(x.Differences, currency), x.Remark)
		lines = append(lines, line)
	}
	return lines
}

// currenciesOf are those of some amounts, each once; an empty one if there is none.
func currenciesOf(lists ...[]feed.Money) []string {
	var all []string
	for _, m := range slices.Concat(lists...) {
		all = append(all, m.Currency)
	}
	if len(all) == 0 {
		return []string{""}
	}
	slices.SortFunc(all, cmp.Compare[string])
	return slices.Compact(all)
}

// amountIn is the amount in a currency, in minor units; empty: there is none.
func amountIn(list []feed.Money, currency string) string {
	i := slices.IndexFunc(list, func(m feed.Money) bool { return m.Currency == currency })
	if i < 0 {
		return ""
	}
	return integer(list[i].Amount)
}

func integer(n int64) string { return strconv.FormatInt(n, 10) }

func nameOf(p *ShiftPerson) string {
	if p == nil {
		return ""
	}
	return p.Name
}
