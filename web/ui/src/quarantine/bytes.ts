/** The bytes behind a base64 text. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
}

/** Bytes as lines of hex with their offset, 16 to a line. */
export function hexLines(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const hex = Array.from(bytes.subarray(at, at + 16), (b) => b.toString(16).padStart(2, '0')).join(' ')
    lines.push(`${at.toString(16).padStart(6, '0')}  ${hex}`)
  }
  return lines.join('\n')
}

/** Bytes as text; what is not UTF-8 shows as the replacement character. */
export function asText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
