import { watch, type WatchSource } from 'vue'
import { usePoll } from './poll'

/**
 * Asks again when there is news: every few seconds at most, however much comes, and by the rules of usePoll. So neither
 * many devices nor a screen that nobody looks at makes a flood of questions or keeps a session.
 */
export function useFollow(
  news: WatchSource,
  refetch: (o: { cancelRefetch: false }) => unknown,
  when: () => boolean = () => true,
): void {
  let fresh = false
  watch(news, () => (fresh = true))
  usePoll((o) => {
    if (!fresh || !when()) return
    fresh = false
    return refetch(o)
  })
}
