import { t, tc } from '@/i18n'
import { saveFile } from '@/parts/save'
import { csv, type Door } from './proof'

/** Saves the proof of each opening as a table; each row has the facts of the whole too, so that it can stand alone. */
export function saveProof(
  kind: 'fire' | 'lockdown',
  facts: readonly (readonly [label: string, value: string])[],
  doors: readonly Door[],
  name: string,
): void {
  const columns: readonly (readonly [label: string, of: (d: Door) => string])[] = [
    [t('common.device'), (d) => d.name],
    [t('safety.direction'), (d) => tc('device.directionLong', d.direction)],
    [t('wall.state'), (d) => tc(`safety.${kind}State`, d.state)],
    [t('safety.commanded'), (d) => d.told ?? ''],
    [t('safety.confirmed'), (d) => d.confirmed ?? ''],
    [t('safety.tookSeconds'), (d) => (d.seconds === null ? '' : String(d.seconds))],
    [t('common.details'), (d) => d.problem],
  ]
  const head = [...facts.map(([label]) => label), ...columns.map(([label]) => label)]
  const same = facts.map(([, value]) => value)
  saveFile(csv([head, ...doors.map((d) => [...same, ...columns.map(([, of]) => of(d))])]), `${name}.csv`, 'text/csv')
}
