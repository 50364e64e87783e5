import { computed, watch } from 'vue'
import { useRoute } from 'vue-router'
import { useFilters } from '@/parts/filters'
import { lanesOf, lanesText, type Lane } from './lanes'

const store = 'gatehouse.lanes'

/** The lanes of this screen: they stand in the address, and this browser remembers them. */
export function useLanes() {
  const route = useRoute()
  const { filter, set } = useFilters('replace')
  const lanes = computed(() => lanesOf(filter('lanes')))

  // An address that names none gets those of the last time.
  watch(
    () => [route.name, filter('lanes')] as const,
    ([name, said]) => {
      if (name !== 'booth') return // the page is being left
      const text = lanesText(lanesOf(said))
      const kept = lanesText(lanesOf(localStorage.getItem(store) ?? ''))
      if (text) localStorage.setItem(store, text)
      else if (kept) set({ lanes: kept })
    },
    { immediate: true },
  )

  function choose(next: readonly Lane[]): void {
    const text = lanesText(next)
    if (!text) localStorage.removeItem(store)
    set({ lanes: text })
  }
  return { lanes, choose }
}
