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
  const cameras = [...new Set(own.map((e) => e.camera).filter(Boolean))]
  const seen = await Promise.all(cameras.map((device) => api.pictures({ device, limit: 24 })))
  const pictures = seen.flatMap((s) => s.pictures ?? [])
  return own.map((event) => withPicture(event, pictures))
}

/** A passage with its picture, if that has come. */
export function withPicture(event: GateEvent, pictures: readonly Picture[]): Passage {
  const picture = pictures.find((p) => p.passage?.device === event.device && p.passage.event === event.id)
  const plate = picture?.plate || event.plate || /^plate:(.+)$/.exec(event.credential)?.[1] || ''
  return { event, picture, plate }
}
