import type { Role } from '@/api/types'

/** Every role, the fewest rights first. */
export const roles: readonly Role[] = ['guard', 'auditor', 'installer', 'manager', 'administrator']
