package mqtttest

import "testing"

// TestMQTT5_3_15_1_1: AUTH with header flags that are not 0 is malformed and closes
// the connection, in an exchange and at a new one.
func TestMQTT5_3_15_1_1(t *testing.T) {
	t.Parallel()
	address := porters(t)
	for flags := byte(1); flags < 16; flags++ {
		p := inside(t, address, name(t, string('a'+rune(flags))))
		x := says(0x19, "in")
		x[0] |= flags
		p.write(x)
		if reason := p.closed(); reason != 0x81 {
			t.Errorf("flags %04b: closed with reason %#x, want 0x81", flags, reason)
		}
		p, _ = answering(t, address, name(t, string('A'+rune(flags))))
		x = says(0x18, "in")
		x[0] |= flags
		p.write(x)
		p.reasonWas(p.refused(), 0x81)
	}
}

// TestMQTT5_3_15_2_1: AUTH of a server has only reasons that are listed for it:
// "continue" while it asks, "success" at the end of a new authentication.
func TestMQTT5_3_15_2_1(t *testing.T) {
	t.Parallel()
	p, x := answering(t, porters(t), name(t, "a"))
	p.write(says(0x18, "??"))
	for _, asked := range []packet{x, p.want(AUTH)} {
		if asked.code != 0x18 {
			t.Errorf("asked with reason %#x, want 0x18", asked.code)
		}
	}
	p.write(says(0x18, "in"))
	if y := p.want(CONNACK); y.code != 0 {
		t.Fatalf("refused with %#x", y.code)
	}
	p.write(says(0x19, "?"))
	if y := p.want(AUTH); y.code != 0x18 {
		t.Errorf("asked again with reason %#x, want 0x18", y.code)
	}
	p.write(says(0x18, "in"))
	if y := p.want(AUTH); y.code != 0 {
		t.Errorf("told of success with reason %#x", y.code)
	}
}

// questioned is an encounter with AUTH.
func questioned(t *testing.T, address, id string, props properties) (welcome, answer packet) {
	t.Helper()
	p, asked := answering(t, address, id, props...)
	p.write(says(0x18, "in"))
	return p.want(CONNACK), asked
}

// TestMQTT5_3_15_2_2: AUTH goes without its reason string if that has no room.
func TestMQTT5_3_15_2_2(t *testing.T) {
	t.Parallel()
	yieldsAt(t, porters(t), reasonString, questioned)
}

// TestMQTT5_3_15_2_3: AUTH goes without its user properties if they have no room.
func TestMQTT5_3_15_2_3(t *testing.T) {
	t.Parallel()
	yieldsAt(t, porters(t), userProperty, questioned)
}

// TestMQTT5_4_12_0_1: a client with a method that the server does not know is
// refused: with 0x8C, 0x87, or without a word, and the connection closed.
func TestMQTT5_4_12_0_1(t *testing.T) {
	t.Parallel()
	for what, at := range map[string]func(testing.TB) string{"without methods": server, "with another": porters} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := dial(t, at(t), 5)
			p.write(connect{id: name(t, "a"), props: properties{{authMethod, "unheard of"}}}.encode(5))
			p.reasonWas(p.refused(), 0x8C, 0x87)
		})
	}
}

// TestMQTT5_4_12_0_2: a server that wants to know more asks with AUTH and the
// reason 0x18, each time.
func TestMQTT5_4_12_0_2(t *testing.T) {
	t.Parallel()
	p, x := answering(t, porters(t), name(t, "a"))
	for range 3 {
		if x.code != 0x18 || x.props.text(authData) != "say in" {
			t.Errorf("asked with %+v, want reason 0x18 and the question", x)
		}
		p.write(says(0x18, "?"))
		x = p.want(AUTH)
	}
	p.write(says(0x18, "in"))
	if y := p.want(CONNACK); y.code != 0 || y.props.text(authData) != "welcome" {
		t.Errorf("CONNACK %+v, want success and the last word of the exchange", y)
	}
	p.silent()
}

// TestMQTT5_4_12_0_3: a client that answers with another reason than 0x18 is
// refused.
func TestMQTT5_4_12_0_3(t *testing.T) {
	t.Parallel()
	address := porters(t)
	for what, answer := range map[string][]byte{
		"success":         says(0x00, "in"),
		"re-authenticate": says(0x19, "in"),
		"unlisted":        says(0x17, "in"),
		"a failure":       says(0x87, "in"),
		"nothing":         frame(AUTH << 4),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p, _ := answering(t, address, name(t, "a"))
			p.write(answer)
			p.reasonWas(p.refused(), 0x81, 0x82)
		})
	}
}

// TestMQTT5_4_12_0_4: a server may refuse at any step, and then closes the
// connection.
func TestMQTT5_4_12_0_4(t *testing.T) {
	t.Parallel()
	address := porters(t)
	for questions, what := range []string{"at once", "after one question", "after two"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := dial(t, address, 5)
			if questions == 0 {
				p.write(riddled(name(t, "a"), "no").encode(5))
			} else {
				p, _ = answering(t, address, name(t, "a"))
				for range questions - 1 {
					p.write(says(0x18, "?"))
					p.want(AUTH)
				}
				p.write(says(0x18, "no"))
			}
			if reason := p.refused(); reason != 0x87 {
				t.Errorf("refused with %#x, want 0x87", reason)
			}
		})
	}
}

// TestMQTT5_4_12_0_5: each AUTH of the server, and CONNACK, names the method of
// CONNECT; one of the client that does not is refused.
func TestMQTT5_4_12_0_5(t *testing.T) {
	t.Parallel()
	address := porters(t)
	named := func(x packet) {
		t.Helper()
		if got := x.props.text(authMethod); got != "riddle" {
			t.Errorf("%+v names the method %q", x, got)
		}
	}
	p, x := answering(t, address, name(t, "a"))
	named(x)
	p.write(says(0x18, "?"))
	named(p.want(AUTH))
	p.write(says(0x18, "in"))
	named(p.want(CONNACK))
	p.write(says(0x19, "?"))
	named(p.want(AUTH))
	p.write(says(0x18, "in"))
	named(p.want(AUTH))
	_, y := open(t, address, 5, riddled(name(t, "b"), "in"))
	named(y)
	for what, answer := range map[string][]byte{
		"another": auth(0x18, property{authMethod, "Riddle"}, property{authData, "in"}),
		"none":    auth(0x18, property{authData, "in"}),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p, _ := answering(t, address, name(t, "a"))
			p.write(answer)
			p.reasonWas(p.refused(), 0x82, 0x8C)
		})
	}
}

// TestMQTT5_4_12_0_6: a client that names no method gets no AUTH, and no method in
// CONNACK.
func TestMQTT5_4_12_0_6(t *testing.T) {
	t.Parallel()
	for what, at := range map[string]func(testing.TB) string{"without methods": server, "with one": porters} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			user := "somebody"
			p, x := open(t, at(t), 5, connect{id: name(t, "a"), user: &user, password: &user}) // AUTH is not CONNACK
			if x.props.has(authMethod) || x.props.has(authData) {
				t.Errorf("CONNACK has the properties %v", x.props)
			}
			p.silent()
		})
	}
}

// TestMQTT5_4_12_0_7: AUTH of a client that named no method is a protocol error:
// it closes the connection, whatever is in it.
func TestMQTT5_4_12_0_7(t *testing.T) {
	t.Parallel()
	for what, at := range map[string]func(testing.TB) string{"without methods": server, "with one": porters} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			address := at(t)
			for i, x := range [][]byte{says(0x19, "in"), says(0x18, "in"), says(0, "in"), auth(0x19), frame(AUTH << 4)} {
				p := client(t, address, 5, name(t, string('a'+rune(i))))
				p.write(x)
				p.reasonWas(p.closed(), 0x81, 0x82)
			}
			p := dial(t, address, 5)
			p.write(says(0x18, "in"))
			p.refused()
		})
	}
}

// TestMQTT5_4_12_1_1: a client that authenticates itself again with another method
// than at first, or with none, is disconnected.
func TestMQTT5_4_12_1_1(t *testing.T) {
	t.Parallel()
	address := porters(t)
	for what, x := range map[string][]byte{
		"another": auth(0x19, property{authMethod, "unheard of"}, property{authData, "in"}),
		"none":    auth(0x19, property{authData, "in"}),
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			p := inside(t, address, name(t, "a"))
			p.write(x)
			p.reasonWas(p.closed(), 0x82, 0x8C)
		})
	}
	p := inside(t, address, name(t, "same"))
	p.write(says(0x19, "in"))
	if x := p.want(AUTH); x.code != 0 {
		t.Errorf("with the same method: %+v, want success", x)
	}
	p.silent()
}

// TestMQTT5_4_12_1_2: a client that fails to authenticate itself again is
// disconnected, at any step.
func TestMQTT5_4_12_1_2(t *testing.T) {
	t.Parallel()
	address := porters(t)
	p := inside(t, address, name(t, "a"))
	p.write(says(0x19, "no"))
	p.reasonWas(p.closed(), 0x87)
	p = inside(t, address, name(t, "b"))
	p.write(says(0x19, "?"))
	p.want(AUTH)
	p.silent() // other packets go on meanwhile
	p.write(says(0x18, "no"))
	p.reasonWas(p.closed(), 0x87)
}
