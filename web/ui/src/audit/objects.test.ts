import { expect, test } from 'vitest'
import type { AuditEntry } from '@/api/types'
import { namesIn } from './objects'

const row = (verb: string, object: string, detail: AuditEntry['detail'], actor = 'li') =>
  ({ verb, object, detail, actor: { kind: 'operator', id: actor, name: actor === 'li' ? 'Li Na' : '' } }) as AuditEntry

test('a timetable is known by its name where it switched something', () => {
  const switched = {
    ...row('layer.schedule', 'timetable:7', {}),
    actor: { kind: 'schedule', id: '7', name: 'Mornings' },
  }
  expect(Object.fromEntries(namesIn([switched as AuditEntry]))).toEqual({ 'timetable:7': 'Mornings' })
})

test('a timetable and a timed command are known by what was made of them, or what they were', () => {
  const names = namesIn([
    row('timetable.pause', 'timetable:1', { before: { name: 'Old' }, after: { name: 'Mornings' } }),
    row('schedule.delete', 'schedule:2', { before: { name: 'Restart' } }),
  ])
  expect(names.get('timetable:1')).toBe('Mornings')
  expect(names.get('schedule:2')).toBe('Restart')
})

test('who acted and what was made are known by name, by their newest row', () => {
  const names = namesIn([
    row('token.create', 'token:1', { name: 'screens' }),
    row('role.change', 'role:own-1', { name: 'Night porter' }),
    row('role.create', 'role:own-1', { name: 'Porter' }),
    row('credential.issue', 'integrator:9', { name: 'Lifts' }),
    row('session.create', 'operator:chen', { booth: 'b1', name: 'North gate' }, 'chen'),
  ])
  expect(Object.fromEntries(names)).toEqual({
    'operator:li': 'Li Na',
    'token:1': 'screens',
    'role:own-1': 'Night porter',
    'integrator:9': 'Lifts',
  })
})

test('a backup is known by the name of its file', () => {
  const names = namesIn([row('backup.make', 'backup:gatehouse-20261121-120000Z.tar.gz', { bytes: 9 })])
  expect(names.get('backup:gatehouse-20261121-120000Z.tar.gz')).toBe('gatehouse-20261121-120000Z.tar.gz')
})
