package edge

import (
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
)

// listening are the addresses on which a process listens, as the system sees them.
func listening(t *testing.T, pid int) (list []string) {
	t.Helper()
	mine := map[string]bool{} // socket:[inode]
	folder := fmt.Sprintf("/proc/%d/fd", pid)
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if to, err := os.Readlink(folder + "/" + e.Name()); err == nil {
			mine[to] = true
		}
	}
	for _, table := range []string{"tcp", "tcp6"} {
		content, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, table))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(content)) {
			f := strings.Fields(line)
			const listens = "0A"
			if len(f) > 9 && f[3] == listens && mine["socket:["+f[9]+"]"] {
				list = append(list, socketAddress(t, f[1]))
			}
		}
	}
	slices.Sort(list)
	return list
}

// socketAddress reads an address as the kernel writes it: words of four bytes, the
// last first, on this machine.
func socketAddress(t *testing.T, text string) string {
	t.Helper()
	host, port, _ := strings.Cut(text, ":")
	ip, err := hex.DecodeString(host)
	if err != nil {
		t.Fatal(err)
	}
	for word := range slices.Chunk(ip, 4) {
		slices.Reverse(word)
	}
	var number int
	if _, err := fmt.Sscanf(port, "%X", &number); err != nil {
		t.Fatal(err)
	}
	return net.JoinHostPort(net.IP(ip).String(), fmt.Sprint(number))
}
