import { nextTick, ref, watch, type Ref } from 'vue'

/**
 * The tile that had the focus last or was opened last: it is drawn however far away it is, so that the focus has where to
 * come back to. Where the columns change the tiles are drawn anew: the tile takes its focus with it, and stays in sight.
 */
export function useKept(
  wall: Readonly<Ref<HTMLElement | null>>,
  columns: Readonly<Ref<number>>,
  selected: () => string,
) {
  const kept = ref('')
  watch(selected, (id) => (kept.value = id || kept.value), { immediate: true })
  watch(columns, async () => {
    const focused = wall.value?.contains(document.activeElement)
    if (!focused && !selected()) return
    await nextTick()
    const tile = wall.value?.querySelector<HTMLElement>(`[data-device="${CSS.escape(kept.value)}"]`)
    if (focused) tile?.focus()
    tile?.scrollIntoView({ block: 'nearest' })
  })
  return {
    kept,
    keep: (e: FocusEvent) => (kept.value = (e.target as HTMLElement).dataset.device ?? kept.value),
  }
}
