import { QueryClient } from '@tanstack/vue-query'
import { Problem } from './problem'

/** The cache of REST lists. A refusal is final; only no answer and an overloaded server are tried again. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (failures, err) =>
        failures < 2 && err instanceof Problem && (err.code === 'unreachable' || err.code === 'unavailable'),
      staleTime: 5_000,
      refetchOnWindowFocus: false,
    },
  },
})
