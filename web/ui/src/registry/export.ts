import type { Device } from '@/api/types'
import { t, tc } from '@/i18n'
import { f } from '@/i18n/use'
import { siteName, timeZoneOf, zoneName } from '@/live/places'
import { csvOf } from '@/parts/csv'
import { saveFile } from '@/parts/save'

/** The devices that are seen, as a table in the words of the page, times by the clock of the site. */
export function deviceTable(list: readonly Device[]): string[][] {
  const head = [
    t('common.site'),
    t('common.zone'),
    t('registry.kind'),
    t('common.name'),
    t('registry.link'),
    t('registry.linkSince'),
    t('registry.deviceId'),
  ]
  return [
    head,
    ...list.map((d) => [
      siteName(d.site),
      zoneName(d.zone),
      tc('device.kind', d.kind),
      d.name,
      tc('device.link', d.link.status),
      d.link.since ? f.dateTime(d.link.since, timeZoneOf(d.site)) : '',
      d.id,
    ]),
  ]
}

export function exportDevices(list: readonly Device[]): void {
  saveFile(csvOf(deviceTable(list)), `devices-${new Date().toISOString().slice(0, 10)}.csv`, 'text/csv')
}
