import { afterEach, expect, it } from 'vitest'
import { ownZone } from '@/i18n/zoned'
import { snapshot } from '@/test/things'
import { dayZone, placeWords, siteName } from './places'
import { forget, paint } from './state'

afterEach(forget)

const site = (id: string, timeZone: string) => ({ id, name: `Site ${id}`, timeZone, revision: 1 })

it('days are those of the site; of several with different time zones those of the browser', () => {
  const other = ownZone() === 'Asia/Urumqi' ? 'Asia/Shanghai' : 'Asia/Urumqi'
  paint(snapshot({ sites: [site('a', other), site('b', other)] }), true)
  expect(dayZone()).toBe(other)
  paint(snapshot({ sites: [site('a', other), site('b', 'Europe/Madrid')] }), true)
  expect(dayZone('a')).toBe(other)
  expect(dayZone('b')).toBe('Europe/Madrid')
  expect(dayZone()).toBe(ownZone())
  expect(dayZone('gone')).toBe(ownZone())
})

it('a place is said by its names, and what is not known by its id or not at all', () => {
  paint(snapshot(), true)
  expect(placeWords('s1', 'z1')).toBe('Site · Zone')
  expect(placeWords('s1', 'gone')).toBe('Site')
  expect(placeWords()).toBe('')
  expect([siteName('s1'), siteName('gone')]).toEqual(['Site', 'gone'])
})
