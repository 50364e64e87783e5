// Package configs holds the configuration of the two programs as typed values:
// Server for the server, Simulator for devicesim.
//
// A value comes from four places, each stronger than the one before it: the
// built-in default, the YAML file, the environment, the command line. Every key
// has a form in the environment: GATEHOUSE_ and the key in capitals with _ for
// each dot, for example GATEHOUSE_HTTP_LISTEN for http.listen (the simulator's
// begin with GATEHOUSE_SIM_). Lists are separated by commas there. A key that is
// a secret may stand in a file of its own: GATEHOUSE_DATA_KEY_FILE names it.
// An empty variable counts as absent.
//
// LoadServer and LoadSimulator promise: what they return has passed Validate;
// an unknown key, a value of the wrong form and a combination that cannot work
// are refused with the key, where it came from, the value, and what would be
// right, all of them in one error. A secret never appears in an error or a log.
//
// The files server.yaml and devicesim.yaml in this folder document every key and
// hold exactly the defaults; a test keeps them equal.
//
// Nothing is read again after the start. Only this package knows viper, and it
// makes a new one for each load, because a viper is not safe for concurrent use.
package configs
