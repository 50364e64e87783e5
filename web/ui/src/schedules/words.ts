import { shallowRef } from 'vue'
import { language } from '@/i18n'
import type { Language } from '@/i18n'

type Words = (cron: string, locale: string) => string

// cronstrue comes when the first line is to be worded.
const words = shallowRef<Words>()
let asked = false

const locales: Record<Language, string> = { 'zh-CN': 'zh_CN', en: 'en' }

/** The short names that the server takes, as lines that say the same. */
const names: Record<string, string> = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
}

/** Fetches what words lines. */
export async function loadWords(): Promise<void> {
  const { default: cronstrue } = await import('cronstrue')
  await import('cronstrue/locales/zh_CN')
  words.value = (cron, locale) =>
    cronstrue.toString(cron, { locale, use24HourTimeFormat: true, throwExceptionOnParseError: true })
}

/** A cron line in words of the page's language; empty while loading or if it cannot be said. */
export function cronWords(cron: string): string {
  if (!asked) {
    asked = true
    void loadWords()
  }
  const say = words.value
  const line = names[cron.trim().toLowerCase()] ?? cron.trim()
  if (!say || line === '') return ''
  try {
    return say(line, locales[language.value])
  } catch {
    return ''
  }
}
