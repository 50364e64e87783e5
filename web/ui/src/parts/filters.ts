import { useRoute, useRouter, type LocationQueryRaw } from 'vue-router'

/** Which part of a list is shown: of another list it says nothing. */
const paging = { before: undefined, after: undefined, page: undefined }

/** The filters of a page, which stand in its address. */
export function useFilters(go: 'push' | 'replace' = 'push') {
  const route = useRoute()
  const router = useRouter()
  const filter = (name: string) => String(route.query[name] ?? '')
  return {
    filter,
    /** Some of them as a question to the server has them: without what is empty. */
    asked: <N extends string>(...names: N[]) =>
      Object.fromEntries(names.map((name) => [name, filter(name) || undefined])) as Partial<Record<N, string>>,
    /** Changes some of them; what is empty leaves the address, and the list starts at its beginning. */
    set: (change: LocationQueryRaw) => void router[go]({ query: merged(route.query, change) }),
  }
}

/** A query with a change, without what is empty and at the beginning of the list. */
export function merged(query: LocationQueryRaw, change: LocationQueryRaw): LocationQueryRaw {
  return Object.fromEntries(Object.entries({ ...query, ...paging, ...change }).filter(([, value]) => value))
}

/** What was typed or chosen. */
export const valueOf = (e: Event) => (e.target as HTMLInputElement | HTMLSelectElement).value
