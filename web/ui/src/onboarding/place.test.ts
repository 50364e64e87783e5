import { afterEach, describe, expect, it, vi } from 'vitest'
import { api } from '@/api/endpoints'
import type { Site, Zone } from '@/api/types'
import { live } from '@/live/live'
import { anew, zoneOfPlace, type Place } from './place'

const place = (over: Partial<Place>): Place => ({
  site: 's1',
  siteName: '',
  timeZone: 'Asia/Shanghai',
  zone: 'z1',
  zoneName: '',
  ...over,
})

describe('where a new device stands', () => {
  const addSite = vi.spyOn(api, 'addSite')
  const addZone = vi.spyOn(api, 'addZone')
  vi.spyOn(live, 'refresh').mockResolvedValue()
  afterEach(() => {
    addSite.mockReset()
    addZone.mockReset()
  })

  it('is a zone that exists: nothing is made', async () => {
    expect(await zoneOfPlace(place({}))).toBe('z1')
    expect(addZone).not.toHaveBeenCalled()
  })

  it('is made once, also if the zone fails and somebody tries again', async () => {
    addSite.mockResolvedValue({ id: 's9' } as Site)
    addZone.mockRejectedValueOnce(new Error('no answer')).mockResolvedValue({ id: 'z9' } as Zone)
    const p = place({ site: anew, siteName: ' North ', zone: '', zoneName: 'Yard' })
    await expect(zoneOfPlace(p)).rejects.toThrow('no answer')
    expect(await zoneOfPlace(p)).toBe('z9')
    expect(await zoneOfPlace(p)).toBe('z9')
    expect(addSite).toHaveBeenCalledExactlyOnceWith('North', 'Asia/Shanghai')
    expect(addZone).toHaveBeenCalledTimes(2)
    expect(addZone).toHaveBeenLastCalledWith('s9', 'Yard')
  })
})
