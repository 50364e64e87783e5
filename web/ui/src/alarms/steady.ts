import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'

/** How long after a touch or a key nothing moves in a list, in ms. */
export const heldFor = 8_000

/** Whether somebody's pointer or finger is at a list: bind its listeners to what is around the list. */
export function useHeld() {
  const over = ref(false)
  const touched = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  function touch(): void {
    touched.value = true
    clearTimeout(timer)
    timer = setTimeout(() => (touched.value = false), heldFor)
  }
  onScopeDispose(() => clearTimeout(timer))
  return {
    held: computed(() => over.value || touched.value),
    listeners: {
      pointerenter: (e: PointerEvent) => void (over.value = e.pointerType === 'mouse'),
      pointerleave: () => void (over.value = false),
      pointerdown: (e: PointerEvent) => e.pointerType !== 'mouse' && touch(),
      keydown: touch,
    },
  }
}

/**
 * Rows that stand still while they are held: each shows what it is now, and none comes, goes or changes its place.
 * latest knows a row that has left the list.
 */
export function useSteady<T extends { id: string }>(
  rows: () => T[],
  held: Ref<boolean>,
  latest: (id: string) => T | undefined,
) {
  const order = shallowRef<string[]>([])
  const last = new Map<string, T>()
  const settle = (): void => {
    order.value = rows().map((r) => r.id)
  }
  watch(
    [rows, held],
    ([now, is]) => {
      if (!is) settle()
      for (const r of now) last.set(r.id, r)
      if (!is) for (const id of last.keys()) if (!order.value.includes(id)) last.delete(id)
    },
    { immediate: true },
  )
  const listed = computed(() => new Map(rows().map((r) => [r.id, r])))
  return {
    shown: computed(() =>
      order.value.flatMap((id) => {
        const row = listed.value.get(id) ?? latest(id) ?? last.get(id)
        return row ? [row] : []
      }),
    ),
    /** It is in the list no more, and stands there only so that nothing moves. */
    gone: (id: string): boolean => !listed.value.has(id),
    waiting: computed(() => {
      const standing = new Set(order.value)
      return rows().filter((r) => !standing.has(r.id)).length
    }),
    settle,
  }
}
