import { onScopeDispose, ref } from 'vue'

/** How long a press must last to count as meant, in ms. */
export const holdFor = 2_000

/** A press that must last: how far it is, from 0 to 1, and act once it has lasted long enough. Ends with its scope. */
export function useHold(act: () => void, lasts = holdFor) {
  const part = ref(0)
  let timer: ReturnType<typeof setInterval> | undefined
  let began = 0

  function tick(): void {
    part.value = Math.min(1, (Date.now() - began) / lasts)
    if (part.value < 1) return
    stop()
    act()
  }

  function start(): void {
    if (timer !== undefined) return
    began = Date.now()
    timer = setInterval(tick, 50)
  }

  /** Let go: what was not held long enough did nothing. */
  function stop(): void {
    clearInterval(timer)
    timer = undefined
    part.value = 0
  }

  onScopeDispose(stop)
  return { part, start, stop }
}
