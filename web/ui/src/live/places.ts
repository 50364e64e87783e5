import type { Device, Site, Zone } from '@/api/types'
import { ownZone } from '@/i18n/zoned'
import { devices, sites, zones } from './state'

export const siteOf = (id?: string): Site | undefined => sites.value.find((s) => s.id === id)
export const zoneOf = (id?: string): Zone | undefined => zones.value.find((z) => z.id === id)

/** Names, and the id of what is not known here (any more). */
export const siteName = (id: string): string => siteOf(id)?.name ?? id
export const zoneName = (id: string): string => zoneOf(id)?.name ?? id
export const deviceName = (id: string): string => devices.get(id)?.name ?? id

/** Where something stands, as people say it. */
export const placeWords = (site?: string, zone?: string): string =>
  [siteOf(site)?.name, zoneOf(zone)?.name].filter(Boolean).join(' · ')

/** The time zone of a site. */
export const timeZoneOf = (site: string): string | undefined => siteOf(site)?.timeZone

/** The time zones of a site, or of all. */
export const timeZones = (site?: string): string[] => [
  ...new Set(sites.value.filter((s) => !site || s.id === site).map((s) => s.timeZone)),
]

/** The time zone whose days are meant: that of the site; of several with different ones that of the browser. */
export function dayZone(site?: string): string {
  const [zone, ...others] = timeZones(site)
  return zone && others.length === 0 ? zone : ownZone()
}

/** Devices of a site and a zone, or of all, by name as people count: gate 2 before gate 10. */
export const devicesIn = (site?: string, zone?: string): Device[] =>
  devices
    .all()
    .filter((d) => (!site || d.site === site) && (!zone || d.zone === zone))
    .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
