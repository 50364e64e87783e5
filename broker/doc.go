// Package broker is an MQTT server for 3.1, 3.1.1 and 5.0 inside of a Go program.
// It knows nothing of what the messages are about.
//
//	b, err := broker.New(ctx, broker.Options{Store: store, Authorizer: who})
//	...
//	err = b.Handle("in/+/event", handler) // messages into the program
//	b.Watch(func(p broker.Presence) {})   // who comes and goes
//	go b.Serve(ctx, listener)             // and http.Handle("/mqtt", b.WebSocket())
//	go b.ServeWith(ctx, yard, broker.Listener{Name: "yard", Authorizer: gates})
//	...
//	err = b.Publish(ctx, broker.Message{Topic: "feed/1", Payload: state, Retain: true})
//	err = b.Send(ctx, "gate-1", command, func(d broker.Delivery) {})
//	err = b.Attach(ctx, "gate-1", "group/garage", 1) // gate-1 receives it from now on
//	...
//	err = b.Close()
//
// What it promises:
//
//   - PUBACK, PUBREC, PUBCOMP, and the SUBACK, UNSUBACK and CONNACK of a session
//     that outlives its connection, leave only after Store.Apply has returned for
//     what they acknowledge (CONNACK does not wait for a store that is full); and for a topic that has a Handler after that has
//     answered nil. Publish returns only then, too. QoS 0, and what neither a
//     lasting session nor the retained messages keep, never touches the store.
//   - After an error of the store nothing is acknowledged any more; Failed and
//     Serve give the error, and the program is to exit.
//   - A message on a command topic (Options.CommandFilters) is never retained, never
//     queued for an absent client, never sent twice and never restored. Send tells
//     the truth about each one: Written, then Acknowledged or Ended.
//   - A session belongs to the identity that made it. Nobody else is given it, and
//     nobody who is refused changes anything of it.
//   - A method of enhanced authentication is the Authorizer's (Exchanger), also for a
//     client that is connected: it stays the same identity, by the rights of the last
//     Grant.
//   - A stranger has ConnectTimeout to become a client, and reserves nothing by what
//     it claims. An address whose attempts are refused again and again is not heard
//     for a while; open connections of it are.
//   - A filter that is wider than the client's right is refused. Rights are asked
//     for at CONNECT (for the will), PUBLISH and SUBSCRIBE, again when a session is
//     resumed, when a will is published, and, by Recheck, when they change; what its
//     publisher may not publish any more is then not retained. No byte is written for
//     a client whose Grant is not Valid.
//   - No sequence of bytes harms another connection: a packet that is malformed or
//     not permitted, and a panic, close their own connection only.
//   - Everything has a limit (Limits), and every refusal and every drop is counted
//     by its reason (Stats).
//
// Packages packet and topic hold the bytes and the matching; journal is the Store
// on disk, storetest the suite that every Store must pass; access is an Authorizer
// by Mosquitto's files, certs keeps the certificates of server and clients. The folder example is a module of its own that has the broker
// inside, in some 20 lines. DESIGN.md says why the package is shaped as it is.
package broker
