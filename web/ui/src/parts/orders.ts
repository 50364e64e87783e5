import { reactive, watch } from 'vue'
import { api } from '@/api/endpoints'
import { newKey } from '@/api/client'
import { asProblem } from '@/api/problem'
import type { Action } from '@/api/types'
import { commands } from '@/live/state'
import { link } from '@/live/live'
import { me } from '@/session/session'
import { idle, learned, mayPress, press, refusedBy, type Order } from './order'

// Orders outlive the panel that started them: who closes it and comes back finds the result.
const orders = reactive(new Map<string, Order>())

export interface Ask {
  device: string
  action: Action
  args?: Record<string, string>
}

const nameOf = (a: Ask): string => JSON.stringify([a.device, a.action, a.args ?? {}])

export function orderOf(a: Ask): Order {
  return orders.get(nameOf(a)) ?? idle
}

/** Forgets the result: somebody has read it. */
export function dismiss(a: Ask): void {
  orders.delete(nameOf(a))
}

/** Presses the button. A press that may not be does nothing. */
export async function order(a: Ask, reason?: string): Promise<void> {
  const name = nameOf(a)
  const before = orderOf(a)
  if (!mayPress(before, Date.now())) return
  const sending = press(before, Date.now(), newKey)
  if (sending.phase !== 'sending') return
  orders.set(name, sending)
  try {
    const command = await api.sendCommand(a.device, sending.key, { action: a.action, args: a.args, reason })
    commands.merge(command)
    orders.set(name, learned(orderOf(a), command))
    follow(name, command.id)
  } catch (err) {
    orders.set(name, refusedBy(orderOf(a), asProblem(err)))
  }
}

/** Whether the order can still be taken back, as far as this page knows: the server decides. */
export function mayCancel(o: Order): boolean {
  return o.phase === 'waiting' && o.command.step === 'accepted'
}

/** Takes the order back. If that is too late the ladder says how far it is. */
export async function cancel(a: Ask): Promise<void> {
  const o = orderOf(a)
  if (o.phase !== 'waiting') return
  try {
    commands.merge(await api.cancelCommand(o.command.id))
  } catch {
    // It was sent meanwhile, or the server does not answer: the command is followed in any case.
  }
}

/** Follows a command to its end: by the feed, and by asking each second while the feed is silent. */
function follow(name: string, id: string): void {
  const take = () => {
    const held = orders.get(name)
    const said = commands.get(id)
    if (held && said) orders.set(name, learned(held, said))
    const after = orders.get(name)
    if (after?.phase !== 'waiting' || after.command.id !== id) stop()
  }
  const stopWatch = watch(() => commands.get(id), take, { flush: 'sync' })
  const timer = setInterval(() => {
    if (link.status === 'live') return
    void api.command(id).then(
      (said) => {
        commands.merge(said)
        take()
      },
      () => undefined,
    )
  }, 1_000)
  function stop(): void {
    stopWatch()
    clearInterval(timer)
  }
  take()
}

// The next user of this browser must not see what the last one did.
watch(me, (who) => {
  if (!who) orders.clear()
})
