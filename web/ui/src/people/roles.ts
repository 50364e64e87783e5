import { useQuery } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api } from '@/api/endpoints'
import { t } from '@/i18n'

/** The roles of the platform, the fewest rights first. */
export const platformRoles = ['guard', 'auditor', 'installer', 'manager', 'administrator'] as const
type PlatformRole = (typeof platformRoles)[number]

const ofPlatform = (id: string): id is PlatformRole => platformRoles.some((r) => r === id)

/** What a role is called: one of the platform in the language of the page, an own one by its name. */
export const roleWord = (id: string, name?: string): string => (ofPlatform(id) ? t(`people.roles.${id}`) : name || id)

/** What a role of the platform may do, in words; empty for an own role. */
export const roleMay = (id: string): string => (ofPlatform(id) ? t(`people.may.${id}`) : '')

/** All roles, as the server has them. */
export function useRoles() {
  const { data, error, isPending, refetch } = useQuery({ queryKey: ['roles'], queryFn: () => api.roles() })
  const roles = computed(() => data.value?.roles ?? [])
  const wordOf = (id: string): string => roleWord(id, roles.value.find((r) => r.id === id)?.name)
  return { roles, error, isPending, refetch, wordOf }
}
