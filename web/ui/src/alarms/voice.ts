import { ref, type Ref } from 'vue'

/** Which of a browser's pages may be heard: one at a time, and another as soon as that one is closed. */
export interface Voice {
  /** This page has it. */
  readonly mine: Ref<boolean>
  /** Another page of this browser has it, as far as is known. */
  readonly elsewhere: Ref<boolean>
  /** Waits for it, and keeps it until drop. */
  want(): void
  drop(): void
  /** Looks who has it; called about every second. */
  look(): void
}

const name = 'gatehouse-sound'

/** By the browser's own locks, which a page that crashed gives up as well. */
export class LockedVoice implements Voice {
  readonly mine = ref(false)
  readonly elsewhere = ref(false)
  private release: (() => void) | undefined
  private giveUp: AbortController | undefined

  constructor(private readonly locks: LockManager) {}

  want(): void {
    if (this.giveUp) return
    const giveUp = (this.giveUp = new AbortController())
    this.locks
      .request(name, { signal: giveUp.signal }, () => {
        if (giveUp.signal.aborted) return
        this.mine.value = true
        this.elsewhere.value = false
        return new Promise<void>((release) => (this.release = release))
      })
      .catch(() => undefined) // given up while it waited
  }

  drop(): void {
    this.giveUp?.abort()
    this.giveUp = undefined
    this.release?.()
    this.release = undefined
    this.mine.value = false
  }

  look(): void {
    if (this.mine.value) return
    void this.locks.query().then(({ held }) => {
      this.elsewhere.value = !this.mine.value && (held ?? []).some((l) => l.name === name)
    })
  }
}

/** How long it is believed that a page has the voice, after it last said so, in ms. */
const believed = 5_000

/** Where the browser has no locks, over plain HTTP: the page that has the voice says so again and again. */
export class SaidVoice implements Voice {
  readonly mine = ref(false)
  readonly elsewhere = ref(false)
  private wanted = false

  constructor(
    private readonly id: string,
    private readonly store: Storage,
    private readonly now: () => number = Date.now,
  ) {}

  want(): void {
    this.wanted = true
    this.look()
  }

  drop(): void {
    this.wanted = false
    if (this.mine.value) this.store.removeItem(name)
    this.mine.value = false
  }

  /** Is also called when another page wrote: of two that took it at once the later one has it. */
  look(): void {
    const [holder, until] = (this.store.getItem(name) ?? '').split(' ')
    const held = holder !== '' && holder !== this.id && Number(until) > this.now()
    this.elsewhere.value = held
    this.mine.value = this.wanted && !held
    if (this.mine.value) this.store.setItem(name, `${this.id} ${this.now() + believed}`)
  }
}

/** The voice of this page, by the best that the browser has. */
export function makeVoice(): Voice {
  const locks = (navigator as Partial<Navigator>).locks
  if (locks) return new LockedVoice(locks)
  const id = Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16)).join('')
  return new SaidVoice(id, localStorage)
}
