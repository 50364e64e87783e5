/** The types of events, as the contract with devices has them. */
export const eventTypes = [
  'passage',
  'movement',
  'snapshot',
  'plate',
  'fire',
  'forced_open',
  'held_open_too_long',
  'opened_without_command',
  'tailgating',
  'reverse_entry',
  'climb_over',
  'pass_timeout',
  'tamper',
  'fault',
] as const
