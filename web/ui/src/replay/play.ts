import { computed, onScopeDispose, ref, type Ref } from 'vue'

/** How many times as fast as life a replay plays. */
export const speeds = [1, 4, 16] as const
export type Speed = (typeof speeds)[number]

/**
 * Plays a moment forward until an end. With reduced motion it goes on in steps of a second of life, not smoothly. It
 * ends with its component.
 */
export function usePlay(
  at: Ref<number>,
  end: () => number,
  still = () => matchMedia('(prefers-reduced-motion: reduce)').matches,
) {
  const speed = ref<Speed>(1)
  const timer = ref<ReturnType<typeof setInterval>>()
  const playing = computed(() => timer.value !== undefined)
  let last = 0

  function tick(): void {
    const now = performance.now()
    at.value = Math.min(end(), at.value + (now - last) * speed.value)
    last = now
    if (at.value >= end()) pause()
  }
  function pause(): void {
    clearInterval(timer.value)
    timer.value = undefined
  }
  function play(): void {
    pause()
    last = performance.now()
    timer.value = setInterval(tick, still() ? 1_000 : 100)
  }
  onScopeDispose(pause)
  return { speed, playing, play, pause }
}
