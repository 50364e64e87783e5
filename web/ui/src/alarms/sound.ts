import { computed, ref, watch, watchEffect } from 'vue'
import { now, serverNow } from '@/live/clock'
import { link } from '@/live/live'
import { alarms } from '@/live/state'
import { me } from '@/session/session'
import { holds, mute, quiet, unmute } from './quiet'
import { audible, soundOf } from './sounding'
import { Speaker } from './speaker'
import { makeVoice } from './voice'

const speaker = new Speaker(() => new AudioContext())
const voice = makeVoice()

/** This session of the browser was allowed to sound: its next page opens the loudspeaker at the first press. */
const allowed = 'gatehouse.sound'

/** off: nobody would hear an alarm. elsewhere: another page of this browser sounds. muted: for a while, by somebody. */
export type SoundState = 'off' | 'on' | 'elsewhere' | 'muted'

/** Since when the page is blind, by the server's clock in ms. */
export const blindSince = ref<number>()
watch(
  () => link.status,
  (status) => {
    if (status !== 'blind') blindSince.value = undefined
    else blindSince.value ??= serverNow()
  },
  { immediate: true },
)

/** Asked for apart from the time: nothing but their change makes it look through all alarms again. */
const calling = computed(() => alarms.all().filter(audible))

/** What is to be heard now, here or in another page. */
export const wanted = computed(() =>
  soundOf({ alarms: calling.value, blindSince: blindSince.value, quiet: quiet.value, now: now.value }),
)

export const sound = computed<SoundState>(() => {
  if (holds(quiet.value, now.value)) return 'muted'
  if (speaker.able.value && voice.mine.value) return 'on'
  return voice.elsewhere.value ? 'elsewhere' : 'off'
})

/** How long the mute of this browser still holds, in ms. */
export const mutedFor = computed(() => (quiet.value ? Math.max(0, quiet.value.until - now.value) : 0))
export const mutedBy = computed(() => quiet.value?.by ?? '')

/** Opens the loudspeaker within a press and lets it be heard once. */
export async function allowSound(): Promise<void> {
  unmute()
  if (!(await speaker.open())) return
  sessionStorage.setItem(allowed, 'yes')
  voice.want()
  if (!wanted.value) speaker.once('major')
}

export const muteSound = (): void => mute(me.value?.name ?? '', serverNow())

/** Opens it again in a session that allowed it, within the first press on its next page. */
async function again(): Promise<void> {
  if (sessionStorage.getItem(allowed) !== 'yes' || navigator.userActivation?.isActive === false) return
  if (speaker.able.value || (await speaker.open().catch(() => false))) voice.want()
}

/** Sounds as long as somebody is signed in here; gives what ends it. */
export function startSound(): () => void {
  const presses = ['pointerup', 'keydown'] as const
  for (const p of presses) addEventListener(p, again)
  const look = (): void => voice.look()
  addEventListener('storage', look)
  const timer = setInterval(look, 1_000)
  look()
  if (speaker.able.value) voice.want()
  const stops = [
    watchEffect(() => speaker.play(voice.mine.value && speaker.able.value ? wanted.value : undefined)),
    // Whoever cannot be heard any more leaves the voice to another page.
    watch(speaker.able, (able) => able || voice.drop()),
  ]
  return () => {
    for (const p of presses) removeEventListener(p, again)
    removeEventListener('storage', look)
    clearInterval(timer)
    for (const stop of stops) stop()
    speaker.play(undefined)
    voice.drop()
  }
}
