import { t, tc } from '@/i18n'

/** The openings that a detail names (device, or device/direction), by the names of their devices. */
export function withOpenings(
  detail: Record<string, unknown>,
  nameOf: (device: string) => string | undefined,
): Record<string, unknown> {
  const { openings } = detail
  if (!Array.isArray(openings)) return detail
  const word = (opening: unknown): string => {
    const [device = '', direction] = String(opening).split('/')
    const name = nameOf(device) ?? device
    return direction ? t('common.colon', { label: name, value: tc('device.directionLong', direction) }) : name
  }
  return { ...detail, openings: openings.map(word).join(' · ') }
}
