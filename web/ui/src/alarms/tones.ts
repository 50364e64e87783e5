/** What can be heard, the most urgent first. */
export type Sound = 'critical' | 'blind' | 'major'

/** One tone: its pitch in hertz, and when it begins and how long it lasts, in seconds. */
interface Tone {
  pitch: number
  at: number
  lasts: number
}

interface Score {
  /** Seconds until it begins again. */
  every: number
  tones: Tone[]
}

/**
 * The sounds, told apart with eyes closed: a critical alarm goes up and down without a rest, a major one beeps twice and
 * rests, a silent screen falls, low and slow.
 */
export const scores: Record<Sound, Score> = {
  critical: {
    every: 1.2,
    tones: [0, 0.6].flatMap((at) => [
      { pitch: 988, at, lasts: 0.28 },
      { pitch: 740, at: at + 0.3, lasts: 0.28 },
    ]),
  },
  blind: {
    every: 3,
    tones: [
      { pitch: 392, at: 0, lasts: 0.5 },
      { pitch: 262, at: 0.55, lasts: 0.8 },
    ],
  },
  major: {
    every: 2.5,
    tones: [
      { pitch: 660, at: 0, lasts: 0.22 },
      { pitch: 660, at: 0.34, lasts: 0.22 },
    ],
  },
}

/** Seconds in which a tone begins and ends: without them the loudspeaker clicks. */
const edge = 0.012

/** How far a tone is in, 0 to 1, at a time within it. */
const shape = (t: Tone, at: number): number => Math.min(1, (at - t.at) / edge, (t.at + t.lasts - at) / edge)

/** One round of a sound as samples between -1 and 1; played again and again it is the sound. */
export function render(sound: Sound, rate: number): Float32Array<ArrayBuffer> {
  const { every, tones } = scores[sound]
  const samples = new Float32Array(Math.round(every * rate))
  for (const tone of tones) {
    const end = Math.min(samples.length, Math.floor((tone.at + tone.lasts) * rate))
    for (let i = Math.ceil(tone.at * rate); i < end; i++) {
      const at = i / rate
      const turn = 2 * Math.PI * tone.pitch * (at - tone.at)
      // The octave above lets small loudspeakers of office machines carry it.
      samples[i] = 0.5 * shape(tone, at) * (0.75 * Math.sin(turn) + 0.25 * Math.sin(2 * turn))
    }
  }
  return samples
}
