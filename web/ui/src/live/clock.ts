import { ref } from 'vue'

// The server's clock decides every age on the screen: a browser whose clock is wrong must not show wrong ages.
let offset = 0

/** The server's time now, in ms. It ticks once a second for the eye. */
export const now = ref(Date.now())

let timer: ReturnType<typeof setInterval> | undefined

/** Takes the server's clock from an answer. */
export function setServerTime(at: string): void {
  const server = Date.parse(at)
  if (Number.isFinite(server)) offset = server - Date.now()
  now.value = serverNow()
}

export function serverNow(): number {
  return Date.now() + offset
}

export function startClock(): void {
  timer ??= setInterval(() => (now.value = serverNow()), 1_000)
}

export function stopClock(): void {
  clearInterval(timer)
  timer = undefined
}
