/** A cell as a table program takes it: quoted, and no formula whatever it begins with. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = /^[\s]*[=+\-@]/.test(value) ? `'${value}` : value
  return /[",\r\n']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** Rows as CSV (RFC 4180) that table programs open with the right letters: UTF-8 with a mark at its beginning. */
export const csvOf = (rows: readonly (readonly (string | number)[])[]): string =>
  '\uFEFF' + rows.map((r) => r.map(cell).join(',') + '\r\n').join('')
