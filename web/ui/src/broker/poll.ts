import { onBeforeUnmount, onMounted } from 'vue'

/** How often a page of the broker asks again. */
export const pollEvery = 3_000
/** A page that nobody touches stops asking: else it would keep the session of an administrator who left. */
export const pollWhileTouched = 5 * 60_000

/** Calls ask every few seconds while the page is seen and used. */
export class Poll {
  private timer: ReturnType<typeof setInterval> | undefined
  private touched = 0

  constructor(
    private readonly ask: () => unknown,
    private readonly every = pollEvery,
    private readonly now: () => number = Date.now,
  ) {}

  start(): void {
    this.touch()
    for (const e of ['pointerdown', 'keydown'] as const) addEventListener(e, this.touch)
    this.timer = setInterval(() => this.tick(), this.every)
  }

  stop(): void {
    for (const e of ['pointerdown', 'keydown'] as const) removeEventListener(e, this.touch)
    clearInterval(this.timer)
  }

  private readonly touch = (): void => {
    this.touched = this.now()
  }

  private tick(): void {
    if (!document.hidden && this.now() - this.touched < pollWhileTouched) this.ask()
  }
}

/** A Poll for the life of a component. */
export function usePoll(ask: () => unknown, every = pollEvery): void {
  const poll = new Poll(ask, every)
  onMounted(() => poll.start())
  onBeforeUnmount(() => poll.stop())
}
