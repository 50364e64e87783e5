import type { CredentialState, Device } from '@/api/types'
import { t } from '@/i18n'
import { f } from '@/i18n/use'
import { causeWord, driftWords } from '@/wall/words'

/** One thing that a device needs before people may rely on it. */
export interface Check {
  name: 'credential' | 'online' | 'reported' | 'able' | 'signed' | 'clock' | 'config' | 'certificate'
  /** doubt: not known yet, or soon wrong. */
  is: 'good' | 'doubt' | 'bad'
  /** What is. */
  says: string
  /** What to do; empty if it is good. */
  todo: string
}

/** A certificate that ends sooner than this is to be renewed. */
const soon = 30 * 24 * 3_600_000

type Finding = [is: Check['is'], says: string, todo?: string]

/** What is in order with a device, and what is missing, with what to do. Without a state its credential is not known. */
export function checksOf(d: Device, credential: CredentialState | undefined, now: number): Check[] {
  const found: [Check['name'], Finding | undefined][] = [
    ['credential', credential && credentialOf(credential)],
    ['online', onlineOf(d)],
    ['reported', reportedOf(d)],
    ['able', ableOf(d)],
    ['signed', signedOf(d)],
    ['clock', clockOf(d)],
    ['config', configOf(d)],
    ['certificate', credential && certificateOf(credential, now)],
  ]
  return found.flatMap(([name, finding]) => {
    if (!finding) return []
    const [is, says, todo = ''] = finding
    return [{ name, is, says, todo }]
  })
}

function credentialOf(c: CredentialState): Finding {
  if (!c.issued) return ['bad', t('registry.notIssued'), t('devicePage.todo.issue')]
  if (!c.lastUsed) return ['doubt', t('devicePage.says.neverUsed'), t('devicePage.todo.enter')]
  return ['good', t('devicePage.says.used', { at: f.dateTime(c.lastUsed) })]
}

function onlineOf(d: Device): Finding {
  if (d.link.status === 'never_seen') return ['bad', t('device.cause.never_seen'), t('devicePage.todo.connect')]
  if (d.link.status === 'offline') return ['bad', causeWord(d.link.cause), t('devicePage.todo.line')]
  if (d.link.flapping) return ['doubt', t('device.flapping'), t('devicePage.todo.flapping')]
  return ['good', t('device.link.online')]
}

function reportedOf(d: Device): Finding {
  const every = f.span(d.heartbeat * 1_000)
  if (d.doubt === 'too_old') return ['bad', t('device.doubt.too_old'), t('devicePage.todo.heartbeat', { every })]
  if (d.doubt === 'not_reported' || !d.reportedAt) return ['bad', t('device.notReported'), t('devicePage.todo.report')]
  return ['good', t('devicePage.says.heartbeat', { at: f.dateTime(d.reportedAt), every })]
}

function ableOf(d: Device): Finding {
  const n = d.capabilities?.length ?? 0
  return n ? ['good', t('devicePage.says.able')] : ['doubt', t('devicePage.says.notAble'), t('devicePage.todo.able')]
}

function signedOf(d: Device): Finding {
  return d.unsigned ? ['bad', t('wall.unsigned'), t('devicePage.todo.sign')] : ['good', t('devicePage.says.signed')]
}

function clockOf(d: Device): Finding {
  if (!d.clockDrift) return ['doubt', t('devicePage.says.noClock'), t('devicePage.todo.clockLater')]
  const off = driftWords(d.clockDrift.ms)
  return d.clockDrift.wrong ? ['bad', off, t('devicePage.todo.clock')] : ['good', off]
}

function configOf(d: Device): Finding {
  switch (d.config.status) {
    case '':
      return ['good', t('config.nothing')]
    case 'applied':
      return ['good', t('config.status.applied')]
    case 'drifting':
      return ['bad', t('config.status.drifting'), t('devicePage.todo.config')]
    case 'unreported':
      return ['doubt', t('config.status.unreported'), t('devicePage.todo.configSilent')]
    case 'pending':
      return ['doubt', t('config.status.pending'), t('devicePage.todo.configWait')]
    default:
      return ['doubt', t('config.status.unknown'), t('devicePage.todo.configWait')]
  }
}

/** Only a device that comes by certificate has one that can end. */
function certificateOf(c: CredentialState, now: number): Finding | undefined {
  if (!c.certificate) return undefined
  if (!c.shown) return ['doubt', t('devicePage.says.noCertificate'), t('devicePage.todo.certificateShow')]
  const left = Date.parse(c.shown.until) - now
  const says = t('devicePage.says.certificate', { at: f.dateTime(c.shown.until) })
  if (left <= 0) return ['bad', says, t('devicePage.todo.certificate')]
  return left < soon ? ['doubt', says, t('devicePage.todo.certificate')] : ['good', says]
}
