/** The revision of a removal: it stands against any other. */
export const gone = -1

interface Change {
  revision: number
  apply: () => void
}

/**
 * Collects changes by topic and applies them together: a wall of 500 tiles is painted ten times a second at most,
 * however many messages come. Of several changes of one topic the newest revision wins.
 */
export class Batch {
  private readonly waiting = new Map<string, Change>()
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly every = 100) {}

  /** Holds a change for the next flush. */
  add(topic: string, revision: number, apply: () => void): void {
    const held = this.waiting.get(topic)
    if (held && revision !== gone && held.revision > revision) return
    this.waiting.set(topic, { revision, apply })
    this.timer ??= setTimeout(() => this.flush(), this.every)
  }

  flush(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    const due = Array.from(this.waiting.values())
    this.waiting.clear()
    for (const change of due) change.apply()
  }

  drop(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    this.waiting.clear()
  }
}
