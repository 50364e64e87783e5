import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { backoff } from './backoff'
import { Batch, gone } from './batch'
import { Gaps } from './gaps'
import { parseTopic } from './topic'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('back-off', () => {
  it('doubles from half a second to ten seconds', () => {
    const full = [0, 1, 2, 3, 4, 5, 50].map((n) => backoff(n, () => 1))
    expect(full).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000])
  })

  it('takes off up to a half at random', () => {
    expect(backoff(3, () => 0)).toBe(2000)
  })
})

describe('the flush', () => {
  it('applies everything together after 100 ms, the newest of a topic once', () => {
    const said: string[] = []
    const batch = new Batch()
    batch.add('a', 1, () => said.push('a1'))
    batch.add('b', 1, () => said.push('b1'))
    batch.add('a', 3, () => said.push('a3'))
    batch.add('a', 2, () => said.push('a2'))
    vi.advanceTimersByTime(99)
    expect(said).toEqual([])
    vi.advanceTimersByTime(1)
    expect(said).toEqual(['a3', 'b1'])
  })

  it('lets a removal and what follows it stand', () => {
    const said: string[] = []
    const batch = new Batch()
    batch.add('a', 9, () => said.push('a9'))
    batch.add('a', gone, () => said.push('gone'))
    batch.flush()
    batch.add('a', gone, () => said.push('gone'))
    batch.add('a', 10, () => said.push('a10'))
    batch.flush()
    expect(said).toEqual(['gone', 'a10'])
  })
})

describe('the watch for gaps', () => {
  const zone = { site: 's1', zone: 'z1', kind: 'heartbeat', id: '-' }

  it('reports a revision that was not reached within two seconds', () => {
    const gap = vi.fn()
    const gaps = new Gaps(gap)
    gaps.heartbeat(zone, 7)
    vi.advanceTimersByTime(1999)
    expect(gap).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(gap).toHaveBeenCalledOnce()
  })

  it('is content when the message comes late, or the snapshot has it', () => {
    const gap = vi.fn()
    const gaps = new Gaps(gap)
    gaps.heartbeat(zone, 7)
    gaps.saw(zone, 7)
    vi.advanceTimersByTime(5000)
    gaps.snapshot('s1', 20)
    gaps.heartbeat(zone, 15)
    vi.advanceTimersByTime(5000)
    expect(gap).not.toHaveBeenCalled()
  })

  it('does not take one zone for another', () => {
    const gap = vi.fn()
    const gaps = new Gaps(gap)
    gaps.saw({ ...zone, zone: 'z2' }, 9)
    gaps.heartbeat(zone, 8)
    vi.advanceTimersByTime(2000)
    expect(gap).toHaveBeenCalledOnce()
  })
})

describe('feed topics', () => {
  it('are read in their parts, and nothing else is', () => {
    expect(parseTopic('gatehouse/v1/feed/s/z/device/d')).toEqual({ site: 's', zone: 'z', kind: 'device', id: 'd' })
    expect(parseTopic('gatehouse/v1/devices/s/d/state')).toBeNull()
    expect(parseTopic('gatehouse/v1/feed/s/z/device/d/x')).toBeNull()
  })
})
