import type { Action, Device } from '@/api/types'

export interface DeviceAction {
  action: Action
  args?: Record<string, string>
}

/** What looks after the device instead of opening anything: smaller, and apart. */
export const isCare = (a: DeviceAction): boolean => a.action === 'set_time' || a.action === 'restart'

const order: Action[] = ['open', 'pass', 'snapshot', 'close', 'stop', 'record', 'set_time', 'restart']
const recording = '30' // seconds
const usual: Record<Device['kind'], Action[]> = {
  gate: ['open', 'close', 'stop'],
  turnstile: ['pass'],
  camera: ['snapshot'],
}

/**
 * What can be ordered, the most wanted first. A device says what it can do; one that was never heard has the usual
 * actions of its kind, and ordering them fails with the reason.
 */
export function actionsOf(d: Pick<Device, 'kind' | 'capabilities'>): DeviceAction[] {
  const can: readonly string[] = d.capabilities?.length ? d.capabilities : usual[d.kind]
  return order
    .filter((a) => can.includes(a))
    .flatMap((action): DeviceAction[] =>
      action === 'pass'
        ? [
            { action, args: { direction: 'in' } },
            { action, args: { direction: 'out' } },
          ]
        : action === 'record'
          ? [{ action, args: { seconds: recording } }]
          : [{ action }],
    )
}

/** Every order that there is, as a filter has them. */
export const orderable = [...order, 'mode'] as const
/** What may have ordered something. */
export const actors = ['operator', 'schedule', 'token', 'system'] as const
