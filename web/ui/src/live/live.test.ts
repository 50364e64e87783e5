import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '@/api/problem'
import { command, device, snapshot } from '@/test/things'
import { link, Live, type LiveDeps } from './live'
import { commands, devices } from './state'
import type { TransportEvents } from './transport'

const encode = (o: unknown) => new TextEncoder().encode(JSON.stringify(o))
const ticket = { clientId: 'c', username: 'u', password: 'p', path: '/mqtt', filters: ['f'], expires: '' }
const settle = () => vi.advanceTimersByTimeAsync(0)

describe('the live link', () => {
  let wires: TransportEvents[]
  let ended: number
  let deps: { [K in keyof LiveDeps]: ReturnType<typeof vi.fn> }
  let live: Live

  beforeEach(() => {
    vi.useFakeTimers()
    wires = []
    ended = 0
    deps = {
      snapshot: vi.fn(async () => snapshot({ devices: [device()] })),
      ticket: vi.fn(async () => ticket),
      dial: vi.fn(async (_: unknown, events: TransportEvents) => {
        wires.push(events)
        return { end: () => ended++ }
      }),
      signedOut: vi.fn(),
      returned: vi.fn(),
    }
    live = new Live(deps as unknown as LiveDeps)
  })
  afterEach(() => {
    live.stop()
    vi.useRealTimers()
  })

  async function up(): Promise<TransportEvents> {
    live.start()
    await settle()
    wires.at(-1)!.up()
    await settle()
    deps.snapshot.mockClear()
    return wires.at(-1)!
  }

  it('paints the snapshot before it connects', async () => {
    deps.ticket.mockReturnValue(new Promise(() => undefined))
    live.start()
    await settle()
    expect(devices.get('g1')).toBeDefined()
    expect(deps.dial).not.toHaveBeenCalled()
    expect(link.status).toBe('loading')
  })

  it('reads the snapshot again once it is subscribed, also while one of a lost connection is on its way', async () => {
    await up()
    deps.snapshot.mockReturnValueOnce(new Promise(() => undefined)) // the server takes its time, and the line breaks
    void live.refresh()
    wires.at(-1)!.down('connection closed')
    await vi.advanceTimersByTimeAsync(1_000)
    deps.snapshot.mockClear()
    wires.at(-1)!.up()
    await settle()
    expect(wires.length).toBe(2)
    expect(deps.snapshot).toHaveBeenCalledTimes(1)
  })

  it('shows a device within the next flush, and a command at once', async () => {
    const wire = await up()
    wire.message('gatehouse/v1/feed/s1/z1/device/g1', encode(device({ revision: 11, physical: 'open' })))
    wire.message('gatehouse/v1/feed/s1/z1/command/c1', encode(command({ revision: 12 })))
    expect(commands.get('c1')).toBeDefined()
    expect(devices.get('g1')?.physical).toBe('closed')
    vi.advanceTimersByTime(100)
    expect(devices.get('g1')?.physical).toBe('open')
  })

  it('forgets what ended between its snapshot and its subscription', async () => {
    const list = [device(), device({ id: 'gone' })]
    deps.snapshot.mockImplementation(async () => snapshot({ devices: list }))
    live.start()
    await settle()
    list.pop() // and its retained message is cleared: nobody tells of it
    const wire = wires.at(-1)!
    wire.up()
    wire.message('gatehouse/v1/feed/s1/z1/device/g1', encode(device({ revision: 11 })))
    await settle()
    expect(devices.get('gone')).toBeUndefined()
  })

  it('is not told of the past by a snapshot that is on its way', async () => {
    const wire = await up()
    let answer = (): void => {}
    deps.snapshot.mockImplementation(
      () => new Promise((done) => (answer = () => done(snapshot({ devices: [device()] })))),
    )
    void live.refresh()
    wire.message('gatehouse/v1/feed/s1/z1/device/g1', new Uint8Array())
    vi.advanceTimersByTime(100)
    answer()
    await settle()
    expect(devices.get('g1')).toBeUndefined()
  })

  it('removes a thing at an empty message', async () => {
    const wire = await up()
    wire.message('gatehouse/v1/feed/s1/z1/device/g1', new Uint8Array())
    vi.advanceTimersByTime(100)
    expect(devices.get('g1')).toBeUndefined()
  })

  it('is blind after 15 seconds of silence, and not before', async () => {
    const wire = await up()
    vi.advanceTimersByTime(14_000)
    wire.message('gatehouse/v1/feed/s1/-/heartbeat/-', encode({ at: '', revision: 1 }))
    vi.advanceTimersByTime(14_999)
    expect(link.status).toBe('live')
    vi.advanceTimersByTime(1)
    expect(link.status).toBe('blind')
    expect(ended).toBe(1)
  })

  it('comes back with a new snapshot and a new ticket each time', async () => {
    const wire = await up()
    wire.down('closed')
    expect(link.status).toBe('blind')
    await vi.advanceTimersByTimeAsync(500)
    expect(deps.snapshot).toHaveBeenCalledTimes(1)
    expect(deps.ticket).toHaveBeenCalledTimes(2)
    wires.at(-1)!.up()
    expect(link.status).toBe('live')
  })

  it('reads the snapshot again when a heartbeat names what it has not seen', async () => {
    const wire = await up()
    wire.message('gatehouse/v1/feed/s1/z1/heartbeat/-', encode({ at: '', revision: 99 }))
    await vi.advanceTimersByTimeAsync(2000)
    expect(deps.snapshot).toHaveBeenCalledTimes(1)
  })

  it('ignores an old connection that speaks late', async () => {
    const old = await up()
    old.down('closed')
    await vi.advanceTimersByTimeAsync(500)
    wires.at(-1)!.up()
    old.down('again')
    expect(link.status).toBe('live')
  })

  it('goes to sign-in when the session is gone, and forgets what it showed', async () => {
    await up()
    deps.snapshot.mockRejectedValue(new Problem('unauthenticated', '', 401))
    await live.refresh()
    expect(deps.signedOut).toHaveBeenCalledOnce()
    expect(devices.all()).toEqual([])
  })

  it('says that it is back once the server answers after a loss, and not before', async () => {
    const wire = await up()
    expect(deps.returned).not.toHaveBeenCalled()
    deps.snapshot.mockRejectedValueOnce(new Problem('unreachable', '', 0))
    wire.down('connection closed')
    await vi.advanceTimersByTimeAsync(500)
    expect(deps.returned).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1_000)
    expect(deps.returned).toHaveBeenCalledOnce()
  })

  it('survives a message that is no JSON by reading the snapshot', async () => {
    const wire = await up()
    wire.message('gatehouse/v1/feed/s1/z1/device/g1', new TextEncoder().encode('{'))
    await settle()
    expect(deps.snapshot).toHaveBeenCalledTimes(1)
  })
})
