import { shallowRef } from 'vue'
import { language } from '@/i18n'
import type { Language } from '@/i18n'

type Words = (cron: string, locale: string) => string

// cronstrue comes when the first line is to be worded.
const words = shallowRef<Words>()
let asked = false

const locales: Record<Language, string> = { 'zh-CN': 'zh_CN', en: 'en' }

async function load(): Promise<void> {
  const { default: cronstrue } = await import('cronstrue')
  await import('cronstrue/locales/zh_CN')
  words.value = (cron, locale) =>
    cronstrue.toString(cron, { locale, use24HourTimeFormat: true, throwExceptionOnParseError: true })
}

/** A cron line in words of the page's language; empty while loading or if it cannot be said. */
export function cronWords(cron: string): string {
  if (!asked) {
    asked = true
    void load()
  }
  const say = words.value
  if (!say || cron === '') return ''
  try {
    return say(cron, locales[language.value])
  } catch {
    return ''
  }
}
