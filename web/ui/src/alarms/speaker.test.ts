import { describe, expect, it } from 'vitest'
import { Speaker } from './speaker'

/** A browser's sound that is let out only when may is true; says what it plays. */
function context() {
  const playing = new Set<{ loop: boolean; seconds: number }>()
  const made = {
    state: 'suspended',
    sampleRate: 8_000,
    destination: {},
    may: true,
    playing,
    onstatechange: () => undefined,
    resume() {
      if (made.may) made.state = 'running'
      return Promise.resolve()
    },
    createBuffer: (_: number, length: number, rate: number) => ({
      seconds: length / rate,
      copyToChannel: () => undefined,
    }),
    createBufferSource() {
      const source = {
        loop: false,
        buffer: { seconds: 0 },
        get seconds() {
          return source.buffer.seconds
        },
        connect: () => undefined,
        disconnect: () => undefined,
        start: () => void playing.add(source),
        stop: () => void playing.delete(source),
      }
      return source
    },
  }
  return made
}

const speakerOf = (c: ReturnType<typeof context>) => new Speaker(() => c as unknown as AudioContext)
const loops = (c: ReturnType<typeof context>) => [...c.playing].filter((s) => s.loop).map((s) => s.seconds)

describe('the loudspeaker', () => {
  it('is able only once the browser lets sound out', async () => {
    const c = context()
    const speaker = speakerOf(c)
    speaker.play('critical')
    expect(loops(c)).toEqual([])
    c.may = false
    expect(await speaker.open()).toBe(false)
    c.may = true
    expect(await speaker.open()).toBe(true)
    speaker.play('critical')
    expect(loops(c)).toEqual([1.2])
  })

  it('plays one sound at a time, on and on, and no second time what plays already', async () => {
    const c = context()
    const speaker = speakerOf(c)
    await speaker.open()
    speaker.play('major')
    const [first] = c.playing
    speaker.play('major')
    expect([...c.playing]).toEqual([first])
    speaker.play('blind')
    expect(loops(c)).toEqual([3])
    speaker.play(undefined)
    expect(loops(c)).toEqual([])
  })

  it('says so when the browser takes the sound away', async () => {
    const c = context()
    const speaker = speakerOf(c)
    await speaker.open()
    speaker.play('major')
    c.state = 'interrupted'
    c.onstatechange()
    expect(speaker.able.value).toBe(false)
    expect(loops(c)).toEqual([])
  })
})
