package access

import (
	"fmt"
	"testing"
)

func BenchmarkMayPublish(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000} {
		l := &acl{users: map[string]rules{}}
		var own rules
		for i := range n {
			own.add(rule{write, fmt.Sprintf("house/%d/+/#", i)})
		}
		own.index()
		l.users["bob"] = own
		a := &Access{}
		a.now.Store(&state{acl: l})
		g := a.grant("bob", "c", nil)
		name := fmt.Sprintf("house/%d/door/state", n-1)
		b.Run(fmt.Sprint(n, " rules"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if !g.MayPublish(name) {
					b.Fatal("refused")
				}
			}
		})
	}
}
