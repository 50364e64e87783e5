/** Money from minor units as a number to add up: 1500 fen are 15. Of an unknown currency it stays as it is. */
export function major(amount: number, currency: string): number {
  if (!/^[A-Z]{3}$/.test(currency)) return amount
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits
  return amount / 10 ** (digits ?? 2)
}
