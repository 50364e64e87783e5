import type { DeviceCredential } from '@/api/types'

// The server tells a credential once: it goes from the form to the page that shows it in the memory of this page alone,
// never in an address or a store of the browser.
let held: DeviceCredential | undefined

export const handOver = (made: DeviceCredential): void => void (held = made)

/** The credential that was handed over for a device, once. */
export function taken(device: string): DeviceCredential | undefined {
  const made = held?.clientId === device ? held : undefined
  held = undefined
  return made
}
