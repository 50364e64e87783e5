import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'

/** The filters of a page, which stand in its address. */
export function useFilters() {
  const route = useRoute()
  const router = useRouter()
  return {
    filter: (name: string) => String(route.query[name] ?? ''),
    /** Changes some of them; what is empty leaves the address. */
    set: (change: LocationQueryRaw) => void router.push({ query: merged(route.query, change) }),
  }
}

/** A query with a change, without what is empty. */
export function merged(query: LocationQueryRaw, change: LocationQueryRaw): LocationQueryRaw {
  return Object.fromEntries(Object.entries({ ...query, ...change }).filter(([, value]) => value))
}

/** What was typed or chosen. */
export const valueOf = (e: Event) => (e.target as HTMLInputElement | HTMLSelectElement).value
