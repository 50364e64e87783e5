import { watch, type WatchSource } from 'vue'
import { pollEvery, usePoll } from './poll'

/**
 * Asks again when there is news: every few seconds at most, however much comes, and by the rules of usePoll. So neither
 * many devices nor a screen that nobody looks at makes a flood of questions or keeps a session. An asking that somebody
 * else began may be older than the news and is cancelled; its own never is.
 */
export function useFollow(
  news: WatchSource,
  refetch: (o: { cancelRefetch: true }) => unknown,
  when: () => boolean = () => true,
  every = pollEvery,
): void {
  let fresh = false
  let asking = false
  watch(news, () => (fresh = true))
  usePoll(async () => {
    if (!fresh || asking || !when()) return
    fresh = false
    asking = true
    try {
      await refetch({ cancelRefetch: true })
    } finally {
      asking = false
    }
  }, every)
}
