import { ref } from 'vue'
import { api } from '@/api/endpoints'
import { queries } from '@/api/queries'
import { asProblem } from '@/api/problem'
import type { Me, Verb } from '@/api/types'
import { languages, useLanguage, type Language } from '@/i18n'
import { live, onSignedOut } from '@/live/live'
import { setTheme, theme, themes, type Theme } from '@/theme/theme'
import { noProof } from './proof'

/** How many characters a password has at least; the server decides. */
export const shortestPassword = 12

/** Who is signed in; null if nobody, undefined until the server was asked. */
export const me = ref<Me | null>()

/** True once the server said that no administrator exists. */
export const setupNeeded = ref(false)

/** True when a session ended without the user wanting it. */
export const expired = ref(false)

/** The page on which an account is finished before anything else can be done, if it is not. */
export const unfinished = (who: Me): 'password' | 'factor' | undefined =>
  who.mustChange ? 'password' : who.factorNeeded ? 'factor' : undefined

export const can = (verb: Verb): boolean => me.value?.verbs?.includes(verb) ?? false

/** The pages of this browser share one session: whoever signs in here is the user of all of them. */
const pages = new BroadcastChannel('gatehouse-user')
pages.onmessage = (said: MessageEvent<string>) => {
  if (me.value && me.value.id !== said.data) location.reload()
}

async function entered(who: Me): Promise<Me> {
  if (me.value?.id !== who.id) pages.postMessage(who.id)
  me.value = who
  setupNeeded.value = false
  expired.value = false
  const chosen = languages.find((l) => l === who.language)
  if (chosen) await useLanguage(chosen)
  const look = themes.find((x) => x === who.theme)
  if (look && look !== theme.value) setTheme(look)
  if (!unfinished(who)) live.start()
  return who
}

/** Asks the server who this browser is. */
export async function resume(): Promise<void> {
  try {
    setupNeeded.value = (await api.setupNeeded()).needed
    if (setupNeeded.value) me.value = null
    else await entered(await api.me())
  } catch (err) {
    me.value = null
    const problem = asProblem(err)
    if (problem.code !== 'unauthenticated') throw problem
  }
}

/** Signs in; code is asked for by the problem code_needed. */
export async function signIn(name: string, password: string, code?: string): Promise<void> {
  await entered(await api.signIn(name, password, code))
}

/** Signs in at a booth; whoever was signed in there is signed out. */
export async function enterBooth(person: string, pin: string): Promise<void> {
  await entered(await api.enterBooth({ person, pin }))
}

export async function setUp(token: string, name: string, password: string, language: Language): Promise<void> {
  await entered(await api.setUp({ token, name, password, language }))
}

/** Gives the user another password, and lets them in if they had to choose one first. */
export async function changePassword(old: string, password: string): Promise<void> {
  await api.changePassword(old, password)
  if (me.value?.mustChange) await entered({ ...me.value, mustChange: false })
}

/** The user's second factor was set up or given up: asks the server who they are now. */
export async function factorSet(): Promise<void> {
  await entered(await api.me())
}

let asking: Promise<void> | undefined

/** What the server shows somebody depends on it: their role and rights, where and when they hold. */
const rightsOf = (who: Me): string => JSON.stringify([who.role, who.verbs, who.scope])

/**
 * Asks the server again who the user is, after it refused what it allowed before or ended the link: another role, other
 * places, or an account that is not finished any more. With other rights no page goes on showing what the old ones got.
 */
export function meAgain(): Promise<void> {
  asking ??= (async () => {
    try {
      const who = await api.me()
      if (unfinished(who)) live.stop()
      if (!me.value) return
      const others = rightsOf(me.value) !== rightsOf(who)
      me.value = who
      if (others) void queries.resetQueries()
    } catch {
      // Whoever asked was told already.
    } finally {
      asking = undefined
    }
  })()
  return asking
}

/** Forgets who was signed in here: the server has ended the session. */
export function leave(): void {
  noProof()
  live.stop()
  queries.clear()
  me.value = null
}

/** Ends the session here and on the server. */
export async function signOut(): Promise<void> {
  await api.signOut().catch((err: unknown) => {
    if (asProblem(err).code !== 'unauthenticated') throw err
  })
  leave()
}

/** The server no longer knows this session. */
export function sessionLost(): void {
  if (!me.value) return
  expired.value = true
  leave()
}

/** Switches the language here at once and keeps it for the user. */
export async function chooseLanguage(l: Language): Promise<void> {
  await useLanguage(l)
  if (me.value) me.value = await api.setLanguage(l)
}

/** Switches the theme here at once and keeps it for the user. */
export async function chooseTheme(next: Theme): Promise<void> {
  setTheme(next)
  if (me.value) me.value = await api.setTheme(next)
}

onSignedOut(sessionLost)
