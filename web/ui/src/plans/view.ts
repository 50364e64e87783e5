export interface Size {
  w: number
  h: number
}

/** How a picture is looked at: how large, and where its upper left corner stands in the room, in CSS pixels. */
export interface View {
  zoom: number
  x: number
  y: number
}

export const farthest = 1
export const nearest = 8
/** One press of a button or a key. */
export const step = 1.4

/** The size at which the whole picture is seen: that of zoom 1. */
export function fitted(room: Size, picture: Size): Size {
  if (room.w <= 0 || room.h <= 0) return { w: 0, h: 0 }
  const by = Math.min(room.w / picture.w, room.h / picture.h)
  return { w: picture.w * by, h: picture.h * by }
}

/** A view that leaves no room empty beside a picture that could fill it: a smaller one stands in the middle. */
export function clamped(v: View, room: Size, fit: Size): View {
  const zoom = Math.min(nearest, Math.max(farthest, v.zoom))
  const along = (at: number, space: number, size: number) =>
    size <= space ? (space - size) / 2 : Math.min(0, Math.max(space - size, at))
  return { zoom, x: along(v.x, room.w, fit.w * zoom), y: along(v.y, room.h, fit.h * zoom) }
}

/** Nearer or farther, with what is under a point of the room staying there. */
export function zoomed(v: View, factor: number, at: { x: number; y: number }, room: Size, fit: Size): View {
  const zoom = Math.min(nearest, Math.max(farthest, v.zoom * factor))
  const by = zoom / v.zoom
  return clamped({ zoom, x: at.x - (at.x - v.x) * by, y: at.y - (at.y - v.y) * by }, room, fit)
}

export function panned(v: View, dx: number, dy: number, room: Size, fit: Size): View {
  return clamped({ ...v, x: v.x + dx, y: v.y + dy }, room, fit)
}

/** How near a pin may come to the edge of the room before the picture is moved. */
const margin = 48

/** Moves the picture no more than it takes to have a place of it in sight. */
export function shown(v: View, place: { x: number; y: number }, room: Size, fit: Size): View {
  const along = (at: number, space: number) =>
    at < margin ? margin - at : at > space - margin ? space - margin - at : 0
  const x = v.x + place.x * fit.w * v.zoom
  const y = v.y + place.y * fit.h * v.zoom
  return panned(v, along(x, room.w), along(y, room.h), room, fit)
}
