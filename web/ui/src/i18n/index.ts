import { createI18n } from 'vue-i18n'
import { computed } from 'vue'
import type { Messages } from './zh-CN'

export type Language = 'zh-CN' | 'en'
export const languages: readonly Language[] = ['zh-CN', 'en']

type Leaves<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Leaves<T[K]>}` }[keyof T & string]

/** Every key of the master language: a key that does not exist is a compile error. */
export type Key = Leaves<Messages>

const load: Record<Language, () => Promise<{ default: object }>> = {
  'zh-CN': () => import('./zh-CN'),
  en: () => import('./en'),
}

export const i18n = createI18n({
  legacy: false,
  locale: 'zh-CN',
  fallbackLocale: false,
  missingWarn: false,
  fallbackWarn: false,
  messages: {} as Record<string, Record<string, string>>,
})

/** The language now: a ref, so that all that reads it changes with it. */
export const language = computed(() => i18n.global.locale.value as Language)

/** Translates. Values stand for {name} in the text. */
export function t(key: Key, values: Record<string, unknown> = {}): string {
  return i18n.global.t(key, values)
}

/** Like t with a form for one and another for many, by count. */
export function tn(key: Key, count: number, values: Record<string, unknown> = {}): string {
  return i18n.global.t(key, { count, ...values }, count)
}

/**
 * Translates a code that the server sent (area.code, with _ for whatever is no letter or digit), or gives the code
 * itself if it is not known here.
 */
export function tc(area: string, code: string): string {
  const key = `${area}.${code.toLowerCase().replace(/[^a-z0-9]+/g, '_')}`
  return code !== '' && i18n.global.te(key) ? i18n.global.t(key) : code
}

/** The language of somebody who has not chosen one: the browser's. Chinese speakers get Chinese, all others English. */
export function browserLanguage(wanted: readonly string[] = navigator.languages): Language {
  for (const w of wanted) {
    if (w.toLowerCase().startsWith('zh')) return 'zh-CN'
    if (w.toLowerCase().startsWith('en')) return 'en'
  }
  return wanted.length === 0 ? 'zh-CN' : 'en'
}

const store = 'gatehouse.language'

/** The language before sign-in: the last one used in this browser, or the browser's. */
export function rememberedLanguage(): Language {
  const kept = localStorage.getItem(store)
  return languages.find((l) => l === kept) ?? browserLanguage()
}

/** Shows the console in a language. */
export async function useLanguage(l: Language): Promise<void> {
  if (!i18n.global.availableLocales.includes(l)) {
    i18n.global.setLocaleMessage(l, (await load[l]()).default as Record<string, string>)
  }
  i18n.global.locale.value = l
  document.documentElement.lang = l
  localStorage.setItem(store, l)
}
