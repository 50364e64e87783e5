// Command server is Gatehouse: the broker, the domain, the database and the
// console in one process.
//
// It is the only place that knows both broker and devices. app.go opens what the
// server stands on (folder, listeners, databases), build.go builds every part from
// parts that are built already, wiring.go joins broker and domain, and run starts
// each part in one errgroup: the first that fails ends them all. A stop is the
// same as a crash, only politer: what was not acknowledged comes again.
//
// On standard output it prints one line once everything is served, for programs
// that start it:
//
//	ready http=http://localhost:8080 mqtt=127.0.0.1:1883 setup-token=…
//
// with mqtts=… when there is a certificate, fingerprint=… (SHA-256) when that is the
// server's own, and the token while there is no administrator.
//
// "server broker" runs the broker alone; there the line has mqtt=…, mqtts=… and ws=…
// for each address, and docs/broker.md has the flags.
//
// Everything else goes to standard error. It exits with 0 after SIGINT or SIGTERM,
// otherwise with 1 after one line that says what stood in its way.
package main
