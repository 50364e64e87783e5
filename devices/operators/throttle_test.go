package operators_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"gatehouse/devices"
	"gatehouse/devices/operators"
)

func TestWhoSignsInBetweenTriesNoMoreAccountsThanOthers(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		judged := 0
		for i := range 60 { // somebody with an account tries those of others, behind one address
			if _, err := h.login("Li", goodPassword, "192.0.2.66"); err != nil {
				wantCode(t, err, operators.Throttled)
			}
			_, err := h.login(fmt.Sprintf("victim %d", i), "wrong password!", "192.0.2.66")
			if devices.CodeOf(err) == operators.BadCredentials {
				judged++
			}
		}
		if judged > 21 {
			t.Errorf("%d accounts were tried at once from one address, want at most 21", judged)
		}
	})
}

func TestWhoMistypesSignsInAndCostsTheirAddressNothing(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		for range 30 { // a guard room: many shifts, a slip at each
			_, err := h.login("Li", "wrong password!", "192.0.2.1")
			wantCode(t, err, operators.BadCredentials)
			if _, err := h.login("Li", goodPassword, "192.0.2.1"); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 15 {
			_, err := h.login(fmt.Sprintf("colleague %d", i), "wrong password!", "192.0.2.1")
			wantCode(t, err, operators.BadCredentials)
		}
	})
}

func TestAThousandGuessesFromFiftyAddressesAreFewAndKeepNobodyOut(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		h.settle()
		judged, kept := 0, 0
		for i := range 1000 { // in five minutes
			_, err := h.login("Li", "wrong password!", fmt.Sprintf("198.51.100.%d", i%50))
			var e *devices.Error
			if errors.As(err, &e) && e.Code == operators.BadCredentials {
				judged++
			}
			if i%50 == 49 {
				if _, err := h.login("Li", goodPassword, "192.0.2.1"); err != nil {
					kept++
				}
			}
			time.Sleep(300 * time.Millisecond)
		}
		if judged > 100 || kept > 0 {
			t.Errorf("%d guesses were judged in five minutes, want at most 100; the owner was kept out %d of 20 times", judged, kept)
		}
	})
}
