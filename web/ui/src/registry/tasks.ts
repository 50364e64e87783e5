import type { Device } from '@/api/types'

/** The kinds of devices, to choose from. */
export const kinds = ['gate', 'turnstile', 'camera'] as const

/** What can be done with a device that exists, in the order of the buttons. */
export const deviceTasks = ['edit', 'replace', 'transfer', 'retire'] as const

/** What an installer is asked for, and of which device. */
export interface DeviceTask {
  what: (typeof deviceTasks)[number]
  device: Device
}

/** A site or a zone that is to get another name. */
export interface Renaming {
  kind: 'site' | 'zone'
  id: string
  name: string
}
