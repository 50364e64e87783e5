/** The kinds of acts that the audit trail can be searched by: how their verbs begin. */
export const groups = [
  'device.',
  'batch.',
  'command.',
  'layer.',
  'fire.',
  'alarm.',
  'schedule.',
  'site.',
  'zone.',
  'credential.',
  'token.',
  'operator.',
  'session.',
  'right.',
  'broker.',
  'audit.',
] as const
