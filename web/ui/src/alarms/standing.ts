import { onScopeDispose, shallowRef, ref, watch } from 'vue'

/** How long after a change a press is not meant for what stands there now, in ms. */
export const settles = 700

/**
 * arriving: it has just come, and a press is meant for what lies under it. ready: it may be pressed. changed: another
 * stands in its place, or it is leaving: the second press of a double press must touch neither it nor what lies under it.
 */
export type Standing = 'gone' | 'arriving' | 'ready' | 'changed' | 'leaving'

/** Lets something come, change and go in the same place so that no press hits what the finger was not meant for. */
export function useStanding<T extends { id: string }>(source: () => T | undefined) {
  const shown = shallowRef<T>()
  const standing = ref<Standing>('gone')
  let timer: ReturnType<typeof setTimeout> | undefined

  function settle(now: Standing, then: () => void): void {
    standing.value = now
    clearTimeout(timer)
    timer = setTimeout(then, settles)
  }
  const ready = (): void => void (standing.value = 'ready')
  const gone = (): void => {
    standing.value = 'gone'
    shown.value = undefined
  }

  watch(
    source,
    (next) => {
      const before = shown.value
      if (!next) {
        if (before) settle('leaving', gone)
        return
      }
      shown.value = next
      if (!before) settle('arriving', ready)
      else if (before.id !== next.id || standing.value === 'leaving') settle('changed', ready)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  return { shown, standing }
}
