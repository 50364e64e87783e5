import type { Alarm } from '@/api/types'
import { t, tc } from '@/i18n'
import { f } from '@/i18n/use'
import { deviceName, siteName, timeZoneOf, zoneName } from '@/live/places'
import { csvOf } from '@/parts/csv'
import { saveFile } from '@/parts/save'
import { alarmWords } from './words'

/** The list as it is seen, as a table: words in the language of the page, times by the clock of the site. */
export function alarmTable(list: readonly Alarm[]): (string | number)[][] {
  const head = [
    t('alarms.severityLabel'),
    t('alarms.what'),
    t('alarms.times'),
    t('common.device'),
    t('common.site'),
    t('common.zone'),
    t('alarms.stateLabel'),
    t('alarms.raised'),
    t('alarms.lastSeen'),
    t('alarms.timeZone'),
    t('alarms.state.acknowledged'),
    t('alarms.assignee'),
    t('alarms.number'),
  ]
  return [head, ...list.map(row)]
}

function row(a: Alarm): (string | number)[] {
  const zone = timeZoneOf(a.site)
  return [
    tc('alarms.severity', a.severity),
    alarmWords(a),
    a.count,
    deviceName(a.device),
    siteName(a.site),
    zoneName(a.zone),
    tc('alarms.state', a.state),
    f.dateTime(a.raised, zone),
    f.dateTime(a.lastSeen, zone),
    zone ?? '',
    a.acknowledgedBy?.name ?? '',
    a.assignee?.name ?? '',
    a.id,
  ]
}

export function exportAlarms(list: readonly Alarm[]): void {
  saveFile(csvOf(alarmTable(list)), `alarms-${new Date().toISOString().slice(0, 10)}.csv`, 'text/csv')
}
