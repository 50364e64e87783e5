import { computed, ref } from 'vue'
import { useFilters } from '@/parts/filters'

/** How big the tiles are: many at a glance, the usual, or readable across a room. */
export const sizes = ['dense', 'normal', 'large'] as const
export type Size = (typeof sizes)[number]

/** The least width of a tile and how high it usually is, in pixels: the second only until it was seen. */
export const measures: Record<Size, { width: number; height: number; gap: number }> = {
  dense: { width: 158, height: 76, gap: 8 },
  normal: { width: 230, height: 172, gap: 12 },
  large: { width: 340, height: 270, gap: 16 },
}

const store = 'gatehouse.wall.size'
const known = (text: string | null): Size | undefined => sizes.find((s) => s === text)

/** The size in the address; without one there, the last that was chosen in this browser. */
export function useSize() {
  const { filter, set } = useFilters('replace')
  const kept = ref<Size>(known(localStorage.getItem(store)) ?? 'normal')
  return {
    size: computed<Size>(() => known(filter('size')) ?? kept.value),
    resize: (size: Size) => {
      kept.value = size
      localStorage.setItem(store, size)
      set({ size })
    },
  }
}
