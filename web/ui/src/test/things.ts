import type { Alarm, Command, Device, Layer, Snapshot } from '@/api/types'

/** A device for tests: a closed gate that is online. */
export function device(over: Partial<Device> = {}): Device {
  return {
    id: 'g1',
    site: 's1',
    zone: 'z1',
    kind: 'gate',
    name: 'Gate 1',
    link: { status: 'online', since: '2026-01-01T00:00:00.000Z', cause: '', flapping: false, flappingSince: null },
    mode: 'controlled',
    physical: 'closed',
    tamper: false,
    fault: '',
    counters: {},
    capabilities: ['open', 'close'],
    firmware: '1',
    unsigned: false,
    reportedAt: '2026-01-01T00:00:00.000Z',
    lastEvent: null,
    modes: {},
    doubt: '',
    alarm: '',
    power: '',
    signal: null,
    heartbeat: 60,
    clockDrift: null,
    telemetry: null,
    config: { revision: 0, reported: 0, status: '' },
    fireGroup: '',
    fireInput: '',
    revision: 1,
    ...over,
  }
}

/** A command for tests: accepted just now. */
export function command(over: Partial<Command> = {}): Command {
  return {
    id: 'c1',
    device: 'g1',
    site: 's1',
    zone: 'z1',
    action: 'open',
    args: {},
    reason: '',
    actor: { kind: 'operator', id: 'u1', name: 'Wang' },
    issued: '2026-01-01T00:00:00.000Z',
    ttlMs: 5000,
    step: 'accepted',
    ended: false,
    rungs: [{ step: 'accepted', at: '2026-01-01T00:00:00.000Z', detail: '' }],
    revision: 1,
    recordPending: false,
    ...over,
  }
}

/** A snapshot for tests: one site, one zone. */
export function snapshot(over: Partial<Snapshot> = {}): Snapshot {
  return {
    at: new Date().toISOString(),
    sites: [{ id: 's1', name: 'Site', timeZone: 'Asia/Shanghai', revision: 10 }],
    zones: [{ id: 'z1', site: 's1', name: 'Zone' }],
    devices: [],
    commands: [],
    today: [],
    layers: [],
    risky: ['hold_open', 'restart'],
    alarms: [],
    ...over,
  }
}

/** An alarm for tests: a fault that nobody has seen. */
export function alarm(over: Partial<Alarm> = {}): Alarm {
  return {
    id: 'a1',
    site: 's1',
    zone: 'z1',
    device: 'g1',
    type: 'fault',
    severity: 'major',
    state: 'raised',
    loudness: 'loud',
    raised: '2026-01-01T00:00:00.000Z',
    lastSeen: '2026-01-01T00:00:00.000Z',
    count: 1,
    detail: 'E7',
    cause: null,
    over: null,
    acknowledged: null,
    acknowledgedBy: null,
    assignee: null,
    escalated: null,
    muted: false,
    resolved: null,
    resolvedBy: null,
    revision: 1,
    ...over,
  }
}

/** A layer for tests: a lockdown of a whole site. */
export function layer(over: Partial<Layer> = {}): Layer {
  return {
    id: 'x',
    site: 's1',
    zone: '',
    set: true,
    layer: 'lockdown',
    scope: { kind: 'site', id: '', direction: '' },
    mode: 'locked_down',
    by: { kind: 'operator', id: 'u1', name: 'Wang' },
    reason: '',
    since: '2026-01-01T00:00:00.000Z',
    until: null,
    revision: 1,
    ...over,
  }
}
