import { computed, ref, watch, watchEffect } from 'vue'
import { audible } from '@/alarms/sounding'
import { byUrgency } from '@/alarms/inbox'
import { alarmWords } from '@/alarms/words'
import { t } from '@/i18n'
import { f } from '@/i18n/use'
import { now } from '@/live/clock'
import { link } from '@/live/live'
import { deviceName } from '@/live/places'
import { alarms } from '@/live/state'
import { notice } from './notice'

/** What the tab's small picture says. */
type Mark = 'calm' | 'alarm' | 'blind'
const marks: Record<Mark, string> = {
  calm: '/favicon.svg',
  alarm: '/favicon-alarm.svg',
  blind: '/favicon-blind.svg',
}

const hidden = ref(document.hidden)
const still = matchMedia('(prefers-reduced-motion: reduce)')

const calling = computed(() => alarms.all().filter(audible).sort(byUrgency))
const mark = computed<Mark>(() => (link.status === 'blind' ? 'blind' : calling.value.length > 0 ? 'alarm' : 'calm'))

/**
 * What stands before the title of the page. In a tab that nobody sees it changes each second between the count and the
 * words of the most urgent alarm.
 */
const words = computed(() => {
  if (link.status === 'blind') return t('wall.blindTitle')
  const first = calling.value[0]
  if (!first) return ''
  const count = `(${f.number(calling.value.length)})`
  const flashed = hidden.value && !still.matches && Math.floor(now.value / 1_000) % 2 === 0
  return flashed ? `${count} ${alarmWords(first)} · ${deviceName(first.device)}` : count
})

/** The tab of the page calls for whoever looks elsewhere; gives what ends it. */
export function startAttention(): () => void {
  const seen = (): void => void (hidden.value = document.hidden)
  document.addEventListener('visibilitychange', seen)
  const stops = [
    watchEffect(() => (notice.value = words.value)),
    watch(mark, (m) => document.querySelector('link[rel="icon"]')?.setAttribute('href', marks[m]), { immediate: true }),
  ]
  return () => {
    document.removeEventListener('visibilitychange', seen)
    for (const stop of stops) stop()
    notice.value = ''
    document.querySelector('link[rel="icon"]')?.setAttribute('href', marks.calm)
  }
}
