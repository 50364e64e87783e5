// Package roster writes and reads lists of devices as tables that people edit in a
// spreadsheet: CSV in UTF-8.
//
// Read is total: whatever the bytes are it gives rows or an error that names the
// row, the column and what would be right. What Write made Read reads.
package roster
