import { expect, it, vi } from 'vitest'
import { dial } from './transport'

const client = { on: vi.fn(), end: vi.fn(), subscribe: vi.fn() }
vi.mock('mqtt', () => ({ default: { connect: () => client } }))

it('asks the broker for news alone: the snapshot that is read next has what it retains', async () => {
  const ticket = { clientId: 'c', username: 'u', password: 'p', path: '/mqtt', filters: ['f'], expires: '' }
  await dial(ticket, { up: vi.fn(), message: vi.fn(), down: vi.fn() })
  client.on.mock.calls.find(([event]) => event === 'connect')![1]()
  expect(client.subscribe).toHaveBeenCalledWith(['f'], { qos: 1, rh: 2 }, expect.anything())
})
