// Package roster writes and reads lists of devices as tables that people edit in a
// spreadsheet: CSV and XLSX, with column names in English or 简体中文.
//
// Reading is total: whatever the bytes are it gives rows or an error that names the
// row, the column and what would be right, in bounded memory. What is written is
// read back.
package roster
