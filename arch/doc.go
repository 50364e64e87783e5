// Package arch holds the test of the house's walls: which package may import
// which, and which library lives where. It has no code of its own.
package arch
