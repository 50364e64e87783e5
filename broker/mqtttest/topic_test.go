package mqtttest

import (
	"fmt"
	"strings"
	"testing"
)

// What a server demands of topic names and filters, and how it matches them, for
// each version.

// refusesNames proves that a client that publishes to such a name, or has it for its
// will, is disconnected.
func refusesNames(t *testing.T, version byte, names ...string) {
	t.Helper()
	address := server(t)
	for i, s := range names {
		p := client(t, address, version, name(t, fmt.Sprint(i)))
		p.write(publish{topic: s, payload: "x"}.encode(version))
		p.reasonWas(p.closed(), 0x81, 0x82, 0x90)
		p = dial(t, address, version)
		p.write(connect{id: name(t, fmt.Sprint("w", i)), will: &will{topic: s}}.encode(version))
		if reason := p.refused(); version == 5 {
			p.reasonWas(reason, 0x81, 0x82, 0x90)
		}
	}
}

// refusesFilters proves that such a filter is not granted: the client is told so,
// or disconnected.
func refusesFilters(t *testing.T, version byte, filters ...string) {
	t.Helper()
	address := server(t)
	for i, f := range filters {
		p := client(t, address, version, name(t, fmt.Sprint("f", i)))
		p.write(p.subscribePacket(1, nil, filter{f, 0}))
		x, err := p.read()
		switch {
		case err != nil: // closed without a word
		case x.kind == DISCONNECT:
			p.reasonWas(x.code, 0x81, 0x82, 0x8F)
		case x.kind != SUBACK || len(x.codes) != 1 || x.codes[0] != 0x80 && x.codes[0] != 0x8F:
			t.Errorf("filter %q: %+v", f, x)
		}
	}
}

// matches proves that a filter matches these names, and none of the others.
func matches(t *testing.T, p, q *peer, f string, yes, no []string) {
	t.Helper()
	p.listen(f, 0)
	for _, s := range no {
		q.write(publish{topic: s, payload: "no"}.encode(q.version))
	}
	for _, s := range yes {
		q.say(publish{topic: s, payload: "yes"})
		p.message(s, "yes")
	}
	q.silent()
	p.silent()
	p.unsubscribe(f)
}

// hashIsLast proves what "#" may stand for and where.
func hashIsLast(t *testing.T, version byte) {
	t.Helper()
	refusesFilters(t, version, "#/", "#/a", "a/#/", "a/#/b", "a#", "/#a", "##", "a/##", "a/b#", "+#", "#+", "+/#/+")
	address, base := unguarded(t), name(t, "")
	p, q := client(t, address, version, name(t, "a")), client(t, address, version, name(t, "b"))
	matches(t, p, q, base+"/#", []string{base, base + "/", base + "/a", base + "/a/b/c", base + "//"}, []string{base + "a", base + "a/b"})
	matches(t, p, q, base+"/+/#", []string{base + "/", base + "/a", base + "/a/b", base + "/a/b/c"}, []string{base})
}

// plusIsALevel proves what "+" may stand for and where.
func plusIsALevel(t *testing.T, version byte) {
	t.Helper()
	refusesFilters(t, version, "a+", "+a", "a/+b", "a/b+/c", "++", "a/++", "+#")
	address, base := unguarded(t), name(t, "")
	p, q := client(t, address, version, name(t, "a")), client(t, address, version, name(t, "b"))
	matches(t, p, q, base+"/+", []string{base + "/", base + "/a"}, []string{base, base + "/a/b", base + "//"})
	matches(t, p, q, base+"/+/b", []string{base + "/a/b", base + "//b"}, []string{base + "/b", base + "/a/b/", base + "/a/a/b"})
	matches(t, p, q, base+"/+/+", []string{base + "/a/b", base + "//"}, []string{base + "/a", base + "/a/b/c"})
	matches(t, p, q, "+/"+base, []string{"/" + base, "a/" + base}, []string{base, "a/b/" + base})
}

// longestName proves that a name and a filter of 65,535 bytes are as good as others,
// and that no longer one gets through by its length running over.
func longestName(t *testing.T, version byte) {
	t.Helper()
	const most = 65_535
	address := server(t)
	p := client(t, address, version, name(t, "a"))
	topic := name(t, "/")
	topic += strings.Repeat("x", most-len(topic))
	p.listen(topic, 1)
	p.say(publish{topic: topic[:most-1], payload: "shorter", qos: 1})
	p.write(publish{topic: topic, payload: "1"}.encode(version))
	p.message(topic, "1")
	p.write(publish{topic: topic + "y", payload: "1"}.encode(version))
	p.closed()
	refusesFilters(t, version, topic+"y")
}

// nothingIsNormalised proves that names are compared byte for byte.
func nothingIsNormalised(t *testing.T, version byte) {
	t.Helper()
	address, base := server(t), name(t, "")
	p, q := client(t, address, version, name(t, "a")), client(t, address, version, name(t, "b"))
	names := []string{
		"/é", "/e\u0301", "/É", "/a", "/A", "/a/", "//a", "/a//", "/a ", "/ a", "/ﬁ", "/fi", "/\uFEFFa", "/ａ",
		"/Å", "/\u212B", "/a\u200B", "/./a", "/%61", "/\\a", "/ß", "/ss",
	}
	for _, s := range names {
		p.listen(base+s, 0)
		for _, other := range names {
			q.write(publish{topic: base + other, payload: "x"}.encode(version))
		}
		q.silent()
		p.message(base+s, "x")
		p.silent()
		p.unsubscribe(base + s)
	}
}
