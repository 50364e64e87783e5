/** Moves the focus between tiles with the arrow keys: to the next tile in that direction on the screen. */
export function moveFocus(e: KeyboardEvent, wall: HTMLElement): void {
  const from = document.activeElement
  if (!(from instanceof HTMLElement) || !from.matches('[data-device]')) return
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key]
  if (!step) return
  e.preventDefault()
  const tiles = Array.from(wall.querySelectorAll<HTMLElement>('[data-device]'))
  if (step[0]) return tiles[tiles.indexOf(from) + step[0]]?.focus()
  const here = from.getBoundingClientRect()
  const beyond = tiles
    .map((tile) => ({ tile, at: tile.getBoundingClientRect() }))
    .filter(({ at }) => (at.top - here.top) * step[1]! > 4)
    .sort((a, b) => distance(a.at, here) - distance(b.at, here))
  beyond[0]?.tile.focus()
}

/** Rows count more than columns: the nearest row first, then the nearest tile in it. */
function distance(a: DOMRect, b: DOMRect): number {
  return Math.abs(a.top - b.top) * 20 + Math.abs(a.left - b.left)
}
