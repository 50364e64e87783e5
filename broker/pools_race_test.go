//go:build race

package broker

// poolsForget is how much more is allocated because the race detector has pools
// throw away every fourth thing that they are given.
const poolsForget = 1.25
