//go:build !race

package broker

// poolsForget is how much more is allocated because pools forget: they do not.
const poolsForget = 1
