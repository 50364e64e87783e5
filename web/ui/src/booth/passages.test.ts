import { afterEach, describe, expect, it, vi } from 'vitest'
import { api } from '@/api/endpoints'
import type { GateEvent, Picture } from '@/api/types'
import { passagesOf, withPicture } from './passages'

const event = (over: Partial<GateEvent>) =>
  ({ device: 'g1', id: 'e1', camera: '', credential: '', plate: '', ...over }) as GateEvent
const picture = (over: Partial<Picture>) => ({ device: 'c1', event: 'x', plate: '', passage: null, ...over }) as Picture

afterEach(() => vi.restoreAllMocks())

describe('a passage', () => {
  it('has the picture that was taken of it, and the plate that the picture shows', () => {
    const passage = { device: 'g1', event: 'e1' } as Picture['passage']
    const other = picture({ plate: 'A2', passage: { device: 'g2', event: 'e1' } as Picture['passage'] })
    const own = picture({ plate: 'A1', passage })
    expect(withPicture(event({ credential: 'plate:A0' }), [other, own])).toMatchObject({ picture: own, plate: 'A1' })
    expect(withPicture(event({ credential: 'plate:A0' }), [other])).toMatchObject({ picture: undefined, plate: 'A0' })
    const itsOwn = picture({ device: 'g1', event: 'e1' })
    expect(withPicture(event({}), [other, itsOwn])).toMatchObject({ picture: itsOwn, plate: '' })
    expect(withPicture(event({ credential: 'card:7' }), [])).toMatchObject({ plate: '' })
  })

  it('is told of its own direction, and cameras that took none are not asked', async () => {
    const events = [event({ id: 'a', direction: 'in' }), event({ id: 'b', direction: 'out' })]
    vi.spyOn(api, 'events').mockResolvedValue({ events, next: '' })
    const pictures = vi.spyOn(api, 'pictures')
    const found = await passagesOf({ device: 't1', direction: 'out' })
    expect(found.map((p) => p.event.id)).toEqual(['b'])
    expect(pictures).not.toHaveBeenCalled()
  })
})
