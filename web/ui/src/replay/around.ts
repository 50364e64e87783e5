import type { RouteLocationRaw } from 'vue-router'
import type { Span } from './window'

/** The replay of what happened around a moment at a device, or at another place. */
export function replayAround(
  where: { device?: string; zone?: string; site?: string },
  at: string,
  span: Span = '5m',
): RouteLocationRaw {
  const { device, zone, site } = where
  const place = device ? { device } : zone ? { zone } : { site }
  return { name: 'replay', query: { ...place, at, span } }
}
