import { expect, it } from 'vitest'
import { router } from '@/router'
import { pageOf } from './links'

it('every kind of object that has a page leads to it by its id', () => {
  const address = (object: string) => {
    const to = pageOf(object)
    return to && router.resolve(to).fullPath
  }
  expect(address('device:d1')).toBe('/device/d1')
  expect(address('alarm:a1')).toBe('/alarms/a1')
  expect(address('batch:b1')).toBe('/batches?batch=b1')
  expect(address('shift:x1')).toBe('/shifts/x1')
  expect(address('timetable:t1')).toBe('/timetables/t1')
  expect(address('plan:p1')).toBe('/plans/p1')
  expect(address('zone:z1')).toBe('/?zone=z1')
  expect(address('operator:u1')).toBe('/people?person=u1')
  expect(address('client:a:b/c')).toBe('/broker/clients/a:b%2Fc')
})

it('what has no page, or no name, leads nowhere', () => {
  for (const object of ['operator:unknown', 'refusals:rest', 'file:x', 'device:', '', 'audit', ':x'])
    expect(pageOf(object)).toBeUndefined()
})
