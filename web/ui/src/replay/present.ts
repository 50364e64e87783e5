import { computed, type Ref } from 'vue'
import { serverNow } from '@/live/clock'
import { alarms, commands, devices, layers, today } from '@/live/state'
import { useFollow } from '@/parts/follow'
import { usePoll } from '@/parts/poll'
import type { Window } from './window'

/** At most so often is a replay read again because of news, in ms: it may be 2,000 lines. */
export const followEvery = 5_000
/** So often without news, for what the feed does not tell (a picture, an entry of the trail), in ms. */
export const unaskedEvery = 30_000

/**
 * Reads a replay again by itself while its part of time is not over, by the server's clock. What is not read yet is not
 * known: nothing is drawn and nobody scrubs beyond the moment as of which it was read.
 *
 * @param readAt when the answer that is shown came, by this browser's clock in ms; 0: none came yet
 */
export function usePresent(
  window: Ref<Window>,
  device: Ref<string>,
  readAt: Ref<number>,
  refetch: (o?: object) => unknown,
) {
  const asOf = computed(() => (readAt.value > 0 ? readAt.value + serverNow() - Date.now() : 0))
  const following = computed(() => asOf.value > 0 && window.value.from <= asOf.value && asOf.value < window.value.to)
  // Each is a new list with each news: it is the news that counts.
  const news = () => [
    device.value ? devices.get(device.value)?.revision : devices.all(),
    commands.all(),
    layers.all(),
    alarms.all(),
    today.all(),
  ]
  useFollow(news, refetch, () => following.value, followEvery)
  usePoll((o) => following.value && refetch(o), unaskedEvery)
  return { asOf, following }
}
