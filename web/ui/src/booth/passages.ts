import { api } from '@/api/endpoints'
import type { GateEvent, Picture } from '@/api/types'
import type { Lane } from './lanes'

/** How many of the last passages a lane shows. */
export const lastPassages = 4

/** A passage, and the picture that a camera took of it. */
export interface Passage {
  event: GateEvent
  picture: Picture | undefined
  /** As the camera read it, or as the device said by which plate it opened; empty: none is known. */
  plate: string
}

/** The last passages of a lane, the newest first. */
export async function passagesOf(lane: Lane): Promise<Passage[]> {
  // A device tells the passages of both its directions in one row.
  const limit = lane.direction ? lastPassages * 5 : lastPassages
  const said = (await api.events({ device: lane.device, type: 'passage', limit })).events ?? []
  const own = said.filter((e) => !lane.direction || e.direction === lane.direction).slice(0, lastPassages)
  // A picture is of the camera beside the lane, or of the device itself.
  const eyes = [...new Set(own.map((e) => e.camera || (e.picture ? e.device : '')).filter(Boolean))]
  const seen = await Promise.all(eyes.map((device) => api.pictures({ device, limit: 24 })))
  const pictures = seen.flatMap((s) => s.pictures ?? [])
  return own.map((event) => withPicture(event, pictures))
}

/** A passage with its picture, if that has come. */
export function withPicture(event: GateEvent, pictures: readonly Picture[]): Passage {
  const own = (p: Picture) => p.device === event.device && p.event === event.id
  const beside = (p: Picture) => p.passage?.device === event.device && p.passage.event === event.id
  const picture = pictures.find((p) => own(p) || beside(p))
  const plate = picture?.plate || event.plate || /^plate:(.+)$/.exec(event.credential)?.[1] || ''
  return { event, picture, plate }
}
