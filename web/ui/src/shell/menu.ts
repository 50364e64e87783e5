import { computed, ref } from 'vue'
import { can } from '@/session/session'
import { groups } from './nav'

const store = 'gatehouse.menu'
const narrow = matchMedia('(width < 1280px)')
const chosen = ref(localStorage.getItem(store))
const small = ref(narrow.matches)
narrow.addEventListener('change', (e) => (small.value = e.matches))

/** What the user may see of the navigation. */
export const menu = computed(() =>
  groups.map((g) => ({ ...g, entries: g.entries.filter((e) => can(e.verb)) })).filter((g) => g.entries.length > 0),
)

/** Whether the side bar shows drawings only: as somebody chose in this browser, else where there is little room. */
export const folded = computed(() => (chosen.value ? chosen.value === 'folded' : small.value))

export function fold(is: boolean): void {
  chosen.value = is ? 'folded' : 'open'
  localStorage.setItem(store, chosen.value)
}
