// Package topic knows topic names and topic filters (MQTT 5.0, section 4.7).
//
// It is used by package broker. ValidName and ValidFilter check the syntax; Match,
// Covers and Overlaps compare; Tree finds all filters that match a name, and
// Names finds all names that match a filter.
//
// What it promises:
//
//   - Names and filters are compared byte for byte (MQTT-4.7.3-4): nothing is
//     normalised, and an empty level is a level.
//   - A filter that starts with a wildcard matches no name that starts with "$"
//     (MQTT-4.7.2-1), in every function here.
//   - Match on strings and on a Tree allocates nothing.
//   - A walk visits a node of a tree at most once, so its cost is bounded by the
//     size of the tree, and its depth by the deepest filter or name that was
//     put in. Whoever puts them in checks them first with a limit on the levels.
//   - Nothing here locks: the caller does. Callbacks may not change the tree.
//
// A shared subscription ($share/group/filter) is a filter like any other here;
// the caller takes it apart.
package topic
