// Package certs keeps the certificates of a server: its own, those that its
// clients are to be signed by, and the lists of those that were revoked. The files
// may be replaced while the server runs.
//
//	k, err := certs.Open(certs.Files{Cert: "server.pem", Key: "server.key", ClientCA: "ca.pem"}, log)
//	...
//	go k.Run(ctx)
//	k.OnChange(b.RecheckAll) // connections with a certificate that was revoked end
//	go b.Serve(ctx, tls.NewListener(l, k.Config()))
//
// and in the Authorizer:
//
//	client, err := k.Client(r.TLS) // client.Name is who it is
//
// What it promises:
//
//   - TLS 1.2 and 1.3 only; of 1.2 only suites with forward secrecy and
//     authenticated encryption.
//   - A key that everybody on the machine may read is refused.
//   - SelfSigned makes a certificate where there is none.
//   - A replaced file counts for the handshakes that begin within three seconds
//     after it was written, and no connection is dropped for it. Files that cannot be
//     used, or do not belong together, change nothing: the log says so, and what was
//     there before goes on.
//   - A client's certificate is verified up to ClientCA, for its time, its use and
//     the revocation lists, before anything is taken from it, on every kind of
//     listener. Its name is the only common name of its subject, and is one that can
//     stand for one level of a topic and nothing else.
package certs
