import { describe, expect, it } from 'vitest'
import { render, scores, type Sound } from './tones'

const sounds = Object.keys(scores) as Sound[]

describe('the sounds', () => {
  it.each(sounds)(
    '%s begins and ends in silence, is never louder than the loudspeaker takes, and is heard',
    (sound) => {
      const samples = render(sound, 8_000)
      expect(samples).toHaveLength(Math.round(scores[sound].every * 8_000))
      expect(samples[0]).toBe(0)
      expect(Math.abs(samples.at(-1)!)).toBeLessThan(0.05)
      const loudest = samples.reduce((most, s) => Math.max(most, Math.abs(s)), 0)
      expect(loudest).toBeLessThanOrEqual(1)
      expect(loudest).toBeGreaterThan(0.3)
    },
  )

  it('differ in pitch, so that they are told apart', () => {
    const pitches = sounds.flatMap((s) => [...new Set(scores[s].tones.map((t) => t.pitch))])
    expect(new Set(pitches).size).toBe(pitches.length)
  })
})
