import { onBeforeUnmount, onMounted, ref, watch, type Ref } from 'vue'
import { measures, type Size } from './size'

/** Some rows of a zone's tiles, which are drawn together or not at all. */
export interface Strip {
  ids: readonly string[]
  /** The place of its first tile in the zone, from 0. */
  first: number
}

/** About how many tiles a strip has. */
const many = 24

const cut = new WeakMap<readonly string[], { columns: number; strips: readonly Strip[] }>()

/** A zone's tiles in strips of whole rows. The same list in the same columns gives the same strips. */
export function stripsOf(ids: readonly string[], columns: number): readonly Strip[] {
  const held = cut.get(ids)
  if (held?.columns === columns) return held.strips
  const size = Math.ceil(many / columns) * columns
  const strips: Strip[] = []
  for (let first = 0; first < ids.length; first += size) strips.push({ ids: ids.slice(first, first + size), first })
  cut.set(ids, { columns, strips })
  return strips
}

/** How many tiles stand side by side in so many pixels. */
export function columnsIn(width: number, size: Size): number {
  const m = measures[size]
  return Math.max(1, Math.floor((width + m.gap) / (m.width + m.gap)))
}

/** How high so many tiles are, in pixels, as long as nobody has seen them. */
export function heightOf(tiles: number, columns: number, size: Size): number {
  const m = measures[size]
  const rows = Math.ceil(tiles / columns)
  return rows * m.height + (rows - 1) * m.gap
}

/** The columns of tiles that an element has room for, as its width changes. */
export function useColumns(el: Readonly<Ref<HTMLElement | null>>, size: () => Size): Ref<number> {
  const columns = ref(columnsIn(document.documentElement.clientWidth, size()))
  const measure = () => (columns.value = columnsIn(el.value?.clientWidth ?? 0, size()))
  const observer = new ResizeObserver(measure)
  onMounted(() => {
    measure()
    observer.observe(el.value!)
  })
  onBeforeUnmount(() => observer.disconnect())
  watch(size, measure)
  return columns
}
