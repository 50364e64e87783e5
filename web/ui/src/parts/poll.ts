import { onBeforeUnmount, onMounted } from 'vue'
import { me } from '@/session/session'

/** How often a page asks again for what the feed does not tell. */
export const pollEvery = 3_000
/** An administrator's page that nobody touches stops asking: else it would keep the session of one who left. */
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
    const left = me.value?.role === 'administrator' && this.now() - this.touched >= pollWhileTouched
    if (!document.hidden && !left) this.ask()
  }
}

/**
 * A Poll for the life of a component. It never cancels the asking that goes on: that one has to come to its end, so that
 * a server that has gone silent, or is slow, is seen.
 */
export function usePoll(refetch: (o: { cancelRefetch: false }) => unknown, every = pollEvery): void {
  const poll = new Poll(() => refetch({ cancelRefetch: false }), every)
  onMounted(() => poll.start())
  onBeforeUnmount(() => poll.stop())
}
