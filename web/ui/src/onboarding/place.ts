import { api } from '@/api/endpoints'
import { live } from '@/live/live'

/** Stands for a site or a zone that is to be made. */
export const anew = '+'

/** Where a device is to stand: places that exist, or the names of new ones. */
export interface Place {
  site: string
  siteName: string
  timeZone: string
  zone: string
  zoneName: string
}

/**
 * Makes the site and the zone that do not exist yet, and gives the zone. What was made stands in the place at once: who
 * tries again after a failure makes nothing twice.
 */
export async function zoneOfPlace(p: Place): Promise<string> {
  if (p.site === anew) {
    p.site = (await api.addSite(p.siteName.trim(), p.timeZone)).id
    p.zone = anew
    await live.refresh()
  }
  if (p.zone === anew) {
    p.zone = (await api.addZone(p.site, p.zoneName.trim())).id
    await live.refresh()
  }
  return p.zone
}
