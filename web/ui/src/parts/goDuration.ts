/** Milliseconds of a span as the server writes it (-1h2m3.5s); undefined for anything else. */
export function goDuration(text: string): number | undefined {
  const parts = /^(-?)(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(text)
  if (!parts || /^-?$/.test(text)) return undefined
  const [h, m, s] = parts.slice(2).map((n) => Number(n ?? 0))
  return (parts[1] ? -1 : 1) * ((h! * 60 + m!) * 60 + s!) * 1_000
}
