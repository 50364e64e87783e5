import { t } from '@/i18n'

type Rule = readonly [pattern: RegExp, name: string]

// The first that fits counts: nearly every browser says that it is Chrome and Safari, too.
const browsers: readonly Rule[] = [
  [/MicroMessenger\//, 'WeChat'],
  [/DingTalk\//, 'DingTalk'],
  [/\bEdg(A|iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/SamsungBrowser\//, 'Samsung Internet'],
  [/HuaweiBrowser\//, 'Huawei Browser'],
  [/MiuiBrowser\//, 'Mi Browser'],
  [/UCBrowser\//, 'UC Browser'],
  [/QQBrowser\//, 'QQ Browser'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bVersion\/.*\bSafari\//, 'Safari'],
]
const systems: readonly Rule[] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/OpenHarmony|HarmonyOS/, 'HarmonyOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/CrOS/, 'ChromeOS'],
  [/Macintosh|Mac OS X/, 'macOS'],
  [/Linux|X11/, 'Linux'],
]
/** A program that says its name and its version, and that it is no browser. */
const program = /^([A-Za-z][\w.-]{1,30})\/[\w.]+/

/** How many characters of what nobody knows are shown. */
const longest = 60

const first = (rules: readonly Rule[], text: string): string | undefined => rules.find(([p]) => p.test(text))?.[1]

/** What a browser says of itself, as people call it; what is not known here as it is, shortened. */
export function agentWords(agent: string): string {
  if (agent === '') return t('common.none')
  const browser = first(browsers, agent)
  const system = first(systems, agent)
  if (browser && system) return t('people.browserOn', { browser, system })
  if (browser) return browser
  const name = program.exec(agent)?.[1]
  if (name && name !== 'Mozilla') return t('people.program', { name })
  return agent.length > longest ? `${agent.slice(0, longest)}…` : agent
}
