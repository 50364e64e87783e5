import { ref, watch } from 'vue'
import { useFilters } from './filters'

/**
 * What somebody types into a filter of the address. It is kept apart from the address until `put`, so that a page
 * that is drawn anew in between takes no letter away; it follows the address when somebody else changes that.
 */
export function useTyped(name: string, go: 'push' | 'replace' = 'push') {
  const { filter, set } = useFilters(go)
  const typed = ref(filter(name))
  let mine: string[] = [] // what was put and may not stand in the address yet
  watch(
    () => filter(name),
    (said) => {
      const at = mine.indexOf(said)
      mine = at < 0 ? [] : mine.slice(at + 1)
      if (at < 0) typed.value = said
    },
  )
  return {
    typed,
    put: () => {
      const text = typed.value.trim()
      mine.push(text)
      set({ [name]: text })
    },
  }
}
