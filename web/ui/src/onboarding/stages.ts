import type { Command, Device, DeviceDetail, QuarantinedMessage } from '@/api/types'
import { t, tc } from '@/i18n'
import { f } from '@/i18n/use'
import { detailWord } from '@/parts/orderWords'
import { causeWord } from '@/wall/words'

/** The way of a new device from its registration to the first order that it carried out. */
export const stageNames = ['registered', 'credential', 'connected', 'reported', 'able', 'confirmed'] as const

export interface Stage {
  name: (typeof stageNames)[number]
  /** now: it is waited for; later: another one comes first. */
  is: 'done' | 'now' | 'wrong' | 'later'
  /** What happened, or is missing. */
  says: string
  /** What to do; empty if there is nothing to do. */
  todo: string
}

/** What is known of a device that is being mounted. */
export interface Known {
  device: Device
  detail?: DeviceDetail
  /** What it sent and nobody understood, newest first. */
  strange: readonly QuarantinedMessage[]
  /** Its orders, newest first. */
  orders: readonly Command[]
}

type Finding = Omit<Stage, 'name'>
const done = (says: string): Finding => ({ is: 'done', says, todo: '' })
const waits = (says: string, todo: string): Finding => ({ is: 'now', says, todo })
const wrong = (says: string, todo: string): Finding => ({ is: 'wrong', says, todo })

/** The stages in their order: those that were reached, the one that is waited for with what is wrong, and the rest. */
export function stagesOf(known: Known): Stage[] {
  const findings: Record<Stage['name'], (k: Known) => Finding> = {
    registered: (k) => done(k.device.name),
    credential,
    connected,
    reported,
    able,
    confirmed,
  }
  let waiting = false
  return stageNames.map((name) => {
    if (waiting) return { name, is: 'later', says: '', todo: '' }
    const finding = findings[name](known)
    waiting = finding.is !== 'done'
    return { name, ...finding }
  })
}

/** Has it come all the way? */
export const isReady = (stages: readonly Stage[]): boolean => stages.every((s) => s.is === 'done')

function credential({ detail }: Known): Finding {
  if (!detail) return waits(t('common.loading'), '')
  const { issued, created } = detail.credential
  if (!issued) return waits(t('registry.notIssued'), t('onboarding.todo.issue'))
  return done(created ? t('registry.issuedAt', { at: f.dateTime(created) }) : '')
}

function connected({ device, detail }: Known): Finding {
  const { status, since, cause } = device.link
  if (status === 'online') return done(since ? t('onboarding.since', { at: f.dateTime(since) }) : '')
  const refused = detail?.refused
  const after = Math.max(Date.parse(since ?? '') || 0, Date.parse(detail?.credential.created ?? '') || 0)
  if (refused && Date.parse(refused.at) >= after) {
    const says = t('onboarding.refused', {
      why: tc('onboarding.why', refused.why),
      at: f.clock(refused.at),
      address: refused.address,
      count: f.number(refused.count),
    })
    return wrong(says, tc('onboarding.mend', refused.why))
  }
  if (status === 'offline') return wrong(t('onboarding.left', { cause: causeWord(cause) }), t('devicePage.todo.line'))
  return waits(t('onboarding.waiting'), t('onboarding.todo.connect'))
}

function reported({ device, strange }: Known): Finding {
  if (device.reportedAt) return done(f.dateTime(device.reportedAt))
  const since = Date.parse(device.link.since ?? '') || 0
  const last = strange.find((m) => m.device === device.id && Date.parse(m.arrivedAt) >= since)
  if (last) return wrong(t('onboarding.strange', { problem: last.problem }), t('onboarding.todo.strange'))
  return waits(t('device.notReported'), t('devicePage.todo.report'))
}

function able({ device }: Known): Finding {
  // What is no action has no word: it is a property like the signature.
  const words = (device.capabilities ?? []).flatMap((c) =>
    tc('command.action', c) === c ? [] : [tc('command.action', c)],
  )
  const list = words.join(t('people.comma'))
  return list ? done(list) : waits(t('devicePage.says.notAble'), t('devicePage.todo.able'))
}

function confirmed({ orders: all }: Known): Finding {
  // What the platform tells by itself when a device comes proves nothing of its actions.
  const orders = all.filter((c) => c.action !== 'mode' && c.actor.kind !== 'system')
  const good = orders.find((c) => c.step === 'confirmed')
  if (good)
    return done(t('onboarding.ordered', { action: tc('command.action', good.action), at: f.dateTime(good.issued) }))
  const last = orders.find((c) => c.ended)
  if (!last) return waits(t('onboarding.noOrder'), t('onboarding.todo.order'))
  const detail = (last.rungs ?? []).find((r) => r.step === last.step)?.detail
  const says = [tc('command.step', last.step), detail ? detailWord(detail) : ''].filter(Boolean).join(' · ')
  return wrong(says, tc('command.meaning', last.step))
}
