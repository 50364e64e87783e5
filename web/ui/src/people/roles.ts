import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api } from '@/api/endpoints'
import type { Role, Verb } from '@/api/types'
import { t, tc } from '@/i18n'

/** The roles of the platform, the fewest rights first. */
export const platformRoles = ['guard', 'auditor', 'installer', 'manager', 'administrator'] as const
type PlatformRole = (typeof platformRoles)[number]

const ofPlatform = (id: string): id is PlatformRole => platformRoles.some((r) => r === id)

/** What a role is called: one of the platform in the language of the page, an own one by its name. */
export const roleWord = (id: string, name?: string): string => (ofPlatform(id) ? t(`people.roles.${id}`) : name || id)

/** A right in words. */
export const rightWord = (v: Verb): string => tc('people.verbs', v)

/** Rights in words; they have commas of their own. */
export const rightWords = (verbs: readonly Verb[] | null): string =>
  (verbs ?? []).map(rightWord).join(t('people.apart'))

/** What a role may do, in words. */
export const roleMay = (r: Role): string => (ofPlatform(r.id) ? t(`people.may.${r.id}`) : rightWords(r.verbs))

/** All roles, as the server has them. */
export function useRoles() {
  const { data, error, isPending, refetch } = useQuery({ queryKey: ['roles'], queryFn: () => api.roles() })
  const roles = computed(() => data.value?.roles ?? [])
  const wordOf = (id: string): string => roleWord(id, roles.value.find((r) => r.id === id)?.name)
  return { roles, error, isPending, refetch, wordOf }
}
