import { fromBase64, hexLines } from '@/quarantine/bytes'

/** A payload as the API gives it. */
export interface Shown {
  payload: string
  encoding: 'text' | 'base64'
  truncated: boolean
}

/** A payload for reading: JSON with its lines, other text as it is, anything else as bytes in hex. */
export function readable(m: Shown): string {
  if (m.encoding === 'base64') return hexLines(fromBase64(m.payload))
  if (!m.truncated && /^\s*[[{]/.test(m.payload)) {
    try {
      return JSON.stringify(JSON.parse(m.payload), null, 2)
    } catch {
      return m.payload
    }
  }
  return m.payload
}

const previewLength = 80

/** The beginning of a payload, in one line. */
export function preview(m: Shown): string {
  const line =
    m.encoding === 'base64'
      ? Array.from(fromBase64(m.payload).subarray(0, 24), (b) => b.toString(16).padStart(2, '0')).join(' ')
      : m.payload.replace(/\s+/g, ' ').trim()
  const whole = [...line]
  const cut =
    whole.length > previewLength || m.truncated || (m.encoding === 'base64' && fromBase64(m.payload).length > 24)
  return cut ? `${whole.slice(0, previewLength).join('')}…` : line
}
