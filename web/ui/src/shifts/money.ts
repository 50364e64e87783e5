/** How many digits the minor unit of a currency has: 2 of CNY, 0 of JPY. */
export const digitsOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2

/**
 * What somebody typed as an amount, in minor units; undefined: it is none. Digits are put together, nothing is reckoned
 * with fractions: 12.5 of CNY is 1250.
 */
export function minorUnits(text: string, currency: string): number | undefined {
  const digits = digitsOf(currency)
  const [, whole, part = ''] = /^(\d{1,12})(?:[.,](\d*))?$/.exec(text.trim().replace(/[\s'’]/g, '')) ?? []
  if (!whole || part.length > digits) return undefined
  const units = Number(whole + part.padEnd(digits, '0'))
  return Number.isSafeInteger(units) ? units : undefined
}
