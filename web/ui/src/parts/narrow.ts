import { onScopeDispose, readonly, ref, type Ref } from 'vue'

/** Whether the window is narrower than so many CSS pixels, now and as it changes. */
export function useNarrow(width: number): Readonly<Ref<boolean>> {
  const query = matchMedia(`(width < ${width}px)`)
  const narrow = ref(query.matches)
  const look = () => (narrow.value = query.matches)
  query.addEventListener('change', look)
  onScopeDispose(() => query.removeEventListener('change', look))
  return readonly(narrow)
}
