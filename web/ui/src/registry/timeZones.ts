/** The time zones that this browser knows, its own first. */
export function timeZones(): string[] {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone
  return [...new Set([own, 'Asia/Shanghai', ...Intl.supportedValuesOf('timeZone'), 'UTC'])]
}
