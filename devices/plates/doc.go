// Package plates makes of what cameras read from number plates one reading per car:
// a camera says the same plate many times while a car stands before it, each time a
// little surer or less sure.
//
// It is pure; a store keeps events and readings in one transaction. It promises:
//
//   - Events of one device with the same plate, none further than 10 s of device time
//     from the rest, are one reading. It shows the event that the device was surest of;
//     of equals the one that the device said first. The order in which events arrive
//     changes what is shown only where they fill a gap between two readings: those stay
//     two.
//   - Each event is remembered by its id: a repetition is no new one, and changes no
//     reading.
//   - Plates are compared in one form (Normalise), and told apart by the forms of the
//     Chinese standard GA 36-2018 (FormOf). A plate that has none of them is shown and
//     marked, never refused: cars come from abroad, and cameras misread.
//   - A passage belongs to a reading if its credential is the plate and the device
//     clocks differ by at most 10 s.
package plates
