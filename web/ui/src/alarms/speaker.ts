import { ref } from 'vue'
import { render, type Sound } from './tones'

/** The part of the browser's sound that is used; tests give their own. */
export type MakeContext = () => AudioContext

/**
 * Plays sounds until it is told otherwise. A round of a sound is a buffer that the browser repeats by itself: it goes on
 * in a tab that nobody sees, whose timers are slowed down.
 */
export class Speaker {
  /** A sound can be heard: somebody allowed it with a press, and the browser let it. */
  readonly able = ref(false)
  private context: AudioContext | undefined
  private source: AudioBufferSourceNode | undefined
  private playing: Sound | undefined

  constructor(private readonly make: MakeContext) {}

  /**
   * Opens the loudspeaker; browsers let it only within a press of a key or button. True once it can be heard. Another
   * press may try again.
   */
  async open(): Promise<boolean> {
    this.context ??= this.made()
    if (this.context.state !== 'running') await this.context.resume()
    this.look()
    return this.able.value
  }

  /** Plays a sound from its beginning, on and on; nothing ends it. */
  play(sound: Sound | undefined): void {
    if (sound === this.playing) return
    this.source?.stop()
    this.source?.disconnect()
    this.source = undefined
    this.playing = undefined
    if (!sound || !this.context || !this.able.value) return
    this.source = this.sourceOf(this.context, sound)
    this.source.loop = true
    this.source.start()
    this.playing = sound
  }

  /** Plays one round of a sound: that somebody has heard it is the only proof that it works. */
  once(sound: Sound): void {
    if (this.context && this.able.value) this.sourceOf(this.context, sound).start()
  }

  private made(): AudioContext {
    const context = this.make()
    context.onstatechange = () => this.look()
    return context
  }

  /** The browser may take the loudspeaker away: a phone that rings, a device that was pulled out. */
  private look(): void {
    this.able.value = this.context?.state === 'running'
    if (!this.able.value) this.play(undefined)
  }

  private sourceOf(context: AudioContext, sound: Sound): AudioBufferSourceNode {
    const samples = render(sound, context.sampleRate)
    const buffer = context.createBuffer(1, samples.length, context.sampleRate)
    buffer.copyToChannel(samples, 0)
    const source = context.createBufferSource()
    source.buffer = buffer
    source.connect(context.destination)
    return source
  }
}
